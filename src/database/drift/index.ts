export { compareCatalogs, emptyCatalog } from './compare.ts';
export { keptAlign, type MeasuredDrift, type Measuring, measureDrift } from './measure.ts';
export { addCheck, addForeignKey, switchConstraint, switchTrigger } from './script/constraint.ts';
export { createIndex, dropIndex } from './script/index.ts';
export { moduleBatch } from './script/module.ts';
export { createTable } from './script/table.ts';
export { alignStage } from './stage.ts';
export type { Drift, Question } from './types.ts';
