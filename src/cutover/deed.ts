import type { Action } from '../step/action.ts';
import type { RetryPolicy, StepContext, View } from '../step/step.ts';

/**
 * What landfall does for one item of the checklist. `run` returns what showed that it worked, one sentence a line: it is
 * kept with the item. `undo` takes it back in an abort and must be safe to run when nothing, or half of it, was done.
 */
export interface Deed {
  /** Steps outside the cutover that must be done first: passes, verifications. */
  needs?(view: View): readonly string[];
  preview(view: View): readonly Action[];
  /** Asks the world. */
  done(context: StepContext, signal: AbortSignal): Promise<boolean>;
  run(context: StepContext, signal: AbortSignal): Promise<readonly string[]>;
  /** Absent where there is nothing to take back. */
  readonly undo?: {
    preview(view: View): readonly Action[];
    done(context: StepContext, signal: AbortSignal): Promise<boolean>;
    run(context: StepContext, signal: AbortSignal): Promise<readonly string[]>;
  };
  readonly retry?: RetryPolicy;
}
