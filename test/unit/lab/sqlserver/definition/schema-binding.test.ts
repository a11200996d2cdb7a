import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SqlDouble, type SqlSession, startDouble } from '../../../../support/sql-double.ts';

let double: SqlDouble;
let session: SqlSession;
beforeAll(async () => {
  double = await startDouble();
  session = double.session();
  await session.run('CREATE TABLE dbo.base (id int PRIMARY KEY, v int, w int)');
  await session.run('CREATE VIEW dbo.bound WITH SCHEMABINDING AS SELECT id, v FROM dbo.base');
});
afterAll(() => double[Symbol.asyncDispose]());

describe('options of modules', () => {
  it.each([
    ['DROP TABLE dbo.base', [3729]],
    ['ALTER TABLE dbo.base DROP COLUMN v', [5074, 4922]],
    ['ALTER TABLE dbo.base ALTER COLUMN v bigint', [5074, 4922]],
    ['CREATE VIEW dbo.other WITH SCHEMABINDING AS SELECT * FROM dbo.base', [1054]],
    ['CREATE VIEW dbo.other WITH SCHEMABINDING AS SELECT id FROM base', [4512]],
    ['CREATE PROC dbo.other WITH EXECUTE AS OWNER AS SELECT USER_NAME()', [40517]],
  ])('%s', async (text, expected) => {
    const { errors } = await session.run(text);
    expect(errors.flatMap(error => [error.number])).toEqual(expected);
  });

  it('leave what the view does not name free, and everything once it is gone', async () => {
    expect((await session.run('ALTER TABLE dbo.base DROP COLUMN w')).numbers).toEqual([]);
    expect((await session.run('DROP VIEW dbo.bound; DROP TABLE dbo.base')).numbers).toEqual([]);
  });
});
