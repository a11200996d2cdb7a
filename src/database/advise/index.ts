import { LandfallError } from '../../foundation/errors.ts';
import type { DatabaseFinding, DatabaseTable, LaneForecast } from '../../journal/database-facts.ts';
import type { DatabasePlan } from '../../plan/schema.ts';
import type { Stage } from '../stage.ts';

/** What the advice is made of; what was not measured is absent, and the forecast says so. */
export interface AdviceFacts {
  readonly plan: Pick<DatabasePlan, 'lane' | 'clone' | 'backup'>;
  readonly tables: readonly DatabaseTable[];
  readonly findings: readonly DatabaseFinding[];
  /** Reserved bytes of the data files. */
  readonly dataBytes: number;
  readonly linkBytesPerSecond?: number;
  readonly sampledDifference?: number;
}

/** The lanes with what each costs, leaves out and can lose; exactly one is recommended unless all are closed. */
export const adviseLanes = (_facts: AdviceFacts): LaneForecast[] => {
  throw new LandfallError('bug', { what: 'adviseLanes is not written yet', next: [] });
};

export const planStage: Stage = {
  id: 'plan',
  title: ({ name }) => `find the lane for the database ${name}`,
  preview: () => [],
  done: async () => {
    throw new LandfallError('bug', { what: 'plan is not written yet', next: [] });
  },
  run: async () => {
    throw new LandfallError('bug', { what: 'plan is not written yet', next: [] });
  },
};
