import { buildSteps } from '../../build/index.ts';
import { LINK_RETRY } from '../../step/retry.ts';
import type { Deed } from '../deed.ts';

/**
 * After an abort: the replica in its receiver again, mounted, by the ordinary steps of the build, so that passes go on.
 * It comes last, when production runs: nobody but the next pass waits for it.
 */
export function putBackDeed(machine: string): Deed {
  return {
    retry: LINK_RETRY,
    preview: view => buildSteps(view, machine).flatMap(step => step.preview(view)),
    async done(context, signal) {
      for (const step of buildSteps(context, machine)) if (!(await step.done(context, signal))) return false;
      return true;
    },
    async run(context, signal) {
      const again: string[] = [];
      for (const step of buildSteps(context, machine)) {
        if (await step.done(context, signal)) continue;
        context.sample({ text: step.title });
        await step.run(context, signal);
        again.push(step.title);
      }
      return [`the replica of ${machine} is in its receiver, mounted`, ...again];
    },
  };
}
