import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type SqlDouble, startDouble } from '../../../../support/sql-double.ts';
import { numbers, ok, records } from './statements.ts';

const MOVE = "MOVE N'app' TO N'D:\\copy.mdf', MOVE N'app_log' TO N'D:\\copy.ldf'";

async function withTable(double: SqlDouble) {
  const session = double.session();
  await ok(
    session,
    "CREATE TABLE t (id int IDENTITY PRIMARY KEY, v nvarchar(50)); INSERT t (v) VALUES (N'a'), (N'b')",
  );
  return session;
}

test('a striped, compressed backup tells its progress and is in msdb', async () => {
  await using double = await startDouble();
  const session = await withTable(double);
  const { texts } = await ok(
    session,
    "BACKUP DATABASE app TO DISK = N'X:\\b\\1.bak', DISK = N'X:\\b\\2.bak' WITH COMPRESSION, CHECKSUM, INIT, FORMAT, STATS = 50, MAXTRANSFERSIZE = 4194304, BUFFERCOUNT = 64, NAME = N'before the storm'",
  );
  expect(texts[0]).toMatch(/^\d+ percent processed\.$/);
  expect(texts).toContain('100 percent processed.');
  expect(texts.at(-3)).toMatch(/^Processed \d+ pages for database 'app', file 'app' on file 1\.$/);
  expect(texts.at(-1)).toMatch(
    /^BACKUP DATABASE successfully processed \d+ pages in [\d.]+ seconds \([\d.]+ MB\/sec\)\.$/,
  );
  const [set] = await records(session, 'SELECT * FROM msdb.dbo.backupset');
  expect(set).toMatchObject({
    name: 'before the storm',
    database_name: 'app',
    server_name: 'MIA-SQL1',
    type: 'D',
    is_copy_only: 0,
    begins_log_chain: 1,
    has_backup_checksums: 1,
  });
  expect(Number(set?.['compressed_backup_size'])).toBeLessThan(Number(set?.['backup_size']));
  const families = await records(
    session,
    'SELECT family_sequence_number AS n, physical_device_name AS d FROM msdb.dbo.backupmediafamily',
  );
  expect(families).toEqual([
    { n: 1, d: 'X:\\b\\1.bak' },
    { n: 2, d: 'X:\\b\\2.bak' },
  ]);
  const verified = await ok(
    session,
    "RESTORE VERIFYONLY FROM DISK = N'x:\\B\\2.bak', DISK = N'X:/b/1.bak' WITH CHECKSUM",
  );
  expect(verified.texts).toEqual(['The backup set on file 1 is valid.']);
  expect(await numbers(session, "RESTORE VERIFYONLY FROM DISK = N'X:\\b\\1.bak'")).toEqual([3132, 3013]);
  expect(
    await numbers(session, "RESTORE VERIFYONLY FROM DISK = N'X:\\b\\1.bak', DISK = N'X:\\b\\1.bak'"),
  ).toEqual([3227, 3013]);
  const [label] = await records(session, "RESTORE LABELONLY FROM DISK = N'X:\\b\\2.bak'");
  expect(label).toMatchObject({ FamilyCount: 2, FamilySequenceNumber: 2, IsCompressed: 1 });
});

test('a file takes several sets; INIT begins it anew, FORMAT makes other media of it', async () => {
  await using double = await startDouble();
  const session = await withTable(double);
  await ok(
    session,
    "BACKUP DATABASE app TO DISK = N'X:\\a.bak'; BACKUP DATABASE app TO DISK = N'X:\\a.bak' WITH COPY_ONLY; BACKUP LOG app TO DISK = N'X:\\a.bak' WITH CHECKSUM",
  );
  const header = "RESTORE HEADERONLY FROM DISK = N'X:\\a.bak'";
  const sets = await records(session, header);
  expect(
    sets.map(each => [each['Position'], each['BackupType'], each['IsCopyOnly'], each['HasBackupChecksums']]),
  ).toEqual([
    [1, 1, 0, 0],
    [2, 1, 1, 0],
    [3, 2, 0, 1],
  ]);
  expect(await numbers(session, "RESTORE FILELISTONLY FROM DISK = N'X:\\a.bak' WITH FILE = 4")).toEqual([
    4038, 3013,
  ]);
  expect(
    await numbers(session, "RESTORE VERIFYONLY FROM DISK = N'X:\\a.bak' WITH FILE = 2, CHECKSUM"),
  ).toEqual([3187, 3013]);
  expect(
    await numbers(session, "BACKUP DATABASE app TO DISK = N'X:\\a.bak', DISK = N'X:\\b.bak' WITH INIT"),
  ).toEqual([3231, 3013]);
  expect(await records(session, header)).toHaveLength(3);
  await ok(session, "BACKUP DATABASE app TO DISK = N'X:\\a.bak' WITH INIT");
  expect(await records(session, header)).toHaveLength(1);
  await ok(session, "BACKUP DATABASE app TO DISK = N'X:\\a.bak', DISK = N'X:\\b.bak' WITH FORMAT");
  expect(await numbers(session, "RESTORE VERIFYONLY FROM DISK = N'X:\\a.bak'")).toEqual([3132, 3013]);
});

test('what a backup cannot do is refused with its own number', async () => {
  await using double = await startDouble({ product: '2019-express' });
  const session = await withTable(double);
  const to = "TO DISK = N'X:\\a.bak'";
  expect(await numbers(session, `BACKUP DATABASE nothing ${to}`)).toEqual([911, 3013]);
  expect(await numbers(session, `BACKUP DATABASE tempdb ${to}`)).toEqual([3147, 3013]);
  expect(await numbers(session, `BACKUP DATABASE app ${to} WITH COMPRESSION`)).toEqual([1844, 3013]);
  expect(await numbers(session, `BACKUP DATABASE app ${to} WITH INIT, NOINIT`)).toEqual([3031, 3013]);
  expect(await numbers(session, `BACKUP DATABASE app ${to} WITH STATS = 0`)).toEqual([3250, 3013]);
  expect(await numbers(session, `BEGIN TRAN; BACKUP DATABASE app ${to}; ROLLBACK`)).toEqual([3021]);
  expect(await numbers(session, `BACKUP DATABASE app ${to} WITH DIFFERENTIAL`)).toEqual([40517]);
  expect(await numbers(session, `BACKUP LOG app ${to}`)).toEqual([4214, 3013]);
  await ok(session, `BACKUP DATABASE app ${to} WITH COPY_ONLY`);
  expect(await numbers(session, `BACKUP LOG app ${to}`)).toEqual([4214, 3013]);
  await ok(session, `BACKUP DATABASE app ${to}; BACKUP LOG app ${to}`);
  await ok(session, 'ALTER DATABASE app SET RECOVERY SIMPLE');
  expect(await numbers(session, `BACKUP LOG app ${to}`)).toEqual([4208, 3013]);
  // The chain is broken until the next full backup.
  await ok(session, 'ALTER DATABASE app SET RECOVERY FULL');
  expect(await numbers(session, `BACKUP LOG app ${to}`)).toEqual([4214, 3013]);
  await ok(session, `BACKUP DATABASE app ${to}; BACKUP LOG app ${to}`);
});

test('the log waits for its backup, and is short again after it', async () => {
  await using double = await startDouble();
  const session = await withTable(double);
  const wait = () => session.value("SELECT log_reuse_wait_desc FROM sys.databases WHERE name = N'app'");
  const used = async () =>
    Number(await session.value('SELECT used_log_space_in_bytes FROM sys.dm_db_log_space_usage'));
  const fill = "INSERT t (v) SELECT TOP (2000) N'some text that fills the log' FROM sys.all_columns";
  const before = await used();
  await ok(session, fill);
  // Nothing is kept before the first full backup.
  expect([await wait(), await used()]).toEqual(['NOTHING', before]);
  await ok(session, "BACKUP DATABASE app TO DISK = N'X:\\a.bak'");
  expect(await wait()).toBe('NOTHING');
  await ok(session, fill);
  expect(await wait()).toBe('LOG_BACKUP');
  expect(await used()).toBeGreaterThan(before + 50_000);
  await ok(session, "BACKUP LOG app TO DISK = N'X:\\a.trn' WITH COPY_ONLY");
  expect(await wait()).toBe('LOG_BACKUP');
  await ok(session, "BACKUP LOG app TO DISK = N'X:\\a.trn'");
  expect([await wait(), await used()]).toEqual(['NOTHING', before]);
  const [copyOnly, own] = await records(session, "RESTORE HEADERONLY FROM DISK = N'X:\\a.trn'");
  expect([own?.['FirstLSN'], own?.['LastLSN']]).toEqual([copyOnly?.['FirstLSN'], copyOnly?.['LastLSN']]);
  await ok(session, fill);
  await ok(session, 'ALTER DATABASE app SET RECOVERY SIMPLE');
  expect([await wait(), await used()]).toEqual(['NOTHING', before]);
});

test('writers go on while a backup runs, and what they write is not in it', async () => {
  await using double = await startDouble();
  const session = await withTable(double);
  await ok(session, "INSERT t (v) SELECT TOP (3000) REPLICATE(N'x', 50) FROM sys.all_columns");
  const before = Number(await session.value('SELECT COUNT(*) FROM t'));
  const writer = double.session();
  await ok(writer, "BEGIN TRAN; INSERT t (v) VALUES (N'open')");
  let [written, over] = [0, false];
  const backing = ok(session, "BACKUP DATABASE app TO DISK = N'X:\\a.bak' WITH STATS = 1").finally(() => {
    over = true;
  });
  const commands = new Set<unknown>();
  const monitor = double.session({ database: 'master' });
  while (!over) {
    await ok(writer, "INSERT t (v) VALUES (N'meanwhile')");
    written += 1;
    // Without the wire a session never lets go of the event loop.
    await setImmediate();
    for (const row of (
      await ok(monitor, "SELECT command FROM sys.dm_exec_requests WHERE command LIKE N'BACKUP%'")
    ).rows)
      commands.add(row[0]);
  }
  await backing;
  await ok(writer, 'COMMIT');
  expect(written).toBeGreaterThan(0);
  expect([...commands]).toEqual(['BACKUP DATABASE']);
  await ok(session, `RESTORE DATABASE copy FROM DISK = N'X:\\a.bak' WITH ${MOVE}`);
  expect(await session.value('SELECT COUNT(*) FROM copy.dbo.t')).toBe(before);
  expect(await session.value("SELECT COUNT(*) FROM t WHERE v IN (N'open', N'meanwhile')")).toBe(written + 1);
  for (const each of [writer, monitor]) each.end();
});
