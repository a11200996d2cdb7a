import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SqlDouble, type SqlSession, startDouble } from '../../../../support/sql-double.ts';

/** What a literal is beside something else, and what an older release does not know. */

let double: SqlDouble;
let session: SqlSession;
beforeAll(async () => {
  double = await startDouble();
  session = double.session();
});
afterAll(() => double[Symbol.asyncDispose]());

const shape = async (expression: string): Promise<readonly unknown[]> => {
  const { rows } = await session.run(`DECLARE @i int = 3, @v sql_variant; SET @v = ${expression};
    SELECT CAST(SQL_VARIANT_PROPERTY(@v, 'Precision') AS int), CAST(SQL_VARIANT_PROPERTY(@v, 'Scale') AS int)`);
  return rows[0] ?? [];
};

describe('an integer beside a decimal', () => {
  it.each([
    ['1.0 / 3', [7, 6]],
    ['3 / 1.0', [8, 6]],
    ['1.0 / -3', [7, 6]],
    ['1.0 / @i', [13, 12]],
    ['1.5 * 100', [6, 1]],
  ])('%s', async (expression, expected) => {
    expect(await shape(expression)).toEqual(expected);
  });
});

describe('LIKE', () => {
  it.each([
    ["'a  ' LIKE 'a'", 1],
    ["N'a  ' LIKE N'a'", 0],
    ["'a  ' LIKE N'a'", 0],
    ["'a' LIKE 'a '", 0],
  ])('%s', async (condition, expected) => {
    expect(await session.value(`SELECT IIF(${condition}, 1, 0)`)).toBe(expected);
  });
});

describe('settings of the session', () => {
  it('are told by SESSIONPROPERTY, NULL for one that is none', async () => {
    const { rows } = await session.run(
      "SET QUOTED_IDENTIFIER OFF; SELECT SESSIONPROPERTY('quoted_identifier'), SESSIONPROPERTY('nothing'); SET QUOTED_IDENTIFIER ON",
    );
    expect(rows).toEqual([[{ type: { kind: 'int' }, value: 0 }, null]]);
  });

  it('that would change how dates are read are refused', async () => {
    expect((await session.run('SET DATEFORMAT dmy')).numbers).toEqual([40517]);
    expect((await session.run('SET DATEFORMAT mdy')).numbers).toEqual([]);
  });
});

describe('an older release', () => {
  it('does not know what came later', async () => {
    await using old = await startDouble({ product: '2012-standard' });
    const { run } = old.session();
    expect((await run("SELECT STRING_AGG(v, ',') FROM (VALUES ('a')) AS t(v)")).numbers).toEqual([195]);
    expect((await run('SELECT 1 AS a FOR JSON PATH')).numbers).toEqual([102]);
    expect((await run('DROP TABLE IF EXISTS dbo.t')).numbers).toEqual([156]);
  });
});

describe('a column that is added', () => {
  it('has its default in the rows that are there, WITH VALUES where it may be NULL', async () => {
    await session.run('CREATE TABLE dbo.added (a int); INSERT dbo.added VALUES (1)');
    await session.run(
      'ALTER TABLE dbo.added ADD b int NULL DEFAULT 5, c int NULL DEFAULT 6 WITH VALUES, d int NOT NULL DEFAULT 7',
    );
    expect((await session.run('SELECT b, c, d FROM dbo.added')).rows).toEqual([[null, 6, 7]]);
  });
});

describe('COLUMNS_UPDATED', () => {
  it('has a bit for each column that the statement names', async () => {
    const columns = Array.from({ length: 10 }, (_, at) => `c${at + 1} int`).join(', ');
    await session.run(
      `CREATE TABLE dbo.wide (${columns}); CREATE TABLE dbo.mask (m varbinary(8)); INSERT dbo.wide (c1) VALUES (1)`,
    );
    await session.run(
      'CREATE TRIGGER dbo.wide_changed ON dbo.wide AFTER UPDATE AS INSERT dbo.mask SELECT COLUMNS_UPDATED()',
    );
    await session.run('UPDATE dbo.wide SET c2 = 1, c10 = 2');
    expect(await session.value('SELECT m FROM dbo.mask')).toEqual(Uint8Array.of(0b10, 0b10));
  });
});
