import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { MachineState } from '../../../../src/journal/state.ts';
import { detection, isChosen, nextRotation } from '../../../../src/sync/verify/sample.ts';

const check = {
  prop:
    <T extends [unknown, ...unknown[]]>(arbitraries: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
    (title: string, holds: (...values: T) => void): void =>
      it(title, () => fc.assert(fc.property(...arbitraries, holds), { numRuns: 60 })),
};

const random = { next: () => 0.5, bytes: (count: number) => new Uint8Array(count).fill(7) };
const verified = (rotation: { seed: string; round: number; of: number }): MachineState['verified'] => ({
  at: 1,
  pass: 1,
  passStartedAt: 0,
  ms: 0,
  filesCompared: 0,
  bytesCompared: 0,
  live: 0,
  mismatches: [],
  sample: { compared: 1, of: 2, unit: 'file', damagedShare: 0.01, detection: 0.5, rotation },
});

check.prop([
  fc.integer({ min: 2, max: 40 }),
  fc.array(fc.uint8Array({ minLength: 1, maxLength: 60 }), { maxLength: 100 }),
])('as many rounds as there are parts compare everything exactly once', (of, names) => {
  let last: MachineState['verified'];
  const seen = new Map<string, number>();
  const seeds = new Set<string>();
  for (let round = 0; round < of; round += 1) {
    const rotation = nextRotation(last, 1 / of, random);
    if (rotation === undefined) throw new Error('a share of less than all is a sample');
    expect(rotation).toMatchObject({ round, of });
    seeds.add(rotation.seed);
    for (const [index, name] of names.entries())
      if (isChosen(rotation, name)) seen.set(String(index), (seen.get(String(index)) ?? 0) + 1);
    last = verified(rotation);
  }
  expect(seeds.size).toBe(1);
  expect([...seen.values()].every(count => count === 1)).toBe(true);
  expect(seen.size).toBe(names.length);
  expect(nextRotation(last, 1 / of, random)?.round).toBe(0);
});

it('all is all; another share begins anew', () => {
  expect(nextRotation(undefined, 1, random)).toBeUndefined();
  expect(nextRotation(undefined, 0.7, random)).toBeUndefined();
  expect(nextRotation(verified({ seed: 's', round: 3, of: 10 }), 0.05, random)).toMatchObject({
    round: 0,
    of: 20,
  });
});

it('three hundred drawn ones find one damaged in a hundred with 95 %', () => {
  expect(detection(300)).toBeCloseTo(0.951, 3);
  expect(detection(0)).toBe(0);
});
