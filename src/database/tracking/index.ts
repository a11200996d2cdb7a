export { reloadStatements } from './copy-statements.ts';
export { reloadTables } from './reload.ts';
export type { TrackingRound } from './round.ts';
export { followStatements, trackingRound } from './rounds.ts';
export { copyStage, followStage, trackStage, untrackStage } from './stages.ts';
export { reloadedTables, trackedTables } from './tables.ts';
export { trackScript } from './track-script.ts';
export { untrackScript } from './untrack-script.ts';
