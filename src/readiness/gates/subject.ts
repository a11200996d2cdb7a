import type { MachineState } from '../../journal/state.ts';
import type { MachinePlan, Plan } from '../../plan/schema.ts';

/** What every machine check looks at. */
export interface MachineSubject {
  readonly plan: Plan;
  readonly name: string;
  readonly wanted: MachinePlan;
  /** Absent where the journal knows nothing of this machine. */
  readonly machine: MachineState | undefined;
  readonly now: number;
}
