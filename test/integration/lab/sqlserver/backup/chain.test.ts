import { expect, test } from 'vitest';
import { type SqlDouble, type SqlSession, startDouble } from '../../../../support/sql-double.ts';
import { numbers, ok, records } from './statements.ts';

const MOVE = "MOVE N'app' TO N'D:\\copy.mdf', MOVE N'app_log' TO N'D:\\copy.ldf'";
const FULL = "DISK = N'X:\\full.bak'";
const LOGS = "DISK = N'X:\\log.trn'";

/** Rows 1 before the full backup, 2, 3 and 4 each in a log backup of its own, all in one file. */
async function withChain(double: SqlDouble): Promise<SqlSession> {
  const session = double.session();
  await ok(session, 'CREATE TABLE t (id int PRIMARY KEY); INSERT t VALUES (1)');
  await ok(session, `BACKUP DATABASE app TO ${FULL}`);
  for (const id of [2, 3, 4]) await ok(session, `INSERT t VALUES (${id}); BACKUP LOG app TO ${LOGS}`);
  return session;
}

const untilAborted = (_ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));

const ids = async (session: SqlSession, database: string) =>
  (await ok(session, `SELECT id FROM ${database}.dbo.t ORDER BY id`)).rows.map(([id]) => id);

const restoreLog = (file: number, end = 'NORECOVERY') =>
  `RESTORE LOG copy FROM ${LOGS} WITH FILE = ${file}, ${end}`;

test('log backups are restored one after the other, without a gap', async () => {
  await using double = await startDouble();
  const session = await withChain(double);
  expect(await numbers(session, `RESTORE LOG copy FROM ${LOGS} WITH NORECOVERY`)).toEqual([3118, 3013]);
  expect(await numbers(session, `RESTORE LOG app FROM ${LOGS} WITH NORECOVERY`)).toEqual([3117, 3013]);
  expect(await numbers(session, `RESTORE DATABASE copy FROM ${LOGS} WITH NORECOVERY`)).toEqual([3135, 3013]);
  await ok(session, `RESTORE DATABASE copy FROM ${FULL} WITH ${MOVE}, NORECOVERY`);
  expect(await numbers(session, 'USE copy')).toEqual([927]);
  expect(await numbers(session, 'SELECT * FROM copy.dbo.t')).toEqual([927]);
  expect(await numbers(session, "BACKUP DATABASE copy TO DISK = N'X:\\no.bak'")).toEqual([927, 3013]);
  expect(await numbers(session, `RESTORE LOG copy FROM ${FULL} WITH NORECOVERY`)).toEqual([3135, 3013]);
  expect(await numbers(session, restoreLog(2))).toEqual([4305, 3013]);
  await ok(session, restoreLog(1));
  // Once more does no harm to what stands at its end; what lies before it is too early.
  await ok(session, restoreLog(1));
  await ok(session, restoreLog(2));
  expect(await numbers(session, restoreLog(1))).toEqual([4326, 3013]);
  await ok(session, restoreLog(3));
  await ok(session, 'RESTORE DATABASE copy WITH RECOVERY');
  expect(await ids(session, 'copy')).toEqual([1, 2, 3, 4]);
  expect(await numbers(session, 'RESTORE DATABASE copy WITH RECOVERY')).toEqual([3153, 3013]);
  expect(await numbers(session, restoreLog(3))).toEqual([3117, 3013]);
  const history = await records(
    session,
    'SELECT destination_database_name AS d, restore_type AS t, recovery AS r FROM msdb.dbo.restorehistory',
  );
  expect(history).toEqual([
    { d: 'copy', t: 'D', r: 0 },
    ...Array.from({ length: 4 }, () => ({ d: 'copy', t: 'L', r: 0 })),
  ]);
});

test('a recovery begins a fork of its own', async () => {
  await using double = await startDouble();
  const session = await withChain(double);
  const status = async (name: string) =>
    (
      await records(
        session,
        `SELECT * FROM sys.database_recovery_status WHERE database_id = DB_ID(N'${name}')`,
      )
    )[0];
  const [header] = await records(session, `RESTORE HEADERONLY FROM ${FULL}`);
  const source = await status('app');
  expect([header?.['FamilyGUID'], header?.['RecoveryForkID']]).toEqual([
    source?.['family_guid'],
    source?.['recovery_fork_guid'],
  ]);
  await ok(session, `RESTORE DATABASE copy FROM ${FULL} WITH ${MOVE}`);
  const copy = await status('copy');
  expect(copy?.['family_guid']).toBe(source?.['family_guid']);
  expect(copy?.['recovery_fork_guid']).not.toBe(source?.['recovery_fork_guid']);
  // Its log is another one now, even at the same length.
  await ok(session, "INSERT copy.dbo.t VALUES (77); BACKUP LOG copy TO DISK = N'X:\\copy.trn'");
  await ok(
    session,
    "BACKUP DATABASE copy TO DISK = N'X:\\copy.bak'; RESTORE DATABASE copy FROM DISK = N'X:\\copy.bak' WITH REPLACE, NORECOVERY",
  );
  expect(await numbers(session, restoreLog(1))).toEqual([4330, 3013]);
  const [log] = await records(session, "RESTORE HEADERONLY FROM DISK = N'X:\\copy.trn'");
  expect(log?.['RecoveryForkID']).toBe(copy?.['recovery_fork_guid']);
  expect([log?.['FirstRecoveryForkID'], log?.['ForkPointLSN']]).toEqual([
    source?.['recovery_fork_guid'],
    log?.['FirstLSN'],
  ]);
});

test('two servers change roles and back: tails of the log in both directions', async () => {
  await using double = await startDouble();
  const session = double.session();
  await ok(session, 'CREATE TABLE t (id int PRIMARY KEY); INSERT t VALUES (1)');
  await ok(
    session,
    `BACKUP DATABASE app TO ${FULL}; RESTORE DATABASE copy FROM ${FULL} WITH ${MOVE}, NORECOVERY`,
  );
  await ok(session, 'INSERT t VALUES (2)');
  expect(await numbers(session, `BACKUP LOG app TO ${LOGS} WITH NORECOVERY`)).toEqual([3101, 3013]);
  await ok(session, `USE master; BACKUP LOG app TO ${LOGS} WITH NORECOVERY`);
  expect(await session.value("SELECT state_desc FROM sys.databases WHERE name = N'app'")).toBe('RESTORING');
  expect(await numbers(session, 'INSERT app.dbo.t VALUES (3)')).toEqual([927]);
  const [tail] = await records(session, `RESTORE HEADERONLY FROM ${LOGS}`);
  expect(tail?.['IsForceOffline']).toBe(1);
  await ok(session, restoreLog(1, 'RECOVERY'));
  await ok(session, 'INSERT copy.dbo.t VALUES (3)');
  expect(await ids(session, 'copy')).toEqual([1, 2, 3]);
  // Back again: what was production goes on from its own tail.
  await ok(session, "BACKUP LOG copy TO DISK = N'X:\\back.trn' WITH NORECOVERY");
  await ok(session, "RESTORE LOG app FROM DISK = N'X:\\back.trn' WITH RECOVERY");
  expect(await ids(session, 'app')).toEqual([1, 2, 3]);
  // The other one may be opened as well, and is of another history from then on.
  await ok(session, 'RESTORE DATABASE copy WITH RECOVERY; INSERT copy.dbo.t VALUES (4)');
  await ok(session, "BACKUP LOG copy TO DISK = N'X:\\fork.trn'");
  await ok(session, "BACKUP LOG app TO DISK = N'X:\\app.trn' WITH NORECOVERY");
  expect(await numbers(session, "RESTORE LOG app FROM DISK = N'X:\\fork.trn' WITH NORECOVERY")).toEqual([
    4330, 3013,
  ]);
});

test('a tail is refused while a transaction is open, and leaves the database as it was when it fails', async () => {
  await using double = await startDouble();
  const session = double.session({ database: 'master' });
  await ok(session, `CREATE TABLE app.dbo.t (id int); BACKUP DATABASE app TO ${FULL}`);
  const other = double.session({ database: 'master' });
  await ok(other, 'BEGIN TRAN; INSERT app.dbo.t VALUES (1)');
  const tail = `BACKUP LOG app TO ${LOGS} WITH NORECOVERY`;
  expect(await numbers(session, tail)).toEqual([3101, 3013]);
  await ok(other, 'ROLLBACK');
  await ok(session, `BACKUP DATABASE app TO ${LOGS}, DISK = N'X:\\2.trn'`);
  expect(await numbers(session, tail)).toEqual([3231, 3013]);
  await ok(session, 'INSERT app.dbo.t VALUES (2)');
  await ok(session, `${tail}, FORMAT`);
  await ok(session, 'RESTORE DATABASE app WITH RECOVERY');
  expect(await session.value('SELECT COUNT(*) FROM app.dbo.t')).toBe(1);
  other.end();
});

test('STANDBY lets the database be read between two restores', async () => {
  await using double = await startDouble();
  const session = await withChain(double);
  await ok(session, `RESTORE DATABASE copy FROM ${FULL} WITH ${MOVE}, STANDBY = N'X:\\undo.dat'`);
  expect(await ids(session, 'copy')).toEqual([1]);
  expect(await numbers(session, 'INSERT copy.dbo.t VALUES (9)')).toEqual([3906]);
  const state = "SELECT state_desc, is_in_standby, is_read_only FROM sys.databases WHERE name = N'copy'";
  expect((await ok(session, state)).rows).toEqual([['ONLINE', 1, 1]]);
  const reader = double.session({ database: 'copy' });
  expect(await numbers(session, restoreLog(1))).toEqual([3101, 3013]);
  reader.end();
  await ok(session, restoreLog(1, "STANDBY = N'X:\\undo.dat'"));
  expect(await ids(session, 'copy')).toEqual([1, 2]);
  await ok(session, restoreLog(2));
  expect((await ok(session, state)).rows).toEqual([['RESTORING', 0, 0]]);
  await ok(session, restoreLog(3, 'RECOVERY'));
  await ok(session, 'INSERT copy.dbo.t VALUES (9)');
  expect(await ids(session, 'copy')).toEqual([1, 2, 3, 4, 9]);
});

test('STOPAT ends between two commits', async () => {
  let now = Date.parse('2026-09-01T12:00:00Z');
  await using double = await startDouble({
    clock: { now: () => now, monotonic: () => now, sleep: untilAborted },
  });
  const session = double.session();
  await ok(session, `CREATE TABLE t (id int PRIMARY KEY); BACKUP DATABASE app TO ${FULL}`);
  for (const id of [1, 2, 3, 4]) {
    now += 60_000;
    await ok(session, `INSERT t VALUES (${id})`);
  }
  await ok(session, `BACKUP LOG app TO ${LOGS}`);
  await ok(session, `RESTORE DATABASE copy FROM ${FULL} WITH ${MOVE}, NORECOVERY`);
  expect(await numbers(session, restoreLog(1, "STOPAT = 'never'"))).toEqual([241, 3013]);
  await ok(session, restoreLog(1, "STOPAT = '2026-09-01T12:02:30', RECOVERY"));
  expect(await ids(session, 'copy')).toEqual([1, 2]);
  // A log that ends before is applied, and the database waits for the next one.
  await ok(session, `RESTORE DATABASE copy FROM ${FULL} WITH REPLACE, ${MOVE}, NORECOVERY`);
  await ok(session, restoreLog(1, "STOPAT = '2026-09-01T14:00:00', RECOVERY"));
  expect(await session.value("SELECT state_desc FROM sys.databases WHERE name = N'copy'")).toBe('RESTORING');
});
