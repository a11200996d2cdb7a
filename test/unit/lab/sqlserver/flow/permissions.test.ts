import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SqlDouble, type SqlSession, startDouble } from '../../../../support/sql-double.ts';

/** What a login without sysadmin may do. */

const PASSWORD = 'Another horse 2';
let double: SqlDouble;
let sa: SqlSession;
beforeAll(async () => {
  double = await startDouble({ databases: ['app', 'other'] });
  sa = double.session();
  await sa.run('CREATE TABLE dbo.t (id int); INSERT dbo.t VALUES (1); CREATE TABLE dbo.u (id int)');
  await sa.run('CREATE PROCEDURE dbo.reads AS SELECT COUNT(*) FROM dbo.t');
  await sa.run("CREATE PROCEDURE dbo.dynamic AS EXEC('SELECT COUNT(*) FROM dbo.t')");
});
afterAll(() => double[Symbol.asyncDispose]());

async function user(name: string, grants = ''): Promise<SqlSession> {
  const made = await sa.run(
    `CREATE LOGIN ${name} WITH PASSWORD = '${PASSWORD}'; CREATE USER ${name} FOR LOGIN ${name}; ${grants}`,
  );
  expect(made.errors).toEqual([]);
  return double.session({ user: name, password: PASSWORD });
}

describe('objects', () => {
  it('need a grant: 229', async () => {
    const session = await user('plain');
    const { errors } = await session.run('SELECT * FROM dbo.t');
    expect(errors).toMatchObject([
      {
        number: 229,
        severity: 14,
        text: "The SELECT permission was denied on the object 't', database 'app', schema 'dbo'.",
      },
    ]);
    expect((await session.run('INSERT dbo.t VALUES (1)')).numbers).toEqual([229]);
    expect((await session.run('EXEC dbo.reads')).numbers).toEqual([229]);
    expect(
      (await session.run('CREATE TABLE #own (i int); INSERT #own VALUES (1); SELECT * FROM #own')).numbers,
    ).toEqual([]);
    session.end();
  });

  it('are granted and denied on the object and on its schema', async () => {
    const session = await user(
      'granted',
      'GRANT SELECT ON SCHEMA::dbo TO granted; DENY SELECT ON dbo.u TO granted',
    );
    expect((await session.run('SELECT * FROM dbo.t')).numbers).toEqual([]);
    expect((await session.run('SELECT * FROM dbo.u')).numbers).toEqual([229]);
    expect((await session.run('DELETE dbo.t')).numbers).toEqual([229]);
    session.end();
  });

  it('are read through a procedure by the chain of ownership, not by dynamic text in it', async () => {
    const session = await user('chained', 'GRANT EXECUTE TO chained');
    expect((await session.run('EXEC dbo.reads')).rows).toEqual([[1]]);
    expect((await session.run('EXEC dbo.dynamic')).numbers).toEqual([229]);
    session.end();
  });

  it('are open to the fixed roles', async () => {
    const reader = await user('reader', 'ALTER ROLE db_datareader ADD MEMBER reader');
    expect((await reader.run('SELECT * FROM dbo.t')).numbers).toEqual([]);
    expect((await reader.run('DELETE dbo.u')).numbers).toEqual([229]);
    const writer = await user('writer', 'ALTER ROLE db_datawriter ADD MEMBER writer');
    expect((await writer.run('INSERT dbo.u VALUES (1)')).numbers).toEqual([]);
    expect((await writer.run('SELECT * FROM dbo.u')).numbers).toEqual([229]);
    const owner = await user('owns', 'ALTER ROLE db_owner ADD MEMBER owns');
    expect((await owner.run('CREATE TABLE dbo.made (i int); DROP TABLE dbo.made')).numbers).toEqual([]);
    for (const each of [reader, writer, owner]) each.end();
  });
});

describe('databases and the server', () => {
  it('are closed to who is no user: 916', async () => {
    const session = await user('stranger');
    expect((await session.run('USE other')).numbers).toEqual([916]);
    expect((await session.run('USE master; SELECT DB_NAME()')).rows).toEqual([['master']]);
    session.end();
  });

  it('refuse definitions and administration: 262, 15247, 2557, 6102', async () => {
    const session = await user('nobody');
    expect((await session.run('CREATE TABLE dbo.x (i int)')).numbers).toEqual([262]);
    expect((await session.run('CREATE DATABASE x')).numbers).toEqual([262]);
    expect((await session.run("CREATE LOGIN x WITH PASSWORD = 'Abcdef 1'")).numbers).toEqual([15247]);
    expect((await session.run("DBCC CHECKIDENT ('dbo.t')")).numbers).toEqual([2557]);
    expect((await session.run('KILL 51')).numbers).toEqual([6102]);
    session.end();
  });

  it('let db_ddladmin define', async () => {
    const session = await user('definer', 'ALTER ROLE db_ddladmin ADD MEMBER definer');
    expect((await session.run('CREATE TABLE dbo.defined (i int)')).numbers).toEqual([]);
    session.end();
  });
});
