/** What a cutover does to machines and their hypervisors, one deed an item of the checklist. */
export { bringUpDeed } from './bring-up.ts';
export { checkDeed } from './check.ts';
export { commitDeed } from './commit.ts';
export { isExact, lastVerified, lateWrites } from './exact.ts';
export { lastCopyDeed } from './last-copy.ts';
export { liveVolume, standbyHost } from './names.ts';
export { powerOffDeed } from './power-off.ts';
/** After an abort, when production runs: the replica back in its receiver. */
export { putBackDeed } from './put-back.ts';
export { quietDeed } from './quiet.ts';
