import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SqlDouble, type SqlSession, startDouble } from '../../../../support/sql-double.ts';

let double: SqlDouble;
let session: SqlSession;
beforeAll(async () => {
  double = await startDouble();
  session = double.session();
});
afterAll(() => double[Symbol.asyncDispose]());

describe('current_value of a sequence', () => {
  const CURRENT = 'SELECT CAST(current_value AS int) FROM sys.sequences';

  it('is the value given away last, and where it begins before the first and after a restart', async () => {
    await session.run('CREATE SEQUENCE dbo.s AS int START WITH 5 INCREMENT BY 2');
    expect(await session.value(CURRENT)).toBe(5);
    await session.run('SELECT NEXT VALUE FOR dbo.s');
    expect(await session.value(CURRENT)).toBe(5);
    await session.run('SELECT NEXT VALUE FOR dbo.s');
    expect(await session.value(CURRENT)).toBe(7);
    await session.run('ALTER SEQUENCE dbo.s RESTART WITH 100');
    expect(await session.value(CURRENT)).toBe(100);
    await session.run('SELECT NEXT VALUE FOR dbo.s');
    expect(await session.value(CURRENT)).toBe(100);
  });

  it('says that the last one has been given away', async () => {
    await session.run('CREATE SEQUENCE dbo.short AS tinyint START WITH 254');
    const exhausted = "SELECT is_exhausted FROM sys.sequences WHERE name = 'short'";
    await session.run('SELECT NEXT VALUE FOR dbo.short');
    expect(await session.value(exhausted)).toBe(0);
    await session.run('SELECT NEXT VALUE FOR dbo.short');
    expect(await session.value(exhausted)).toBe(1);
    expect((await session.run('SELECT NEXT VALUE FOR dbo.short')).numbers).toEqual([11728]);
  });
});

describe('NEXT VALUE FOR one sequence', () => {
  it('is refused twice in a row, where both would be the same value', async () => {
    await session.run('CREATE SEQUENCE dbo.twice AS int; CREATE TABLE dbo.pairs (a int, b int)');
    const next = 'NEXT VALUE FOR dbo.twice';
    expect((await session.run(`SELECT ${next}, ${next}`)).numbers).toEqual([40517]);
    expect((await session.run(`INSERT dbo.pairs VALUES (${next}, ${next} + 1)`)).numbers).toEqual([40517]);
    expect((await session.run(`INSERT dbo.pairs VALUES (${next}, 0), (${next}, 0)`)).numbers).toEqual([]);
    expect((await session.run('SELECT a FROM dbo.pairs ORDER BY a')).rows).toEqual([
      [-2147483648],
      [-2147483647],
    ]);
  });
});
