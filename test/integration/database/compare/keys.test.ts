import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareTable, compareWhole } from '../../../../src/database/compare/index.ts';
import { type SqlDouble, startDouble } from '../../../support/sql-double.ts';
import { all, differencesOf, inWorld, OPTIONS } from './world.ts';

interface Shape {
  readonly title: string;
  /** Columns of the key, and the key itself. */
  readonly columns: string;
  readonly key: string;
  /** Key `n` as T-SQL, and as the texts that the comparison tells. */
  readonly value: (n: number) => string;
  readonly texts: (n: number) => string;
}

const hex = (n: number, digits: number): string => n.toString(16).toUpperCase().padStart(digits, '0');
/** Multiplied by 37 the order of the keys is not the order of the numbers. */
const guid = (n: number): string => `${hex(n * 37, 8)}-0000-0000-0000-${hex((n * 53) % 4096, 12)}`;
const word = (n: number): string => `${['ä', 'A', 'z', 'b', 'ss', 'ß1'][n % 6]}${Math.floor(n / 6)}`;

const SHAPES: readonly Shape[] = [
  {
    title: 'one whole number with gaps',
    columns: 'k bigint NOT NULL',
    key: 'k',
    value: n => String(n ** 3 - 5_000_000),
    texts: n => String(n ** 3 - 5_000_000),
  },
  {
    title: 'one whole number, downwards',
    columns: 'k smallint NOT NULL',
    key: 'k DESC',
    value: n => String(n * 7),
    texts: n => String(n * 7),
  },
  {
    title: 'a GUID',
    columns: 'k uniqueidentifier NOT NULL',
    key: 'k',
    value: n => `'${guid(n)}'`,
    texts: guid,
  },
  {
    title: 'a text whose collation has an order of its own',
    columns: 'k nvarchar(20) COLLATE Latin1_General_CI_AS NOT NULL',
    key: 'k',
    value: n => `N'${word(n)}'`,
    texts: word,
  },
  {
    title: 'two columns, the second downwards',
    columns: 'a varchar(10) COLLATE SQL_Latin1_General_CP1_CI_AS NOT NULL, b int NOT NULL',
    key: 'a, b DESC',
    value: n => `'${'xyz'[n % 3]}', ${n}`,
    texts: n => `${'xyz'[n % 3]}|${n}`,
  },
  {
    title: 'three columns of moments, money and bytes',
    columns: 'a datetime2(7) NOT NULL, b money NOT NULL, c varbinary(8) NOT NULL',
    key: 'a, b, c',
    value: n => `'2026-11-0${1 + (n % 3)}T12:00:00.1234567', ${n % 7}.0001, 0x${hex(n, 4)}`,
    texts: n => `2026-11-0${1 + (n % 3)} 12:00:00.1234567|${n % 7}.0001|0x${hex(n, 4)}`,
  },
];

/** What each side has under a key: nothing, or one of two values. */
const cell = fc.constantFrom(undefined, undefined, 'one', 'other');

describe('ranges of keys', () => {
  let double: SqlDouble;
  beforeAll(async () => {
    double = await startDouble({ databases: ['production', 'copy'] });
  });
  afterAll(() => double[Symbol.asyncDispose]());

  it.each(SHAPES)('of $title: exactly what differs is told, whatever the ranges', async shape => {
    await inWorld({ left: double, right: double }, async world => {
      await world.onBoth(
        'DROP TABLE IF EXISTS dbo.k',
        `CREATE TABLE dbo.k (${shape.columns}, v varchar(10) NULL, PRIMARY KEY (${shape.key}))`,
      );
      const table = await world.table('k');
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.record({ left: cell, right: cell, same: fc.boolean() }), { maxLength: 60 }),
          fc.integer({ min: 1, max: 25 }),
          async (rows, rangeRows) => {
            const sides = rows.map(({ left, right, same }) => ({ left, right: same ? left : right }));
            for (const side of ['left', 'right'] as const) {
              const values = sides.flatMap((row, n) =>
                row[side] === undefined ? [] : [`(${shape.value(n)}, '${row[side]}')`],
              );
              const fill = values.length === 0 ? [] : [`INSERT dbo.k VALUES ${values.join(', ')}`];
              await world[side === 'left' ? 'onLeft' : 'onRight']('TRUNCATE TABLE dbo.k', ...fill);
            }
            const expected = sides
              .flatMap(({ left, right }, n) => {
                if (left === right) return [];
                const kind = left === undefined ? 'extra' : right === undefined ? 'missing' : 'different';
                return [`${kind} ${shape.texts(n)}`];
              })
              .sort();
            const verdicts = await all(
              compareTable(world.left, world.right, table, { ...OPTIONS, rangeRows }),
            );
            expect(differencesOf(verdicts)).toEqual(expected);
            const count = (side: 'left' | 'right'): number =>
              sides.filter(row => row[side] !== undefined).length;
            expect(verdicts.reduce((sum, { rowsLeft }) => sum + rowsLeft, 0)).toBe(count('left'));
            expect(verdicts.reduce((sum, { rowsRight }) => sum + rowsRight, 0)).toBe(count('right'));
            const whole = await compareWhole(world.left, world.right, table, OPTIONS);
            expect(whole.equal).toBe(expected.length === 0);
          },
        ),
        { numRuns: 12 },
      );
    });
  });

  it('can be taken up after any of them', async () => {
    await inWorld({ left: double, right: double }, async world => {
      await world.onBoth(
        'DROP TABLE IF EXISTS dbo.k',
        'CREATE TABLE dbo.k (a varchar(10) NOT NULL, b int NOT NULL, PRIMARY KEY (a, b DESC))',
      );
      const rows = Array.from({ length: 90 }, (_, n) => `('${'xyz'[n % 3]}', ${n})`).join(', ');
      await world.onLeft(`INSERT dbo.k VALUES ${rows}`);
      const table = await world.table('k');
      const whole = await all(compareTable(world.left, world.right, table, { ...OPTIONS, rangeRows: 7 }));
      for (const [at, { to }] of whole.entries()) {
        if (to === undefined) continue;
        const rest = await all(
          compareTable(world.left, world.right, table, { ...OPTIONS, rangeRows: 7, within: { from: to } }),
        );
        expect(differencesOf(rest)).toEqual(differencesOf(whole.slice(at + 1)));
      }
      const inside = await all(
        compareTable(world.left, world.right, table, {
          ...OPTIONS,
          rangeRows: 7,
          within: { from: ['x', '3'], to: ['z', '80'] },
        }),
      );
      const [left] = inside;
      expect(left?.from).toEqual(['x', '3']);
      expect(inside.at(-1)?.to).toEqual(['z', '80']);
      expect(inside.reduce((sum, { rowsLeft }) => sum + rowsLeft, 0)).toBe(1 + 30 + 4);
    });
  });

  it('are cut by the copy’s keys where the copy has far more rows', async () => {
    await inWorld({ left: double, right: double }, async world => {
      await world.onBoth(
        'DROP TABLE IF EXISTS dbo.k',
        'CREATE TABLE dbo.k (k varchar(10) NOT NULL PRIMARY KEY)',
      );
      const rows = Array.from({ length: 500 }, (_, n) => `('${String(n).padStart(5, '0')}')`).join(', ');
      await world.onRight(`INSERT dbo.k VALUES ${rows}`);
      await world.onLeft("INSERT dbo.k VALUES ('00250')");
      const table = await world.table('k');
      const verdicts = await all(compareTable(world.left, world.right, table, { ...OPTIONS, rangeRows: 20 }));
      expect(differencesOf(verdicts)).toHaveLength(499);
      expect(Math.max(...verdicts.map(({ rowsRight }) => rowsRight))).toBeLessThanOrEqual(60);
    });
  });

  it('hold where the copy has another collation: the truth’s order is the order', async () => {
    await inWorld({ left: double, right: double }, async world => {
      await world.onLeft(
        'DROP TABLE IF EXISTS dbo.k',
        'CREATE TABLE dbo.k (k varchar(10) COLLATE Latin1_General_BIN2 NOT NULL PRIMARY KEY)',
        "INSERT dbo.k VALUES ('a'), ('B'), ('b'), ('c'), ('D'), ('é')",
      );
      await world.onRight(
        'DROP TABLE IF EXISTS dbo.k',
        'CREATE TABLE dbo.k (k varchar(10) COLLATE SQL_Latin1_General_CP1_CI_AS NOT NULL PRIMARY KEY)',
        "INSERT dbo.k VALUES ('a'), ('b'), ('C'), ('D'), ('é'), ('f')",
      );
      const table = await world.table('k');
      const rightColumns = (await world.table('k', world.right)).columns;
      const verdicts = await all(
        compareTable(world.left, world.right, table, { ...OPTIONS, rangeRows: 2, rightColumns }),
      );
      expect(differencesOf(verdicts)).toEqual(['extra C', 'extra f', 'missing B', 'missing c']);
    });
  });

  it('hold where the copy’s type is wider or national: its bounds are values on both sides', async () => {
    await inWorld({ left: double, right: double }, async world => {
      await world.onLeft(
        'DROP TABLE IF EXISTS dbo.k',
        'CREATE TABLE dbo.k (k nvarchar(4) NOT NULL, n int NOT NULL, PRIMARY KEY (k, n))',
        "INSERT dbo.k VALUES (N'Ж', 1), (N'a', 2)",
      );
      const many = Array.from({ length: 30 }, (_, n) => `('extra', ${3_000_000_000 + n})`).join(', ');
      await world.onRight(
        'DROP TABLE IF EXISTS dbo.k',
        'CREATE TABLE dbo.k (k varchar(40) NOT NULL, n bigint NOT NULL, PRIMARY KEY (k, n))',
        `INSERT dbo.k VALUES ('a', 2), ${many}`,
      );
      const table = await world.table('k');
      const rightColumns = (await world.table('k', world.right)).columns;
      const verdicts = await all(
        compareTable(world.left, world.right, table, { ...OPTIONS, rangeRows: 3, rightColumns }),
      );
      const found = differencesOf(verdicts);
      expect(found.filter(each => each.startsWith('extra'))).toHaveLength(30);
      expect(found.filter(each => !each.startsWith('extra'))).toEqual(['missing Ж|1']);
    });
  });
});
