import { afterAll, beforeAll, expect, test } from 'vitest';
import { Pair } from '../reconcile/pair.ts';
import { interleaving } from './interleaving.ts';

/** Few of the thousand; scripts/test-interleavings runs more, and any seed again. */

let pair: Pair;
beforeAll(async () => {
  pair = await Pair.start('2022-enterprise');
});
afterAll(async () => {
  await pair[Symbol.asyncDispose]();
});

test.each(Array.from({ length: 6 }, (_, at) => at + 1))(
  'no committed change is lost (seed %i)',
  async seed => {
    const outcome = await interleaving(pair, seed, `I${seed}`);
    expect(outcome.transactions).toBeGreaterThan(20);
  },
  60_000,
);
