import { expect, test } from 'vitest';
import type { Clock } from '../../../../../src/foundation/clock.ts';
import { type SqlSession, startDouble } from '../../../../support/sql-double.ts';

const changes = async (session: SqlSession, table: string, since: number | 'NULL') => {
  const { rows, errors } = await session.run(
    `SELECT SYS_CHANGE_OPERATION, id, SYS_CHANGE_VERSION, SYS_CHANGE_CREATION_VERSION FROM CHANGETABLE(CHANGES ${table}, ${since}) AS c ORDER BY id`,
  );
  expect(errors).toEqual([]);
  return rows;
};

const version = (session: SqlSession) => session.value('SELECT CHANGE_TRACKING_CURRENT_VERSION()');
const minimum = (session: SqlSession, table: string) =>
  session.value(`SELECT CHANGE_TRACKING_MIN_VALID_VERSION(OBJECT_ID(N'${table}'))`);

async function tracked() {
  const double = await startDouble();
  const session = double.session();
  for (const text of [
    'ALTER DATABASE app SET CHANGE_TRACKING = ON (CHANGE_RETENTION = 7 DAYS, AUTO_CLEANUP = ON)',
    'ALTER DATABASE app SET ALLOW_SNAPSHOT_ISOLATION ON',
    'CREATE TABLE dbo.T (id int NOT NULL PRIMARY KEY, a nvarchar(20), b int)',
    'ALTER TABLE dbo.T ENABLE CHANGE_TRACKING WITH (TRACK_COLUMNS_UPDATED = ON)',
  ])
    expect((await session.run(text)).errors).toEqual([]);
  return { double, session };
}

test('is refused where the database, the key or the table is not ready for it', async () => {
  await using double = await startDouble();
  const session = double.session();
  await session.run('CREATE TABLE dbo.T (id int NOT NULL PRIMARY KEY); CREATE TABLE dbo.H (id int)');
  const numbers = async (text: string) => (await session.run(text)).numbers;
  expect(await version(session)).toBeNull();
  expect(await numbers('ALTER TABLE dbo.T ENABLE CHANGE_TRACKING')).toEqual([4995]);
  expect(await numbers('ALTER DATABASE app SET CHANGE_TRACKING = OFF')).toEqual([5089, 5069]);
  await session.run('ALTER DATABASE app SET CHANGE_TRACKING = ON');
  expect(await version(session)).toBe(0n);
  expect(await numbers('ALTER DATABASE app SET CHANGE_TRACKING = ON')).toEqual([5088, 5069]);
  expect(await numbers('ALTER TABLE dbo.H ENABLE CHANGE_TRACKING')).toEqual([4997]);
  expect(await numbers('ALTER TABLE dbo.T DISABLE CHANGE_TRACKING')).toEqual([4998]);
  expect(await numbers('SELECT * FROM CHANGETABLE(CHANGES dbo.T, 0) AS c')).toEqual([22105]);
  expect(await numbers('ALTER TABLE dbo.T ENABLE CHANGE_TRACKING')).toEqual([]);
  expect(await numbers('ALTER TABLE dbo.T ENABLE CHANGE_TRACKING')).toEqual([4996]);
  expect(await numbers('ALTER DATABASE app SET CHANGE_TRACKING = OFF')).toEqual([22115, 5069]);
  expect(await numbers('SELECT * FROM CHANGETABLE(CHANGES dbo.nothing, 0) AS c')).toEqual([208]);
  expect(await numbers('ALTER TABLE dbo.T DISABLE CHANGE_TRACKING')).toEqual([]);
  expect(await minimum(session, 'dbo.T')).toBeNull();
  expect(await numbers('ALTER DATABASE app SET CHANGE_TRACKING = OFF')).toEqual([]);
});

test('gives the net change of each row since a version', async () => {
  const { double, session } = await tracked();
  await using _double = double;
  await session.run("INSERT dbo.T VALUES (1, N'a', 1), (2, N'b', 2), (3, N'c', 3), (4, N'd', 4)");
  expect(await version(session)).toBe(1n);
  await session.run('UPDATE dbo.T SET b = 20 WHERE id = 2');
  await session.run('DELETE dbo.T WHERE id = 3');
  await session.run('UPDATE dbo.T SET id = 40 WHERE id = 4');
  await session.run("INSERT dbo.T VALUES (5, N'e', 5); DELETE dbo.T WHERE id = 5");
  await session.run(
    "DELETE dbo.T WHERE id = 1; INSERT dbo.T VALUES (1, N'again', 1); UPDATE dbo.T SET b = 7 WHERE id = 1",
  );
  expect(await changes(session, 'dbo.T', 1)).toEqual([
    ['I', 1, 9n, 8n],
    ['U', 2, 2n, null],
    ['D', 3, 3n, null],
    ['D', 4, 4n, null],
    ['D', 5, 6n, null],
    ['I', 40, 4n, 4n],
  ]);
  // From the beginning row 2 is an insert, whatever was changed of it since.
  expect((await changes(session, 'dbo.T', 'NULL'))[1]).toEqual(['I', 2, 2n, 1n]);
  expect(await changes(session, 'dbo.T', 9)).toEqual([]);
  // What is rolled back, and a statement that changes no row, has no version.
  await session.run('BEGIN TRAN; UPDATE dbo.T SET b = 0; ROLLBACK; UPDATE dbo.T SET b = 0 WHERE id = 77');
  expect(await version(session)).toBe(9n);
  // One transaction is one version.
  await session.run(
    'BEGIN TRAN; UPDATE dbo.T SET b = 1 WHERE id = 1; UPDATE dbo.T SET b = 1 WHERE id = 2; COMMIT',
  );
  expect(await changes(session, 'dbo.T', 9)).toEqual([
    ['U', 1, 10n, null],
    ['U', 2, 10n, null],
  ]);
});

test('tells the columns of updates, and the last version of a row', async () => {
  const { double, session } = await tracked();
  await using _double = double;
  await session.run("INSERT dbo.T VALUES (1, N'a', 1), (2, N'b', 2)");
  await session.run('UPDATE dbo.T SET b = 5 WHERE id = 1');
  await session.run("UPDATE dbo.T SET a = N'z' WHERE id = 2; UPDATE dbo.T SET b = 6 WHERE id = 2");
  const { rows } = await session.run(`SELECT id,
    CHANGE_TRACKING_IS_COLUMN_IN_MASK(COLUMNPROPERTY(OBJECT_ID(N'dbo.T'), N'a', N'ColumnId'), SYS_CHANGE_COLUMNS),
    CHANGE_TRACKING_IS_COLUMN_IN_MASK(COLUMNPROPERTY(OBJECT_ID(N'dbo.T'), N'b', N'ColumnId'), SYS_CHANGE_COLUMNS)
    FROM CHANGETABLE(CHANGES dbo.T, 1) AS c ORDER BY id`);
  expect(rows).toEqual([
    [1, 0, 1],
    [2, 1, 1],
  ]);
  const versions = await session.run(
    'SELECT t.id, v.SYS_CHANGE_VERSION, v.SYS_CHANGE_CONTEXT FROM dbo.T AS t CROSS APPLY CHANGETABLE(VERSION dbo.T, (id), (t.id)) AS v ORDER BY t.id',
  );
  expect(versions.rows).toEqual([
    [1, 2n, null],
    [2, 4n, null],
  ]);
  const none = await session.run(
    'SELECT SYS_CHANGE_VERSION FROM CHANGETABLE(VERSION dbo.T, (id), (99)) AS v',
  );
  expect(none.rows).toEqual([[null]]);
});

test('a truncated table begins again, for who has read to the end as well', async () => {
  const { double, session } = await tracked();
  await using _double = double;
  await session.run('INSERT dbo.T (id) VALUES (1), (2)');
  expect([await version(session), await minimum(session, 'dbo.T')]).toEqual([1n, 0n]);
  await session.run('TRUNCATE TABLE dbo.T');
  const begun = await minimum(session, 'dbo.T');
  expect(begun).toBeGreaterThan(1n);
  // Who begins again now has a version that is valid.
  expect(await version(session)).toBe(begun);
  await session.run('INSERT dbo.T (id) VALUES (3)');
  expect(await changes(session, 'dbo.T', Number(begun))).toEqual([['I', 3, 3n, 3n]]);
  expect(await minimum(session, 'dbo.T')).toBe(begun);
});

test('a transaction of SNAPSHOT isolation and a database snapshot have the versions of their moment', async () => {
  const { double, session } = await tracked();
  await using _double = double;
  await session.run('INSERT dbo.T (id) VALUES (1)');
  const reader = double.session();
  await reader.run('SET TRANSACTION ISOLATION LEVEL SNAPSHOT; BEGIN TRAN; SELECT COUNT(*) FROM dbo.T');
  expect(
    (
      await session.run(
        "CREATE DATABASE app_snap ON (NAME = N'app', FILENAME = N'D:\\app.ss') AS SNAPSHOT OF app",
      )
    ).errors,
  ).toEqual([]);
  await session.run('INSERT dbo.T (id) VALUES (2); UPDATE dbo.T SET b = 1 WHERE id = 1');
  expect(await version(reader)).toBe(1n);
  expect(await changes(reader, 'dbo.T', 0)).toEqual([['I', 1, 1n, 1n]]);
  await reader.run('COMMIT; SET TRANSACTION ISOLATION LEVEL READ COMMITTED');
  expect(await version(reader)).toBe(3n);
  const snapshot = double.session({ database: 'app_snap' });
  expect(await version(snapshot)).toBe(1n);
  expect(await changes(snapshot, 'dbo.T', 0)).toEqual([['I', 1, 1n, 1n]]);
  for (const each of [reader, snapshot]) each.end();
});

test('forgets what is older than the retention', async () => {
  let now = Date.parse('2026-09-01T00:00:00Z');
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    sleep: (_ms, signal) =>
      new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
  };
  await using double = await startDouble({ clock });
  const session = double.session();
  await session.run('ALTER DATABASE app SET CHANGE_TRACKING = ON (CHANGE_RETENTION = 2 HOURS)');
  await session.run(
    'CREATE TABLE dbo.T (id int NOT NULL PRIMARY KEY); ALTER TABLE dbo.T ENABLE CHANGE_TRACKING',
  );
  await session.run(
    'CREATE TABLE dbo.U (id int NOT NULL PRIMARY KEY); ALTER TABLE dbo.U ENABLE CHANGE_TRACKING',
  );
  await session.run('INSERT dbo.T (id) VALUES (1)');
  now += 3 * 3_600_000;
  await session.run('INSERT dbo.T (id) VALUES (2)');
  expect(await minimum(session, 'dbo.T')).toBe(1n);
  // By time, not by table.
  expect(await minimum(session, 'dbo.U')).toBe(1n);
  expect(await changes(session, 'dbo.T', 'NULL')).toEqual([['I', 2, 2n, 2n]]);
  await session.run('ALTER DATABASE app SET CHANGE_TRACKING (AUTO_CLEANUP = OFF)');
  now += 30 * 3_600_000;
  expect(await minimum(session, 'dbo.T')).toBe(1n);
  expect(await changes(session, 'dbo.T', 1)).toEqual([['I', 2, 2n, 2n]]);
});
