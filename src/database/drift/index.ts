import { LandfallError } from '../../foundation/errors.ts';
import type { Stage } from '../stage.ts';

export { compareCatalogs } from './compare.ts';
export { keptAlign, type MeasuredDrift, type Measuring, measureDrift } from './measure.ts';
export type { Drift, Question } from './types.ts';

const absent = (): never => {
  throw new LandfallError('bug', { what: 'drift is not written yet', next: [] });
};

/** Makes the clone's schema equal to production's. */
export const alignStage: Stage = {
  id: 'align',
  title: ({ ref, name }) => `align the schema of ${ref.copy} with ${name}`,
  preview: () => [],
  done: async () => absent(),
  run: async () => absent(),
};
