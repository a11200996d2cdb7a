export { classify, isOfData } from './classify.ts';
export { type Drained, type DrainOptions, drainedStatements, proveDrained } from './drained.ts';
export { isNewer, readMarker, readMarkerStatement, writeMarker, writeMarkerStatement } from './marker.ts';
export { laneOf, observe, observeStatements } from './observe.ts';
export { observeStage } from './stage.ts';
export { isWorthTelling } from './worth.ts';
