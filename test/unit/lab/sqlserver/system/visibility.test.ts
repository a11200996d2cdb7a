import sql from 'mssql';
import { describe, expect, it } from 'vitest';
import { server } from './world.ts';

/** First number of what a login's query is refused with, 0 where it is not. */
async function refused(pool: sql.ConnectionPool, text: string): Promise<readonly number[]> {
  try {
    await pool.request().batch(text);
    return [];
  } catch (error) {
    if (!(error instanceof sql.RequestError)) throw error;
    const preceding: readonly unknown[] =
      'precedingErrors' in error && Array.isArray(error.precedingErrors) ? error.precedingErrors : [];
    return [...preceding, error].flatMap(each =>
      each instanceof sql.RequestError && each.number !== undefined ? [each.number] : [],
    );
  }
}

describe('a login without VIEW SERVER STATE', () => {
  it('sees its own session only, and no state of the server until it may', async () => {
    await using double = await server('2019-express');
    await double.run(
      'PubDB',
      "CREATE LOGIN low WITH PASSWORD = 'Str0ng!Passw'; CREATE USER low FOR LOGIN low; CREATE LOGIN other WITH PASSWORD = 'Str0ng!Passw'",
    );
    const pool = new sql.ConnectionPool(double.connection('low', 'Str0ng!Passw', 'PubDB'));
    pool.on('error', () => undefined);
    await pool.connect();
    try {
      const sessions = await pool.request().query('SELECT COUNT(*) AS n FROM sys.dm_exec_sessions');
      expect(sessions.recordset[0]).toEqual({ n: 1 });
      expect(await refused(pool, 'SELECT * FROM sys.dm_server_services')).toEqual([300, 297]);
      expect(await refused(pool, 'SELECT * FROM sys.dm_db_partition_stats')).toEqual([262, 297]);
      const logins = await pool
        .request()
        .query(
          "SELECT name, password_hash AS h, LOGINPROPERTY('sa', 'PasswordHash') AS p FROM sys.sql_logins ORDER BY name",
        );
      expect(logins.recordset).toEqual([
        { name: 'low', h: null, p: null },
        { name: 'sa', h: null, p: null },
      ]);
      await double.run('PubDB', 'CREATE TABLE dbo.T (Id int IDENTITY(1,1))');
      expect(await refused(pool, 'DBCC OPENTRAN')).toEqual([2571]);
      expect(await refused(pool, 'DBCC USEROPTIONS')).toEqual([]);
      expect(await refused(pool, "DBCC CHECKIDENT ('dbo.T', RESEED, 9)")).toEqual([2557]);
      expect(await refused(pool, "EXEC sp_addlinkedserver N'FAR'")).toEqual([15247]);
      await double.run('PubDB', 'ALTER ROLE db_owner ADD MEMBER low');
      expect(await refused(pool, 'DBCC OPENTRAN')).toEqual([]);
      expect(await refused(pool, "DBCC CHECKIDENT ('dbo.T', RESEED, 9)")).toEqual([]);
      await double.run('PubDB', 'ALTER ROLE db_owner DROP MEMBER low');
      await double.run('master', 'GRANT VIEW SERVER STATE TO low');
      expect(await refused(pool, 'SELECT * FROM sys.dm_server_services')).toEqual([]);
      expect(await refused(pool, 'SELECT * FROM sys.dm_db_partition_stats')).toEqual([]);
    } finally {
      await pool.close();
    }
  });
});
