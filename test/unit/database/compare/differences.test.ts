import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differences, nameOf } from '../../../../src/database/compare/examine.ts';
import { chosen } from '../../../../src/database/compare/reads.ts';

const rows = fc
  .uniqueArray(fc.tuple(fc.string({ maxLength: 4 }), fc.string({ maxLength: 4 })), {
    selector: key => JSON.stringify(key),
    maxLength: 20,
  })
  .chain(keys =>
    fc.tuple(
      ...keys.map(key =>
        fc.record({ key: fc.constant(key), hash: fc.constantFrom('1', '2'), here: fc.boolean() }),
      ),
    ),
  );

describe('two lists of keys and hashes', () => {
  it('differ where a row is on one side only, or is otherwise there', () => {
    fc.assert(
      fc.property(rows, fc.infiniteStream(fc.integer({ min: 0, max: 3 })), (left, fates) => {
        const here = left.filter(row => row.here);
        const expected: string[] = [];
        const right = left.flatMap(row => {
          const fate = fates.next().value;
          const is = fate !== 0;
          const hash = fate === 1 ? `${row.hash}!` : row.hash;
          if (row.here && !is) expected.push(`missing ${JSON.stringify(row.key)}`);
          if (!row.here && is) expected.push(`extra ${JSON.stringify(row.key)}`);
          if (row.here && is && hash !== row.hash) expected.push(`different ${JSON.stringify(row.key)}`);
          return is ? [{ key: row.key, hash }] : [];
        });
        const found = differences(here, right.toReversed());
        expect(found.map(({ kind, key }) => `${kind} ${JSON.stringify(key)}`).sort()).toEqual(
          expected.sort(),
        );
      }),
    );
  });

  it('take no two keys for one', () => {
    const key = fc.array(fc.string({ unit: fc.constantFrom('1', ':', '2', 'a'), maxLength: 4 }), {
      minLength: 2,
      maxLength: 2,
    });
    fc.assert(
      fc.property(key, key, (one, other) => {
        expect(nameOf(one) === nameOf(other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });
});

describe('buckets that differ', () => {
  it('are bits of a map, each its own, below zero as well', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.array(fc.integer({ min: -499, max: 499 })),
        (count, all) => {
          const wanted = new Set(all.filter(each => Math.abs(each) < count));
          const { map } = chosen(count, wanted);
          for (let bucket = 1 - count; bucket < count; bucket += 1) {
            const at = bucket + count;
            expect((((map[at >> 3] ?? 0) >> (at & 7)) & 1) === 1).toBe(wanted.has(bucket));
          }
        },
      ),
    );
  });
});
