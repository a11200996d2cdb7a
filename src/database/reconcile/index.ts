export { holdObjects, restoreObjects } from './hold.ts';
export { holdStatements, restoreStatements } from './hold-statements.ts';
export { pinStage, unpinStage } from './pin.ts';
export { type PinMethod, pinMethod } from './pin-statements.ts';
export { refuseForeignCopy } from './refusals.ts';
export { repairRange, repairStatements } from './repair.ts';
export { reconcileStage, reconcileStageWith, type Sizes } from './run.ts';
