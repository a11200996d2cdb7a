import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startDouble } from '../../../../support/sql-double.ts';
import { numbers, ok, records } from './statements.ts';

const SHARE = "DISK = N'\\\\MIA-FS1\\bak\\app.bak'";

test('a backup on a share is restored on another server, which it is not the same to', async () => {
  const lab = mkdtempSync(join(tmpdir(), 'landfall-sql-lab-'));
  const home = (name: string): string => {
    mkdirSync(join(lab, name));
    return join(lab, name);
  };
  try {
    await using old = await startDouble({
      directory: home('OLD'),
      name: 'MIA-SQL0',
      product: '2016-web',
      databases: ['app'],
    });
    await using production = await startDouble({
      directory: home('MIA'),
      name: 'MIA-SQL1',
      product: '2022-enterprise',
    });
    await using target = await startDouble({
      directory: home('DAL'),
      name: 'DAL-SQL1',
      product: '2022-standard',
      databases: [],
    });
    const session = production.session();
    await ok(session, "CREATE LOGIN teller WITH PASSWORD = 'Correct horse 2'");
    await ok(
      session,
      'CREATE USER teller FOR LOGIN teller; CREATE TABLE t (id int PRIMARY KEY); INSERT t VALUES (1)',
    );
    await ok(
      session,
      'ALTER DATABASE app SET TRUSTWORTHY ON; ALTER DATABASE app SET READ_COMMITTED_SNAPSHOT ON; ALTER DATABASE app SET ALLOW_SNAPSHOT_ISOLATION ON; ALTER DATABASE app SET COMPATIBILITY_LEVEL = 150',
    );
    await ok(session, `BACKUP DATABASE app TO ${SHARE} WITH COMPRESSION, CHECKSUM`);

    const older = old.session({ database: 'master' });
    expect(await numbers(older, `RESTORE DATABASE app2 FROM ${SHARE}`)).toEqual([3169, 3013]);
    const here = target.session({ database: 'master' });
    const files = await records(here, `RESTORE FILELISTONLY FROM ${SHARE}`);
    expect(files.map(each => [each['LogicalName'], each['Type']])).toEqual([
      ['app', 'D'],
      ['app_log', 'L'],
    ]);
    expect(
      await numbers(here, `RESTORE DATABASE clone FROM ${SHARE} WITH MOVE N'ap' TO N'D:\\x.mdf'`),
    ).toEqual([3234, 3013]);
    await ok(
      here,
      `RESTORE DATABASE clone FROM ${SHARE} WITH MOVE N'app' TO N'D:\\clone.mdf', MOVE N'app_log' TO N'D:\\clone.ldf', STATS = 10`,
    );
    const [options] = await records(here, "SELECT * FROM sys.databases WHERE name = N'clone'");
    expect(options).toMatchObject({
      is_trustworthy_on: 0,
      is_broker_enabled: 0,
      is_published: 0,
      is_read_committed_snapshot_on: 1,
      snapshot_isolation_state: 1,
      compatibility_level: 150,
      recovery_model_desc: 'FULL',
    });
    expect(await session.value("SELECT is_trustworthy_on FROM sys.databases WHERE name = N'app'")).toBe(1);
    // The user came along, its login did not.
    const orphans =
      "SELECT u.name FROM clone.sys.database_principals AS u LEFT JOIN sys.server_principals AS l ON l.sid = u.sid WHERE u.name = N'teller' AND l.sid IS NULL";
    expect((await ok(here, orphans)).rows).toEqual([['teller']]);
    expect(await session.value('SELECT server_name FROM msdb.dbo.backupset')).toBe('MIA-SQL1');

    // Over a database that is there.
    await ok(here, 'CREATE DATABASE another');
    const move = "MOVE N'app' TO N'D:\\another.mdf', MOVE N'app_log' TO N'D:\\another.ldf'";
    expect(await numbers(here, `RESTORE DATABASE another FROM ${SHARE} WITH ${move}`)).toEqual([3154, 3013]);
    expect(await numbers(here, `RESTORE DATABASE clone FROM ${SHARE}`)).toEqual([3159, 3013]);
    expect(
      await numbers(
        here,
        `RESTORE DATABASE another FROM ${SHARE} WITH REPLACE, MOVE N'app' TO N'D:\\clone.mdf'`,
      ),
    ).toEqual([1834, 3156, 3119, 3013]);
    const visitor = target.session({ database: 'clone' });
    expect(await numbers(here, `RESTORE DATABASE clone FROM ${SHARE} WITH REPLACE`)).toEqual([3101, 3013]);
    expect(await numbers(visitor, `RESTORE DATABASE clone FROM ${SHARE} WITH REPLACE`)).toEqual([3102, 3013]);
    visitor.end();
    await ok(here, "CREATE DATABASE snap ON (NAME = N'app', FILENAME = N'D:\\s.ss') AS SNAPSHOT OF clone");
    expect(await numbers(here, `RESTORE DATABASE clone FROM ${SHARE} WITH REPLACE`)).toEqual([5094, 3013]);
    await ok(here, `DROP DATABASE snap; RESTORE DATABASE another FROM ${SHARE} WITH REPLACE, ${move}`);
    expect(await here.value('SELECT COUNT(*) FROM another.dbo.t')).toBe(1);
  } finally {
    rmSync(lab, { recursive: true, force: true });
  }
});

test('a server that ends in the middle of a restore starts again, with that database RESTORING', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'landfall-sql-'));
  const move = "MOVE N'app' TO N'D:\\c.mdf', MOVE N'app_log' TO N'D:\\c.ldf'";
  try {
    {
      await using double = await startDouble({ directory });
      const session = double.session();
      await ok(
        session,
        "CREATE TABLE t (id int); INSERT t VALUES (1); BACKUP DATABASE app TO DISK = N'X:\\a.bak'; INSERT t VALUES (2); BACKUP LOG app TO DISK = N'X:\\a.trn'",
      );
      await ok(session, `USE master; RESTORE DATABASE c FROM DISK = N'X:\\a.bak' WITH ${move}, NORECOVERY`);
      session.end();
    }
    await using double = await startDouble({ directory });
    const session = double.session({ database: 'master' });
    expect(await session.value("SELECT state_desc FROM sys.databases WHERE name = N'c'")).toBe('RESTORING');
    await ok(session, "RESTORE LOG c FROM DISK = N'X:\\a.trn' WITH RECOVERY");
    expect(await session.value('SELECT COUNT(*) FROM c.dbo.t')).toBe(2);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
