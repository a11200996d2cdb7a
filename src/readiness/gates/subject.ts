import type { MachineState } from '../../journal/state.ts';
import type { MachinePlan, Plan } from '../../plan/schema.ts';
import type { Mover } from '../../step/mover.ts';

/** What every machine check looks at. */
export interface MachineSubject {
  readonly plan: Plan;
  readonly name: string;
  readonly wanted: MachinePlan;
  /** Absent where the journal knows nothing of this machine. */
  readonly machine: MachineState | undefined;
  /** Who moves it now. */
  readonly mover: Mover;
  readonly now: number;
}
