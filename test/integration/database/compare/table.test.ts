import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareTable } from '../../../../src/database/compare/index.ts';
import { type SqlDouble, startDouble } from '../../../support/sql-double.ts';
import { all, differencesOf, inWorld, OPTIONS } from './world.ts';

const NUMBERS = (rows: number): string => `WITH d AS (SELECT 0 AS n UNION ALL SELECT n + 1 FROM d WHERE n < 9)
INSERT dbo.t (id, text) SELECT TOP (${rows}) 3 * (a.n + 10 * b.n + 100 * c.n), CONCAT(N'row ', a.n, b.n, c.n)
FROM d AS a CROSS JOIN d AS b CROSS JOIN d AS c ORDER BY a.n + 10 * b.n + 100 * c.n`;

describe('a table that has a key', () => {
  let double: SqlDouble;
  beforeAll(async () => {
    double = await startDouble({ databases: ['production', 'copy'] });
  });
  afterAll(() => double[Symbol.asyncDispose]());

  it('is compared range by range, and what differs is told by row', async () => {
    await inWorld({ left: double, right: double }, async world => {
      await world.onBoth('CREATE TABLE dbo.t (id int PRIMARY KEY, text nvarchar(40) NULL)', NUMBERS(1000));
      await world.onRight(
        "UPDATE dbo.t SET text = N'other' WHERE id IN (30, 1500)",
        'DELETE dbo.t WHERE id IN (0, 2997, 600)',
        'INSERT dbo.t (id) VALUES (-5), (31), (5000)',
      );
      const table = await world.table('t');
      const progress: number[] = [];
      const verdicts = await all(
        compareTable(world.left, world.right, table, {
          ...OPTIONS,
          rangeRows: 100,
          onProgress: rows => progress.push(rows),
        }),
      );
      expect(differencesOf(verdicts)).toEqual([
        'different 1500',
        'different 30',
        'extra -5',
        'extra 31',
        'extra 5000',
        'missing 0',
        'missing 2997',
        'missing 600',
      ]);
      expect(verdicts.reduce((sum, { rowsLeft }) => sum + rowsLeft, 0)).toBe(1000);
      expect(verdicts.reduce((sum, { rowsRight }) => sum + rowsRight, 0)).toBe(1000);
      expect(progress.at(-1)).toBe(1000);
      expect(verdicts.filter(({ equal }) => !equal)).toHaveLength(4);
    });
  });
});
