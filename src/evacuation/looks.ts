import type { Step } from '../step/step.ts';
import { neededBy } from './needs.ts';

/** A run that looks and does nothing else. */
export interface Looks {
  /** Only these machines, with what looking at them needs; none is everything. */
  readonly machines: readonly string[];
  /** Also where what is known is fresh. */
  readonly again: boolean;
}

/**
 * Narrows the steps of one run to what is to be looked at. Keep the function for as long as the run lasts: it remembers
 * what was looked at again, so that each is looked at once.
 */
export function narrowLooks({ machines, again }: Looks): (steps: readonly Step[]) => Step[] {
  const looked = new Set<string>();
  return steps => {
    const meant = new Set(machines);
    const needed = neededBy(steps, ({ subject }) => meant.size === 0 || meant.has(subject));
    const chosen = steps.filter(({ id }) => needed.has(id));
    return again ? chosen.map(step => lookedAtAnew(step, looked)) : chosen;
  };
}

const lookedAtAnew = (step: Step, looked: Set<string>): Step => ({
  ...step,
  done: (context, signal) => (looked.has(step.id) ? step.done(context, signal) : Promise.resolve(false)),
  async run(context, signal) {
    await step.run(context, signal);
    looked.add(step.id);
  },
});
