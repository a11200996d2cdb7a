import { describe, expect, it } from 'vitest';
import type { Difference, Looks } from '../../../../src/database/compare/index.ts';
import { settle } from '../../../../src/database/validate/settle.ts';

/** Both sides as values by key; `then` happens when everything is to arrive, once a call. */
const world = (
  left: Record<string, string>,
  right: Record<string, string>,
  then: readonly (() => void)[] = [],
) => {
  const seen = (side: Record<string, string>) =>
    new Map(Object.entries(side).map(([name, hash]) => [name, { key: [name], hash }]));
  const looks: Looks = { left: async () => seen(left), right: async () => seen(right) };
  let round = 0;
  return {
    looks,
    arrived: async () => {
      then[round]?.();
      round += 1;
    },
    rounds: () => round,
  };
};

const suspect = (...differences: [Difference['kind'], string][]) => [
  { range: {}, differences: differences.map(([kind, key]) => ({ kind, key: [key] })) },
];

describe('a difference that was seen while rows were written', () => {
  it('is none where the row has arrived since', async () => {
    const right: Record<string, string> = { a: 'old' };
    const { looks, arrived, rounds } = world({ a: 'new', b: 'b' }, right, [
      () => Object.assign(right, { a: 'new', b: 'b' }),
    ]);
    const settled = await settle(suspect(['different', 'a'], ['missing', 'b']), looks, arrived);
    expect(settled).toEqual({ differences: [[]], moving: 0 });
    expect(rounds()).toBe(1);
  });

  it('counts where the row stood still and everything has arrived', async () => {
    const { looks, arrived } = world({ a: '1', b: '2' }, { a: '0', c: '3' });
    const settled = await settle(
      suspect(['different', 'a'], ['missing', 'b'], ['extra', 'c']),
      looks,
      arrived,
    );
    expect(settled.differences).toEqual([
      [
        { kind: 'different', key: ['a'] },
        { kind: 'missing', key: ['b'] },
        { kind: 'extra', key: ['c'] },
      ],
    ]);
  });

  it('is looked at again where the row was written meanwhile, and is what it then is', async () => {
    const left: Record<string, string> = { a: '1' };
    const right: Record<string, string> = { a: '0' };
    const { looks, arrived, rounds } = world(left, right, [
      () => Object.assign(left, { a: '2' }),
      () => delete right['a'],
    ]);
    const settled = await settle(suspect(['different', 'a']), looks, arrived);
    expect(settled.differences).toEqual([[{ kind: 'missing', key: ['a'] }]]);
    expect(rounds()).toBe(2);
  });

  it('is never claimed of a row that is written at every look', async () => {
    const left: Record<string, string> = { a: '0' };
    let n = 0;
    const { looks, arrived } = world(
      left,
      { a: 'behind' },
      Array.from({ length: 9 }, () => () => {
        n += 1;
        Object.assign(left, { a: String(n) });
      }),
    );
    expect(await settle(suspect(['different', 'a']), looks, arrived)).toEqual({
      differences: [[]],
      moving: 1,
    });
  });

  it('asks nothing where nothing differs', async () => {
    const { looks, arrived, rounds } = world({}, {});
    expect(await settle([], looks, arrived)).toEqual({ differences: [], moving: 0 });
    expect(rounds()).toBe(0);
  });
});
