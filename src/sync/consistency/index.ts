/** What the rest of sync, and through its door the other rooms, may use of consistency. */
export { clearLeftovers, dropHold, type Hold, PASS_RETRY, type Released, takeHold } from './hold.ts';
export { keeperActions, keeperOf, leftoverActions, snapshotLeftovers } from './keeper.ts';
export { labelOf } from './label.ts';
export { listSnapshots, type OwnSnapshot } from './leftovers.ts';
export { liveNote, type Part, snapshotPlan } from './snapshot-plan.ts';
