export { backupStage } from './backup.ts';
export { restoreStage } from './restore.ts';
export { type ShippingRound, shipLogsStage, shippingRound } from './ship.ts';
export { tailScript } from './statements.ts';
