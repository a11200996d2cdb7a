import { describe, expect, it } from 'vitest';
import { PARTS, startKey, startStatement } from '../../../../src/database/advise/positions.ts';
import { confidence, summed, worthSampling } from '../../../../src/database/advise/sample.ts';
import type { DatabaseTable, TableColumn } from '../../../../src/journal/database-facts.ts';
import { tableFacts } from '../../../support/databases.ts';

const column = (name: string, type: string, more: Partial<TableColumn> = {}): TableColumn => ({
  ...{ name, type, length: 8, precision: 19, scale: 0, nullable: false, identity: false, carried: true },
  ...more,
});
const table = (type: string, more: Partial<DatabaseTable> = {}): DatabaseTable =>
  tableFacts('T]', { key: ['Id'], columns: [column('Id', type)], rows: 10_000_000, ...more });

describe('where samples are taken', () => {
  it('the parts are the whole, and the end is looked at closely', () => {
    expect(PARTS.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 10);
    expect(PARTS.at(-1)?.share).toBeLessThan(0.01);
  });

  it('whole numbers and GUIDs are computed, other keys counted to, far ones left out', () => {
    expect(startStatement('app', table('bigint'), 0.98, 2)?.text).toBe(
      `SELECT ${'CONVERT(nvarchar(20), t.[Id])'} AS k0
FROM [dbo].[T]]] AS t
WHERE t.[Id] >= (SELECT CONVERT(decimal(38, 0), MIN(e.[Id])) + (CONVERT(decimal(38, 0), MAX(e.[Id])) - CONVERT(decimal(38, 0), MIN(e.[Id]))) * 980 / 1000 FROM [dbo].[T]]] AS e)
ORDER BY t.[Id]
OFFSET 0 ROWS FETCH NEXT 1 ROWS ONLY
OPTION (MAXDOP 2);`,
    );
    expect(startStatement('app', table('uniqueidentifier', { key: ['Id'] }), 0.5, 1)?.text).toContain(
      "'00000000-0000-0000-0000-7fff00000000'",
    );
    const text = { columns: [column('Id', 'nvarchar', { length: 40, collation: 'Latin1_General_CI_AS' })] };
    expect(startStatement('app', table('nvarchar', { ...text, rows: 500_000 }), 0.8, 1)?.text).toContain(
      'OFFSET 400000 ROWS',
    );
    expect(startStatement('app', table('nvarchar', text), 0.8, 1)).toBeUndefined();
    expect(startKey(table('bigint'), { k0: '17' })).toEqual(['17']);
  });
});

describe('what samples add up to', () => {
  it('tables weigh by their rows and by their bytes; newest keys that hold most differences are seen', () => {
    const big = table('bigint', { rows: 900, bytes: 9e9 });
    const small = table('bigint', { rows: 100, bytes: 27e9 });
    const sum = summed(
      [
        { table: big, share: 0, newest: 0, compared: 50 },
        { table: small, share: 0.4, newest: 0.9, compared: 50 },
      ],
      3,
    );
    expect(sum).toEqual({
      ...{ share: 0.04, byBytes: expect.closeTo(0.3, 10), clustered: true },
      ...{ rows: 100, of: 1000, tables: 2, skipped: 1 },
    });
    expect(summed([], 3)).toBeUndefined();
  });

  it('says how far it is to be trusted', () => {
    const base = { share: 0, byBytes: 0, clustered: false, tables: 2, skipped: 0 };
    expect(confidence({ ...base, rows: 10, of: 10 })).toBe('every row of 2 tables was compared');
    expect(confidence({ ...base, rows: 10, of: 1000, skipped: 1 })).toMatch(
      /^10 of 1000 rows in 2 tables were compared; 1 tables were left out.*a guess$/,
    );
  });

  it('leaves out what cannot be compared', () => {
    const catalog = {
      ...{ database: 'x', collation: 'x', compatibility: 160, schemas: [], modules: [], sequences: [] },
      ...{ synonyms: [], types: [], partitionFunctions: [], tables: [] },
    };
    expect(worthSampling([table('bigint')], catalog)).toEqual([]);
  });
});
