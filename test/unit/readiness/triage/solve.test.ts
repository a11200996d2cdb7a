import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  choose,
  closureOf,
  compareScores,
  fits,
  type Job,
  orderOf,
  type Score,
  scoreOf,
} from '../../../../src/readiness/triage/solve.ts';

const job = (name: string, facts: Partial<Job> = {}): Job => ({
  name,
  priority: 1,
  cost: 0,
  bytes: 1,
  due: 10,
  needs: [],
  ...facts,
});

/** Fleets with every trouble there is: what fits nowhere, what waits in circles, what waits for somebody unknown. */
const fleet = (most: number): fc.Arbitrary<Job[]> =>
  fc
    .array(
      fc.record({
        priority: fc.integer({ min: 1, max: 3 }),
        cost: fc.constantFrom(0, 0, 10, 1200.5),
        bytes: fc.integer({ min: 0, max: 20 }),
        due: fc.integer({ min: -1, max: 60 }),
        needs: fc.array(fc.integer({ min: 0, max: most }), { maxLength: 2 }),
      }),
      { maxLength: most },
    )
    .map(all =>
      all.map((each, index) => ({ ...each, name: `m${index}`, needs: each.needs.map(n => `m${n}`) })),
    );

/** Every set there is, looked at one by one. */
function bruteForce(jobs: readonly Job[]): Score {
  let best = scoreOf(jobs, new Set());
  for (let bits = 0; bits < 2 ** jobs.length; bits += 1) {
    const taken = jobs.filter((_job, index) => (bits & (1 << index)) !== 0);
    const names = new Set(taken.map(({ name }) => name));
    if (!taken.every(each => each.needs.every(need => names.has(need)))) continue;
    if (!fits(taken)) continue;
    const score = scoreOf(jobs, names);
    if (compareScores(score, best) > 0) best = score;
  }
  return best;
}

describe('the best set', () => {
  it('is the best of all sets there are', () => {
    fc.assert(
      fc.property(fleet(9), jobs => {
        const { saved, exact } = choose(jobs);
        expect(exact).toBe(true);
        expect(compareScores(scoreOf(jobs, saved), bruteForce(jobs))).toBe(0);
      }),
      { numRuns: 400 },
    );
  });

  it('is closed and in time, however many there are', () => {
    fc.assert(
      fc.property(fleet(40), jobs => {
        const { saved } = choose(jobs);
        const named = new Map(jobs.map(each => [each.name, each]));
        const taken = jobs.filter(({ name }) => saved.has(name));
        expect(taken.every(each => each.needs.every(need => saved.has(need)))).toBe(true);
        expect(fits(taken)).toBe(true);
        for (const { name } of taken)
          for (const each of closureOf(named, name)) expect(saved.has(each)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it.each<[string, Job[], string[]]>([
    ['nothing', [], []],
    ['one that fits', [job('a')], ['a']],
    ['not one that is too large', [job('a', { bytes: 11 })], []],
    [
      'two small ones rather than a large one of the same priority',
      [job('a', { bytes: 10 }), job('b', { bytes: 5 }), job('c', { bytes: 5 })],
      ['b', 'c'],
    ],
    [
      'a large one of priority 1 rather than many of priority 2',
      [job('a', { bytes: 10 }), ...['b', 'c', 'd'].map(name => job(name, { priority: 2, bytes: 3 }))],
      ['a'],
    ],
    [
      'the dearer of two alike',
      [job('a', { bytes: 8, cost: 10 }), job('b', { bytes: 8, cost: 1200 })],
      ['b'],
    ],
    [
      'what an important one waits for, although it matters less by itself',
      [
        job('app', { bytes: 4, needs: ['db'] }),
        job('db', { bytes: 6, priority: 3 }),
        job('web', { priority: 2, bytes: 5 }),
      ],
      ['app', 'db'],
    ],
    [
      'nothing of a pair whose half does not fit',
      [job('app', { needs: ['db'] }), job('db', { bytes: 11 }), job('web', { priority: 2 })],
      ['web'],
    ],
    [
      'what waits in a circle, together',
      [job('a', { needs: ['b'] }), job('b', { needs: ['a'] })],
      ['a', 'b'],
    ],
    ['an empty one in time', [job('a', { bytes: 0, due: 0 }), job('b', { bytes: 0, due: -1 })], ['a']],
    ['not what needs somebody who is not there', [job('a', { needs: ['gone'] })], []],
  ])('holds %s', (_name, jobs, saved) => {
    expect([...choose(jobs).saved].toSorted()).toEqual(saved);
  });

  it('says so where it gave the search up', () => {
    // Sizes without a common measure: sets of the same number cannot be told apart early.
    const jobs = Array.from({ length: 400 }, (_, i) =>
      job(`m${i}`, {
        priority: 1 + (i % 3),
        bytes: 1000 + ((i * 7919) % 997),
        due: 120_000 + ((i * 31) % 50) * 900,
      }),
    );
    const { saved, exact } = choose(jobs);
    expect(exact).toBe(false);
    expect(fits(jobs.filter(({ name }) => saved.has(name)))).toBe(true);
    expect(saved.size).toBeGreaterThan(90);
  });
});

describe('the order', () => {
  it('makes nobody late that fits, and puts worth first where it can', () => {
    fc.assert(
      fc.property(fleet(12), all => {
        const jobs = all.filter(({ name }) => choose(all).saved.has(name));
        const order = orderOf(jobs);
        expect(order.map(({ name }) => name).toSorted()).toEqual(jobs.map(({ name }) => name).toSorted());
        let sent = 0;
        for (const each of order) {
          sent += each.bytes;
          expect(sent).toBeLessThanOrEqual(each.due);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('takes the more important first unless another would be late', () => {
    const names = (jobs: Job[]): string[] => orderOf(jobs).map(({ name }) => name);
    expect(names([job('b', { priority: 2, bytes: 3, due: 10 }), job('a', { bytes: 6, due: 10 })])).toEqual([
      'a',
      'b',
    ]);
    expect(names([job('b', { priority: 2, bytes: 3, due: 4 }), job('a', { bytes: 6, due: 10 })])).toEqual([
      'b',
      'a',
    ]);
  });
});
