import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SqlDouble, type SqlSession, startDouble } from '../../../../support/sql-double.ts';

/** How much of everything SQL Server takes. */

let double: SqlDouble;
let session: SqlSession;
beforeAll(async () => {
  double = await startDouble();
  session = double.session();
});
afterAll(() => double[Symbol.asyncDispose]());

const numbers = async (text: string): Promise<readonly number[]> => (await session.run(text)).numbers;
const columns = (count: number): string => Array.from({ length: count }, (_, at) => `c${at} int`).join();
const list = (count: number, piece: string): string => Array(count).fill(piece).join();

describe('limits of', () => {
  it('columns: 1 024 in a table', async () => {
    expect(await numbers(`CREATE TABLE dbo.wide (${columns(1025)})`)).toEqual([1702]);
    expect(await numbers(`CREATE TABLE dbo.wide (${columns(1024)})`)).toEqual([]);
    expect(await numbers('ALTER TABLE dbo.wide ADD one int')).toEqual([1702]);
  });

  it('rows: 8 060 bytes that no column can give away', async () => {
    expect(await numbers('CREATE TABLE dbo.long (a char(8000), b char(54))')).toEqual([1701]);
    expect(await numbers('CREATE TABLE dbo.long (a char(8000), b char(53))')).toEqual([]);
    expect(await numbers('CREATE TABLE dbo.texts (a varchar(8000), b nvarchar(4000))')).toEqual([]);
  });

  it('VALUES of an INSERT: 1 000 rows', async () => {
    await session.run('CREATE TABLE dbo.v (a int)');
    expect(await numbers(`INSERT dbo.v VALUES ${list(1001, '(1)')}`)).toEqual([10738]);
    expect(await session.value('SELECT COUNT(*) FROM dbo.v')).toBe(0);
    expect(await numbers(`INSERT dbo.v VALUES ${list(1000, '(1)')}`)).toEqual([]);
  });

  it('select lists: 4 096 items', async () => {
    expect(await numbers(`SELECT ${list(4097, '1')}`)).toEqual([1056]);
  });

  it('calls: 2 100 parameters, those of sp_executesql itself included', async () => {
    const given = (count: number) => [
      {
        name: '',
        type: { kind: 'nvarchar', length: 'max', collation: 'Latin1_General_CI_AS' },
        value: 'SELECT @p0',
        output: false,
      } as const,
      {
        name: '',
        type: { kind: 'nvarchar', length: 'max', collation: 'Latin1_General_CI_AS' },
        value: Array.from({ length: count }, (_, at) => `@p${at} int`).join(),
        output: false,
      } as const,
      ...Array.from({ length: count }, (_, at) => ({
        name: `@p${at}`,
        type: { kind: 'int' } as const,
        value: at,
        output: false,
      })),
    ];
    expect((await session.call('sp_executesql', given(2098))).rows).toEqual([[0]]);
    expect((await session.call('sp_executesql', given(2099))).numbers).toEqual([8003]);
  });
});

describe('ORDER BY alone', () => {
  it.each([
    'CREATE VIEW dbo.ordered AS SELECT 1 AS a ORDER BY a',
    'CREATE FUNCTION dbo.ordered() RETURNS TABLE AS RETURN (SELECT 1 AS a ORDER BY a)',
  ])('%s: 1033', async text => {
    expect(await numbers(text)).toEqual([1033]);
  });
});

describe('branches of MERGE', () => {
  const merge = (branch: string): string =>
    `MERGE dbo.m AS t USING (VALUES (1, 'new'), (2, 'b')) AS s(a, b) ON t.a = s.a ${branch};`;

  it('see the columns of the only side there is', async () => {
    await session.run(
      "CREATE TABLE dbo.m (a int PRIMARY KEY, b varchar(5)); INSERT dbo.m VALUES (1, 'a'), (9, 'z')",
    );
    expect(await numbers(merge('WHEN NOT MATCHED THEN INSERT (a, b) VALUES (a, b)'))).toEqual([]);
    expect(await numbers(merge('WHEN NOT MATCHED BY SOURCE AND a = 9 THEN DELETE'))).toEqual([]);
    expect((await session.run('SELECT a, b FROM dbo.m ORDER BY a')).rows).toEqual([
      [1, 'a'],
      [2, 'b'],
    ]);
  });

  it('refuse the other side', async () => {
    expect(await numbers(merge('WHEN NOT MATCHED THEN INSERT (a, b) VALUES (s.a, t.b)'))).toEqual([5333]);
    expect(await numbers(merge('WHEN NOT MATCHED BY SOURCE THEN UPDATE SET b = s.b'))).toEqual([5334]);
  });
});
