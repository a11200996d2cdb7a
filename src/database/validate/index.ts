export { validateStage, validateWhole } from './stage.ts';
export { tablesToCompare } from './tables.ts';
