import type { Stage } from '../stage.ts';
import { observe, observeStatements } from './observe.ts';
import { isWorthTelling } from './worth.ts';

/** One look at how the copy follows, told where it is worth telling. It is never done: the next look may say otherwise. */
export const observeStage: Stage = {
  id: 'observe',
  title: ({ name }) => `look how the copy of ${name} follows`,
  preview: observeStatements,
  done: () => Promise.resolve(false),
  async run(work) {
    const before = work.state.observed;
    const sample = await observe(work);
    if (isWorthTelling(before, sample, work.clock.now()))
      await work.emit({ type: 'database.observed', database: work.name, sample });
  },
};
