import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type SqlDouble, type SqlSession, startDouble } from '../../../../support/sql-double.ts';

/** Options of SET that change what statements answer are followed or refused. */

let double: SqlDouble;
let session: SqlSession;
beforeAll(async () => {
  double = await startDouble();
});
beforeEach(() => {
  session = double.session();
});
afterEach(() => session.end());
afterAll(() => double[Symbol.asyncDispose]());

describe('SET', () => {
  it.each([
    'ANSI_WARNINGS OFF',
    'ANSI_PADDING OFF',
    'CONCAT_NULL_YIELDS_NULL OFF',
    'NUMERIC_ROUNDABORT ON',
    'ANSI_DEFAULTS OFF',
    'TEXTSIZE 5',
    'TEXTSIZE 0',
  ])('%s is refused, for nothing would come of it', async option => {
    expect((await session.run(`SET ${option}`)).numbers).toEqual([40517]);
  });

  it('takes the options as every client sets them', async () => {
    const { numbers } = await session.run(
      'SET ANSI_WARNINGS, ANSI_PADDING, ANSI_NULLS, CONCAT_NULL_YIELDS_NULL ON; SET NUMERIC_ROUNDABORT OFF; SET TEXTSIZE -1; SET TEXTSIZE 2147483647',
    );
    expect(numbers).toEqual([]);
  });

  it('ANSI_NULLS OFF lets modules be made and refuses what it would change', async () => {
    await session.run('SET ANSI_NULLS OFF');
    expect((await session.run('CREATE PROC dbo.legacy @a int AS SELECT 1 WHERE @a = NULL')).numbers).toEqual(
      [],
    );
    expect((await session.run("IF OBJECT_ID('dbo.none') IS NULL SELECT 1")).rows).toEqual([[1]]);
    expect((await session.run('DECLARE @x int; IF @x = 1 SELECT 1')).numbers).toEqual([40517]);
    expect((await session.run('SELECT 1 WHERE 1 <> NULL')).numbers).toEqual([40517]);
    await session.run('SET ANSI_NULLS ON');
    expect((await session.run('EXEC dbo.legacy 1')).numbers).toEqual([40517]);
    expect((await session.run('SELECT 1 WHERE 1 <> NULL')).numbers).toEqual([]);
  });
});
