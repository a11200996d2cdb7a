import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../../support/manual-clock.ts';
import { type SqlDouble, type SqlSession, startDouble } from '../../../../support/sql-double.ts';

/** The life of databases. */

let double: SqlDouble;
let session: SqlSession;
beforeAll(async () => {
  double = await startDouble();
  session = double.session({ database: 'master' });
});
afterAll(() => double[Symbol.asyncDispose]());

const state = async (name: string, column: string) =>
  session.value(`SELECT ${column} FROM sys.databases WHERE name = '${name}'`);

describe('CREATE and DROP DATABASE', () => {
  it('number user databases from 5, and the lowest free number is taken again', async () => {
    await session.run('CREATE DATABASE a; CREATE DATABASE b');
    expect(await session.value("SELECT DB_ID('app')")).toBe(5);
    expect(await session.value("SELECT DB_ID('b')")).toBe(7);
    await session.run('DROP DATABASE a');
    await session.run('CREATE DATABASE c');
    expect(await session.value("SELECT DB_ID('c')")).toBe(6);
  });

  it.each([
    ['CREATE DATABASE b', [1801]],
    ['DROP DATABASE nowhere', [3701]],
    ['DROP DATABASE IF EXISTS nowhere', []],
    ['DROP DATABASE master', [3708]],
    ['CREATE DATABASE d COLLATE No_Such', [448]],
  ])('%s: %j', async (text, numbers) => {
    expect((await session.run(text)).numbers).toEqual(numbers);
  });

  it('keep the files that were named, and refuse one that another database has', async () => {
    await session.run(
      "CREATE DATABASE named ON (NAME = n1, FILENAME = 'D:\\data\\n1.mdf', SIZE = 10MB) LOG ON (NAME = l1, FILENAME = 'E:\\log\\l1.ldf')",
    );
    expect(
      (await session.run('SELECT name, physical_name, type_desc FROM named.sys.database_files')).rows,
    ).toEqual([
      ['n1', 'D:\\data\\n1.mdf', 'ROWS'],
      ['l1', 'E:\\log\\l1.ldf', 'LOG'],
    ]);
    const { numbers } = await session.run(
      "CREATE DATABASE second ON (NAME = x, FILENAME = 'D:\\data\\n1.mdf')",
    );
    expect(numbers).toEqual([5170, 1802]);
    expect(await session.value("SELECT DB_ID('second')")).toBeNull();
  });

  it('wait for nobody: a database in use is not dropped', async () => {
    const user = double.session({ database: 'b' });
    expect((await session.run('DROP DATABASE b')).numbers).toEqual([3702]);
    user.end();
    expect((await user.run('SELECT 1')).rows).toEqual([]);
    expect((await session.run('USE b; DROP DATABASE b')).numbers).toEqual([3702]);
    const { path } = double.instance.databases.get('b') as unknown as { path: string };
    expect(existsSync(path)).toBe(true);
    expect((await session.run('USE master; DROP DATABASE b')).numbers).toEqual([]);
    expect(existsSync(path)).toBe(false);
  });
});

describe('ALTER DATABASE', () => {
  it('keeps options and reports them', async () => {
    await session.run(
      'ALTER DATABASE app SET RECOVERY BULK_LOGGED, TRUSTWORTHY ON, PAGE_VERIFY NONE; ALTER DATABASE app SET COMPATIBILITY_LEVEL = 130',
    );
    expect(
      (
        await session.run(
          "SELECT recovery_model_desc, is_trustworthy_on, page_verify_option_desc, compatibility_level FROM sys.databases WHERE name = 'app'",
        )
      ).rows,
    ).toEqual([['BULK_LOGGED', 1, 'NONE', 130]]);
  });

  it.each([
    ['ALTER DATABASE nowhere SET RECOVERY FULL', [5011, 5069]],
    ['ALTER DATABASE app SET SPARKLING ON', [40517]],
    ['ALTER DATABASE app SET COMPATIBILITY_LEVEL = 200', [15048]],
    ['ALTER DATABASE tempdb SET RECOVERY FULL', [5058, 5069]],
    ['ALTER DATABASE master SET READ_ONLY', [5058, 5069]],
    ['ALTER DATABASE app SET CHANGE_TRACKING = OFF', [5089, 5069]],
  ])('%s: %j', async (text, numbers) => {
    expect((await session.run(text)).numbers).toEqual(numbers);
  });

  it('turns change tracking on with its retention', async () => {
    await session.run(
      'ALTER DATABASE app SET CHANGE_TRACKING = ON (CHANGE_RETENTION = 3 HOURS, AUTO_CLEANUP = OFF)',
    );
    expect(double.instance.databases.get('app')?.options.changeTracking).toEqual({
      retentionMinutes: 180,
      autoCleanup: false,
    });
    expect((await session.run('ALTER DATABASE app SET CHANGE_TRACKING = ON')).numbers).toEqual([5088, 5069]);
    await session.run('ALTER DATABASE app SET CHANGE_TRACKING = OFF');
  });

  it('makes it read-only: 3906', async () => {
    await session.run('CREATE TABLE app.dbo.r (i int); ALTER DATABASE app SET READ_ONLY');
    expect((await session.run('INSERT app.dbo.r VALUES (1)')).numbers).toEqual([3906]);
    expect((await session.run('SELECT * FROM app.dbo.r')).numbers).toEqual([]);
    await session.run('ALTER DATABASE app SET READ_WRITE');
    expect((await session.run('INSERT app.dbo.r VALUES (1)')).numbers).toEqual([]);
  });

  it('takes it offline and back: 942', async () => {
    await session.run('ALTER DATABASE app SET OFFLINE WITH ROLLBACK IMMEDIATE');
    expect(await state('app', 'state_desc')).toBe('OFFLINE');
    expect((await session.run('SELECT * FROM app.dbo.r')).numbers).toEqual([942]);
    expect((await session.run('USE app')).numbers).toEqual([942]);
    await session.run('ALTER DATABASE app SET ONLINE');
    expect((await session.run('SELECT * FROM app.dbo.r')).rows).toEqual([[1]]);
  });

  it('to SINGLE_USER sends others away, or refuses with NO_WAIT', async () => {
    const other = double.session();
    await other.run('BEGIN TRAN; INSERT dbo.r VALUES (2)');
    expect((await session.run('ALTER DATABASE app SET SINGLE_USER WITH NO_WAIT')).numbers).toEqual([
      5070, 5069,
    ]);
    const { numbers, texts } = await session.run(
      'ALTER DATABASE app SET SINGLE_USER WITH ROLLBACK IMMEDIATE',
    );
    expect(numbers).toEqual([]);
    expect(texts).toEqual([
      'Nonqualified transactions are being rolled back. Estimated rollback completion: 100%.',
    ]);
    expect(other.session.ended.aborted).toBe(true);
    expect((await session.run('SELECT * FROM app.dbo.r')).rows).toEqual([[1]]);
    const only = double.session();
    expect(() => double.session()).toThrow(/Cannot open database/);
    only.end();
    await only.run('');
    await session.run('ALTER DATABASE app SET MULTI_USER');
    double.session().end();
  });

  it('changes its name', async () => {
    await session.run('CREATE DATABASE before_it; ALTER DATABASE before_it MODIFY NAME = after_it');
    expect(await session.value("SELECT DB_NAME(DB_ID('after_it'))")).toBe('after_it');
    expect((await session.run('USE before_it')).numbers).toEqual([911]);
    expect((await session.run('ALTER DATABASE after_it MODIFY NAME = app')).numbers).toEqual([1801]);
  });
});

describe('database snapshots', () => {
  it('keep the rows of their moment, and nothing is written to them', async () => {
    await session.run(
      "CREATE DATABASE app_s ON (NAME = app, FILENAME = 'D:\\app.ss') AS SNAPSHOT OF app; INSERT app.dbo.r VALUES (9)",
    );
    expect((await session.run('SELECT COUNT(*) FROM app_s.dbo.r')).rows).toEqual([[1]]);
    expect((await session.run('SELECT COUNT(*) FROM app.dbo.r')).rows).toEqual([[2]]);
    expect((await session.run('DELETE app_s.dbo.r')).numbers).toEqual([3906]);
    expect(await state('app_s', 'source_database_id')).toBe(5);
    expect((await session.run('DROP DATABASE app')).numbers).toEqual([3709]);
    expect((await session.run('DROP DATABASE app_s')).numbers).toEqual([]);
  });

  it.each([
    ["CREATE DATABASE x ON (NAME = other, FILENAME = 'D:\\x.ss') AS SNAPSHOT OF app", [5127]],
    ["CREATE DATABASE x ON (NAME = app, FILENAME = 'D:\\x.ss') AS SNAPSHOT OF nowhere", [911]],
  ])('%s: %j', async (text, numbers) => {
    expect((await session.run(text)).numbers).toEqual(numbers);
  });

  it('are no feature of Standard before 2016 SP1: 1844', async () => {
    await using old = await startDouble({ product: '2012-standard' });
    const { errors } = await old
      .session()
      .run("CREATE DATABASE s ON (NAME = app, FILENAME = 'D:\\s.ss') AS SNAPSHOT OF app");
    expect(errors).toMatchObject([
      { number: 1844, text: 'Database Snapshot is not supported on Standard Edition (64-bit).' },
    ]);
  });
});

describe('a server that starts again', () => {
  it('tells by tempdb and by sys.dm_os_sys_info when it started; other databases keep their time', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'landfall-sql-'));
    const times = `SELECT (SELECT CONVERT(varchar(23), create_date, 121) FROM sys.databases WHERE name = N'tempdb') AS t,
  (SELECT CONVERT(varchar(23), create_date, 121) FROM sys.databases WHERE name = N'app') AS a,
  (SELECT CONVERT(varchar(23), sqlserver_start_time, 121) FROM sys.dm_os_sys_info) AS s`;
    try {
      const first = await startDouble({ directory, clock: new ManualClock(Date.UTC(2026, 10, 1)) });
      const app = '2026-11-01 00:00:00.000';
      expect((await first.session().run(times)).rows).toEqual([[app, app, app]]);
      await first.close();
      const second = await startDouble({ directory, clock: new ManualClock(Date.UTC(2026, 10, 2)) });
      const start = '2026-11-02 00:00:00.000';
      expect((await second.session().run(times)).rows).toEqual([[start, app, start]]);
      await second.close();
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  it('has its databases, logins and options; tempdb is empty', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'landfall-sql-'));
    try {
      const first = await startDouble({ directory });
      const before = first.session();
      await before.run(
        "CREATE TABLE dbo.kept (i int IDENTITY, n nvarchar(10)); INSERT dbo.kept VALUES (N'ä'), (N'ö'); CREATE LOGIN bob WITH PASSWORD = 'Fourth horse 3'; CREATE USER bob; GRANT SELECT ON dbo.kept TO bob; CREATE TABLE ##gone (i int)",
      );
      await before.run(
        "ALTER DATABASE app SET RECOVERY SIMPLE; EXEC sp_configure 'max text repl size', -1; RECONFIGURE",
      );
      await before.run('BEGIN TRAN; INSERT dbo.kept VALUES (N$$)'.replace('$$', "'no'"));
      await first.close();

      const second = await startDouble({ directory });
      const after = second.session({ user: 'bob', password: 'Fourth horse 3' });
      expect((await after.run('SELECT * FROM dbo.kept ORDER BY i')).rows).toEqual([
        [1, 'ä'],
        [2, 'ö'],
      ]);
      expect((await after.run('SELECT * FROM ##gone')).numbers).toEqual([208]);
      expect(second.instance.configuration.value('max text repl size (B)')).toBe(-1);
      expect(second.instance.databases.get('app')?.options.recovery).toBe('SIMPLE');
      expect(
        (
          await second
            .session()
            .run('INSERT dbo.kept VALUES (N$$); SELECT SCOPE_IDENTITY()'.replace('$$', "'u'"))
        ).numbers,
      ).toEqual([]);
      await second.close();
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
