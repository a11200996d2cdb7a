import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareTable, compareWhole } from '../../../../src/database/compare/index.ts';
import type { ProductName } from '../../../../src/lab/sqlserver/server/products.ts';
import { type SqlDouble, startDouble } from '../../../support/sql-double.ts';
import { all, differencesOf, inWorld, OPTIONS } from './world.ts';

/** Texts of what the hash itself is written with: a value must not pass for two, for its neighbour or for NULL. */
const text = fc.option(
  fc.string({ unit: fc.constantFrom('~', ';', ':', '1', '2', 'N', ' ', '😀'), maxLength: 6 }),
);
const row = fc.tuple(text, text, text);
const literal = (value: string | null): string => (value === null ? 'NULL' : `N'${value}'`);

const on = (products: readonly [ProductName, ProductName], work: () => void): void =>
  describe.each([[...products]])('%s and %s', (left, right) => {
    beforeAll(async () => {
      doubles = {
        left: await startDouble({ databases: ['production', 'copy'], product: left }),
        right: await startDouble({ databases: ['production', 'copy'], product: right }),
      };
    });
    afterAll(async () => {
      await doubles.left[Symbol.asyncDispose]();
      await doubles.right[Symbol.asyncDispose]();
    });
    work();
  });
let doubles: { readonly left: SqlDouble; readonly right: SqlDouble };

const told = (): void => {
  it('rows of texts are told apart whatever stands in them', async () => {
    await inWorld(doubles, async world => {
      await world.onBoth(
        "IF OBJECT_ID(N'dbo.h') IS NOT NULL DROP TABLE dbo.h",
        'CREATE TABLE dbo.h (id int PRIMARY KEY, a nvarchar(20) NULL, b varchar(max) NULL, c nvarchar(4000) NULL)',
      );
      const pairs = fc.sample(
        fc.tuple(row, row, fc.boolean()).map(([one, other, same]) => [one, same ? one : other] as const),
        { numRuns: 250, seed: 7 },
      );
      const insert = (side: 0 | 1): string =>
        `INSERT dbo.h VALUES ${pairs.map((pair, at) => `(${at}, ${pair[side].map(literal).join(', ')})`).join(', ')}`;
      await world.onLeft(insert(0));
      await world.onRight(insert(1));
      // A character that the code page of b has not is ? there, on both sides.
      const kept = (values: readonly (string | null)[]): string =>
        JSON.stringify([values[0], values[1]?.replaceAll('😀', '??') ?? null, values[2]]);
      const expected = pairs.flatMap(([one, other], at) =>
        kept(one) === kept(other) ? [] : [`different ${at}`],
      );
      const table = await world.table('h');
      expect(differencesOf(await all(compareTable(world.left, world.right, table, OPTIONS)))).toEqual(
        expected.sort(),
      );
    });
  });

  it('one byte of one row is found, wherever it is', async () => {
    await inWorld(doubles, async world => {
      await world.onBoth(
        "IF OBJECT_ID(N'dbo.liar') IS NOT NULL DROP TABLE dbo.liar",
        'CREATE TABLE dbo.liar (id int PRIMARY KEY, small varbinary(40) NOT NULL, large varbinary(max) NOT NULL, wide nvarchar(max) NOT NULL)',
        `WITH d AS (SELECT 0 AS n UNION ALL SELECT n + 1 FROM d WHERE n < 59)
INSERT dbo.liar SELECT n, CONVERT(varbinary(40), REPLICATE('a', 40)), CONVERT(varbinary(max), REPLICATE(CONVERT(varchar(max), 'b'), 9000 + n)),
  REPLICATE(CONVERT(nvarchar(max), N'c'), 5000 + n) FROM d`,
      );
      const table = await world.table('liar');
      const byte = '0x00';
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 0, max: 59 }),
          fc.constantFrom('small', 'large', 'wide'),
          fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
          fc.integer({ min: 5, max: 40 }),
          async (id, column, place, rangeRows) => {
            const length = column === 'small' ? 40 : column === 'large' ? 9000 + id : 5000 + id;
            const at = 1 + Math.floor(place * length);
            const lie = column === 'wide' ? "N'd'" : byte;
            const truth = column === 'wide' ? "N'c'" : column === 'small' ? '0x61' : '0x62';
            const put = (value: string): string =>
              `UPDATE dbo.liar SET ${column} = CONVERT(${column === 'wide' ? 'nvarchar(max)' : 'varbinary(max)'}, SUBSTRING(${column}, 1, ${at - 1})) + ${value} + SUBSTRING(${column}, ${at + 1}, 10000) WHERE id = ${id}`;
            await world.onRight(put(lie));
            const found = await all(compareTable(world.left, world.right, table, { ...OPTIONS, rangeRows }));
            expect(differencesOf(found)).toEqual([`different ${id}`]);
            await world.onRight(put(truth));
            expect(await compareWhole(world.left, world.right, table, OPTIONS)).toEqual({
              rowsLeft: 60,
              rowsRight: 60,
              equal: true,
            });
          },
        ),
        { numRuns: 8 },
      );
    });
  });
};

on(['2022-standard', '2022-standard'], told);
on(['2012-standard', '2022-standard'], told);

describe('a table without a key', () => {
  let double: SqlDouble;
  beforeAll(async () => {
    double = await startDouble({ databases: ['production', 'copy'] });
  });
  afterAll(() => double[Symbol.asyncDispose]());

  it('is equal where the rows are, each as often, in whatever order', async () => {
    await inWorld({ left: double, right: double }, async world => {
      await world.onBoth('CREATE TABLE dbo.w (a int NULL, b nvarchar(10) NULL)');
      await world.onLeft("INSERT dbo.w VALUES (1, N'x'), (1, N'x'), (2, NULL), (NULL, N'')");
      await world.onRight("INSERT dbo.w VALUES (NULL, N''), (1, N'x'), (2, NULL), (1, N'x')");
      const table = await world.table('w');
      const compared = (): Promise<unknown> => compareWhole(world.left, world.right, table, OPTIONS);
      expect(await compared()).toEqual({ rowsLeft: 4, rowsRight: 4, equal: true });
      // Two that are alike do not cancel each other.
      await world.onRight('UPDATE dbo.w SET a = 3 WHERE a = 1');
      expect(await compared()).toEqual({ rowsLeft: 4, rowsRight: 4, equal: false });
      await world.onRight(
        'UPDATE dbo.w SET a = 1 WHERE a = 3',
        'DELETE TOP (1) dbo.w WHERE a = 1',
        'INSERT dbo.w VALUES (2, NULL)',
      );
      expect(await compared()).toEqual({ rowsLeft: 4, rowsRight: 4, equal: false });
    });
  });
});
