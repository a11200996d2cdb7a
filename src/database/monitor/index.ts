export { classify, isOfData } from './classify.ts';
export { type Drained, type DrainOptions, drainedStatements, proveDrained } from './drained.ts';
export { laneOf } from './lane.ts';
export { isNewer, readMarker, readMarkerStatement, writeMarker, writeMarkerStatement } from './marker.ts';
export { observe, observeStatements } from './observe.ts';
export { observeStage } from './stage.ts';
export { isWorthTelling } from './worth.ts';
