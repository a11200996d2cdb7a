import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutoverOrder } from '../../../src/checklist/index.ts';
import { machinePlan, planOf } from '../../support/state.ts';

const names = Array.from({ length: 8 }, (_each, index) => `m${index}`);

/** A plan in which m<i> may wait for any of `after[i]`. */
const planWith = (after: readonly (readonly string[])[], tiers: readonly ('critical' | 'normal')[] = []) =>
  planOf({
    machines: Object.fromEntries(
      names.map((name, index) => [
        name,
        machinePlan({ after: [...(after[index] ?? [])], tier: tiers[index] ?? 'normal' }),
      ]),
    ),
  });

const tiersOf = fc.array(fc.constantFrom('critical' as const, 'normal' as const), {
  minLength: names.length,
  maxLength: names.length,
});

describe('the order of a cutover', () => {
  test('never brings anything up before what it waits for', () => {
    const earlier = fc.tuple(...names.map((_name, index) => fc.subarray(names.slice(0, index))));
    fc.assert(
      fc.property(earlier, tiersOf, (after, tiers) => {
        const turns = cutoverOrder(planWith(after, tiers));
        expect(turns.map(({ name }) => name).sort()).toEqual(names);
        const wave = new Map(turns.map(turn => [turn.name, turn.wave]));
        for (const turn of turns)
          for (const other of turn.after) expect(wave.get(other)).toBeLessThan(turn.wave);
      }),
    );
  });

  test('ends, with everything once, even where machines wait for each other in a circle', () => {
    const anything = fc.tuple(...names.map(() => fc.subarray(names)));
    fc.assert(
      fc.property(anything, after => {
        expect(
          cutoverOrder(planWith(after))
            .map(({ name }) => name)
            .sort(),
        ).toEqual(names);
      }),
    );
  });

  test('within a wave the tier that matters more goes first, then the name', () => {
    const tiers = [
      'normal',
      'critical',
      'normal',
      'critical',
      'normal',
      'normal',
      'normal',
      'normal',
    ] as const;
    const order = cutoverOrder(planWith([], tiers)).map(({ name }) => name);
    expect(order).toEqual(['m1', 'm3', 'm0', 'm2', 'm4', 'm5', 'm6', 'm7']);
  });

  test('a database has its turn among the machines', () => {
    const endpoint = { address: '10.20.0.9', user: 'landfall', password: 'env:SECRET' };
    const plan = planOf({
      machines: { web1: machinePlan({ after: ['Orders'] }), dc1: machinePlan() },
      databases: { Orders: { tier: 'normal', publisher: endpoint, subscriber: endpoint, after: ['dc1'] } },
    });
    expect(cutoverOrder(plan).map(({ name, kind, wave }) => [name, kind, wave])).toEqual([
      ['dc1', 'machine', 1],
      ['Orders', 'database', 2],
      ['web1', 'machine', 3],
    ]);
  });
});
