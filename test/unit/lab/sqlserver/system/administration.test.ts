import { describe, expect, it } from 'vitest';
import { errorOf, server, single } from './world.ts';

const HASH = `0x0200${'AB'.repeat(68)}`;

describe('logins', () => {
  it('come over with their hash and SID', async () => {
    await using double = await server();
    const sid = '0x0123456789ABCDEF0123456789ABCDEF';
    await double.run(
      'master',
      `CREATE LOGIN app WITH PASSWORD = ${HASH} HASHED, SID = ${sid}, DEFAULT_DATABASE = [PubDB], CHECK_POLICY = OFF, CHECK_EXPIRATION = OFF`,
    );
    expect(
      await double.run(
        'master',
        "SELECT CONVERT(varchar(40), sid, 1), CONVERT(varchar(514), password_hash, 1), default_database_name, is_policy_checked FROM sys.sql_logins WHERE name = 'app'",
      ),
    ).toEqual([[sid, HASH, 'PubDB', 0]]);
    expect(
      await errorOf(
        double,
        `CREATE LOGIN other WITH PASSWORD = ${HASH} HASHED, SID = ${sid}, CHECK_POLICY = OFF`,
      ),
    ).toBe(15433);
  });

  it('are refused as SQL Server refuses them', async () => {
    await using double = await server();
    await double.run('master', "CREATE LOGIN app WITH PASSWORD = 'Str0ng!Passw'");
    expect(await errorOf(double, "CREATE LOGIN app WITH PASSWORD = 'Str0ng!Passw'")).toBe(15025);
    expect(await errorOf(double, "CREATE LOGIN weak WITH PASSWORD = 'short'")).toBe(15116);
    expect(await errorOf(double, "CREATE LOGIN weak WITH PASSWORD = 'longbutplain'")).toBe(15118);
    expect(await errorOf(double, "CREATE LOGIN weak WITH PASSWORD = 'x', CHECK_POLICY = OFF")).toBe(0);
    expect(await errorOf(double, 'CREATE LOGIN bad WITH PASSWORD = 0x0200 HASHED')).toBe(15021);
    expect(
      await errorOf(double, "CREATE LOGIN lost WITH PASSWORD = 'Str0ng!Passw', DEFAULT_DATABASE = none"),
    ).toBe(15010);
    expect(await errorOf(double, 'ALTER LOGIN nobody DISABLE')).toBe(15151);
    expect(await errorOf(double, 'DROP LOGIN nobody')).toBe(15151);
    expect(await errorOf(double, 'DROP LOGIN app')).toBe(0);
  });
});

describe('users, roles and permissions', () => {
  it('orphans are found and mended', async () => {
    await using double = await server();
    await double.run(
      'PubDB',
      "CREATE LOGIN app WITH PASSWORD = 'Str0ng!Passw'; CREATE USER app FOR LOGIN app;",
    );
    const orphans = `SELECT dp.name FROM sys.database_principals dp WHERE dp.type = 'S' AND dp.authentication_type = 1 AND dp.principal_id > 4
      AND NOT EXISTS (SELECT 1 FROM sys.server_principals sp WHERE sp.sid = dp.sid)`;
    expect(await double.run('PubDB', orphans)).toEqual([]);
    await double.run('PubDB', "DROP LOGIN app; CREATE LOGIN app WITH PASSWORD = 'Str0ng!Passw';");
    expect(await double.run('PubDB', orphans)).toEqual([['app']]);
    expect((await double.run('PubDB', "EXEC sp_change_users_login 'Report'")).map(row => row[0])).toEqual([
      'app',
    ]);
    await double.run('PubDB', 'ALTER USER app WITH LOGIN = app');
    expect(await double.run('PubDB', orphans)).toEqual([]);
  });

  it('are refused as SQL Server refuses them', async () => {
    await using double = await server();
    await double.run(
      'PubDB',
      "CREATE LOGIN app WITH PASSWORD = 'Str0ng!Passw'; CREATE USER app FOR LOGIN app;",
    );
    expect(await errorOf(double, 'CREATE USER app FOR LOGIN app')).toBe(15023);
    expect(await errorOf(double, 'CREATE USER second FOR LOGIN app')).toBe(15063);
    expect(await errorOf(double, 'CREATE USER nobody FOR LOGIN nobody')).toBe(15007);
    expect(await errorOf(double, 'ALTER ROLE nobody ADD MEMBER app')).toBe(15151);
    expect(await errorOf(double, 'ALTER ROLE db_owner ADD MEMBER nobody')).toBe(15151);
    expect(await errorOf(double, 'ALTER ROLE db_owner ADD MEMBER dbo')).toBe(15405);
    expect(await errorOf(double, 'DROP ROLE db_owner')).toBe(15150);
    expect(await errorOf(double, 'GRANT SELECT ON dbo.nothing TO app')).toBe(15151);
    expect(await errorOf(double, 'GRANT SELECT TO nobody')).toBe(15151);
    expect(await errorOf(double, 'GRANT SELECT TO dbo')).toBe(4624);
    expect(await errorOf(double, 'GRANT VIEW SERVER STATE TO app')).toBe(4621);
    expect(await errorOf(double, 'GRANT VIEW SERVER STATE TO app', 'master')).toBe(0);
  });

  it('a denial takes the place of a grant, a revocation removes it', async () => {
    await using double = await server();
    await double.run(
      'PubDB',
      'CREATE TABLE dbo.T (a int); CREATE ROLE readers; GRANT SELECT, INSERT ON dbo.T TO readers',
    );
    const listed = `SELECT permission_name, state_desc FROM sys.database_permissions p JOIN sys.database_principals d
      ON d.principal_id = p.grantee_principal_id WHERE d.name = 'readers' ORDER BY permission_name`;
    expect(await double.run('PubDB', listed)).toEqual([
      ['INSERT', 'GRANT'],
      ['SELECT', 'GRANT'],
    ]);
    await double.run('PubDB', 'DENY INSERT ON dbo.T TO readers; REVOKE SELECT ON dbo.T FROM readers');
    expect(await double.run('PubDB', listed)).toEqual([['INSERT', 'DENY']]);
  });

  it('a new owner is dbo', async () => {
    await using double = await server();
    await double.run(
      'master',
      "CREATE LOGIN boss WITH PASSWORD = 'Str0ng!Passw'; ALTER AUTHORIZATION ON DATABASE::PubDB TO boss",
    );
    expect(
      await single(double, "SELECT SUSER_SNAME(owner_sid) FROM sys.databases WHERE name = 'PubDB'"),
    ).toBe('boss');
    expect(
      await single(double, "SELECT SUSER_SNAME(sid) FROM sys.database_principals WHERE name = 'dbo'"),
    ).toBe('boss');
    expect(await errorOf(double, 'ALTER AUTHORIZATION ON DATABASE::PubDB TO nobody')).toBe(15151);
    expect(await errorOf(double, 'DROP LOGIN boss')).toBe(15174);
  });
});

describe('KILL', () => {
  it('ends users and nobody else', async () => {
    await using double = await server();
    expect(await errorOf(double, 'KILL 4711')).toBe(6106);
    expect(
      await single(
        double,
        "DECLARE @t varchar(30) = 'KILL ' + CONVERT(varchar(10), @@SPID); BEGIN TRY EXEC (@t) END TRY BEGIN CATCH SELECT ERROR_NUMBER() END CATCH",
      ),
    ).toBe(6104);
  });
});
