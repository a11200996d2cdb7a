import { buildSteps } from '../../build/index.ts';
import { LandfallError } from '../../foundation/errors.ts';
import { moverOf } from '../../step/mover.ts';
import { isLinkFault, LINK_RETRY } from '../../step/retry.ts';
import type { Step, StepContext, View } from '../../step/step.ts';
import type { Deed } from '../deed.ts';

/**
 * After an abort: the replica in its receiver again, mounted, by the ordinary steps of the build, so that passes go on. Where
 * blocks fill it there is only the receiver to start, and nothing at all for a machine that has none.
 * It comes last, when production runs: nobody but the next pass waits for it.
 */
export function putBackDeed(machine: string): Deed {
  return {
    retry: LINK_RETRY,
    preview: view => stepsOf(view, machine).flatMap(step => step.preview(view)),
    async done(context, signal) {
      for (const step of stepsOf(context, machine)) if (!(await step.done(context, signal))) return false;
      return true;
    },
    async run(context, signal) {
      const again: string[] = [];
      for (const step of stepsOf(context, machine)) {
        if (await step.done(context, signal)) continue;
        context.sample({ text: step.title });
        await step.run(context, signal);
        again.push(step.title);
      }
      if (again.length === 0) return [];
      return [
        moverOf(context, machine) === 'files'
          ? `the replica of ${machine} is in its receiver again, mounted`
          : `the receiver of ${machine} runs again; its replica lies in the pool, where blocks go on to fill it`,
      ];
    },
  };
}

/** The replica's volumes and the standby's definition are no matter of the receiver, and stand before it. */
function stepsOf(view: View, machine: string): Step[] {
  const others = ['replica', 'standby'].map(name => `build/${machine}/${name}`);
  return buildSteps(view, machine).filter(({ id }) => !others.includes(id));
}

const isAway = (error: unknown): error is LandfallError =>
  error instanceof LandfallError && isLinkFault(error);

/** True, too, where the target does not answer: production is back, and that is what an abort is for. */
export async function isPutBack(
  context: StepContext,
  machine: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return await putBackDeed(machine).done(context, signal);
  } catch (error) {
    if (isAway(error)) return true;
    throw error;
  }
}

export async function putBackWhereReached(
  context: StepContext,
  machine: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    return await putBackDeed(machine).run(context, signal);
  } catch (error) {
    if (!isAway(error)) throw error;
    return [`the replica is not in its receiver yet: ${error.message}; landfall run PLAN puts it back`];
  }
}
