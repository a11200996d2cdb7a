import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SqlDouble, type SqlSession, startDouble } from '../../../../support/sql-double.ts';

/** Hints act, are known to change nothing, or are refused. */

let double: SqlDouble;
let session: SqlSession;
beforeAll(async () => {
  double = await startDouble();
  session = double.session();
  await session.run('CREATE TABLE dbo.t (a int PRIMARY KEY, b int); INSERT dbo.t VALUES (1, 1)');
  await session.run('CREATE VIEW dbo.v AS SELECT a, b FROM dbo.t');
});
afterAll(() => double[Symbol.asyncDispose]());

describe('hints', () => {
  it.each([
    ['SELECT a FROM dbo.t WITH (NOLOCK, XLOCK)', 1047],
    ['SELECT a FROM dbo.t WITH (TABLOCK, ROWLOCK)', 1047],
    ['SELECT a FROM dbo.t WITH (READCOMMITTED, HOLDLOCK)', 1047],
    ['SELECT a FROM dbo.t WITH (NOEXPAND)', 8171],
    ['SELECT a FROM dbo.t WITH (SNAPSHOT)', 40517],
    ['SELECT a FROM dbo.v WITH (NOLOCK)', 40517],
    ['DELETE dbo.t WITH (NOLOCK)', 1065],
    ['INSERT dbo.t WITH (READUNCOMMITTED) VALUES (2, 2)', 1065],
    ['INSERT dbo.t WITH (IGNORE_CONSTRAINTS) VALUES (2, 2)', 40517],
    ['MERGE dbo.t WITH (NOLOCK) AS t USING (VALUES (1)) s(a) ON t.a = s.a WHEN MATCHED THEN DELETE;', 1065],
    ['UPDATE t WITH (TABLOCKX) SET b = 2 FROM dbo.t t', 40517],
    ['UPDATE dbo.t SET b = 2 OPTION (NOSUCH)', 155],
    ["SELECT a FROM dbo.t OPTION (USE HINT ('NOSUCH'))", 40517],
  ])('%s: %i', async (text, number) => {
    expect((await session.run(text)).numbers).toEqual([number]);
  });

  it.each([
    'SELECT a FROM dbo.t WITH (UPDLOCK, HOLDLOCK, ROWLOCK)',
    'SELECT a FROM dbo.t WITH (SERIALIZABLE, HOLDLOCK)',
    'SELECT a FROM dbo.v WITH (ROWLOCK)',
    'UPDATE dbo.t WITH (ROWLOCK) SET b = 1 OPTION (MAXDOP 1)',
  ])('%s is run', async text => {
    expect((await session.run(text)).numbers).toEqual([]);
  });

  it('TABLOCKX of an INSERT keeps readers out', async () => {
    const other = double.session();
    await session.run('BEGIN TRAN; INSERT dbo.t WITH (TABLOCKX) VALUES (5, 5)');
    expect((await other.run('SET LOCK_TIMEOUT 0; SELECT a FROM dbo.t WHERE a = 1')).numbers).toEqual([1222]);
    await session.run('ROLLBACK');
    expect((await other.run('SELECT a FROM dbo.t WHERE a = 1')).rows).toEqual([[1]]);
    other.end();
  });
});
