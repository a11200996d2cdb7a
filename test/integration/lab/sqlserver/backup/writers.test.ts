import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type SqlSession, startDouble } from '../../../../support/sql-double.ts';
import { ok } from './statements.ts';

/** Log backups while others write: each commit is in exactly one of them, and none is lost between two. */

test('log backups hold every commit of their range, whole, and nothing else', async () => {
  await using double = await startDouble();
  const session = double.session();
  await ok(
    session,
    'CREATE TABLE t (id int IDENTITY PRIMARY KEY, writer int, n int, v int); CREATE SEQUENCE s AS bigint START WITH 1',
  );
  await ok(
    session,
    "CREATE TABLE other (id int PRIMARY KEY, stamp rowversion, v nvarchar(max)); BACKUP DATABASE app TO DISK = N'X:\\full.bak'",
  );
  const writers = await Promise.all(
    [1, 2, 3].map(async writer => {
      const own = double.session();
      await ok(own, `INSERT other (id, v) VALUES (${writer}, N'')`);
      return { writer, own, done: 0 };
    }),
  );
  const one = async (each: (typeof writers)[number]): Promise<void> => {
    for (let n = 1; n <= 25; n += 1) {
      // Three rows of one transaction, and one that is rolled back.
      await ok(
        each.own,
        `BEGIN TRAN; INSERT t (writer, n, v) VALUES (${each.writer}, ${n}, 1), (${each.writer}, ${n}, 2);
        UPDATE other SET v = CONCAT(v, N'${n};') WHERE id = ${each.writer}; INSERT t (writer, n, v) VALUES (${each.writer}, ${n}, NEXT VALUE FOR s); COMMIT;
        BEGIN TRAN; INSERT t (writer, n, v) VALUES (${each.writer}, -${n}, 0); ROLLBACK`,
      );
      each.done = n;
    }
  };
  const writing = Promise.all(writers.map(one));
  const counts: number[] = [];
  while (writers.some(({ done }) => done < 25)) {
    await ok(
      session,
      `BACKUP LOG app TO DISK = N'X:\\log.trn' WITH ${counts.length % 2 === 0 ? 'NO_COMPRESSION' : 'COMPRESSION'}`,
    );
    counts.push(counts.length + 1);
  }
  await writing;
  await ok(session, 'INSERT t (writer, n, v) VALUES (0, 0, 0), (0, 0, 0), (0, 0, 0)');
  await ok(session, "BACKUP LOG app TO DISK = N'X:\\log.trn'");
  await ok(
    session,
    "USE master; RESTORE DATABASE copy FROM DISK = N'X:\\full.bak' WITH MOVE N'app' TO N'D:\\c.mdf', MOVE N'app_log' TO N'D:\\c.ldf', STANDBY = N'X:\\u.dat'",
  );
  let before = 0;
  for (const file of [...counts, counts.length + 1]) {
    await ok(
      session,
      `RESTORE LOG copy FROM DISK = N'X:\\log.trn' WITH FILE = ${file}, STANDBY = N'X:\\u.dat'`,
    );
    // At the end of each backup every transaction is there whole or not at all.
    const torn = await session.value(
      'SELECT COUNT(*) FROM (SELECT writer, n FROM copy.dbo.t GROUP BY writer, n HAVING COUNT(*) <> 3) AS x',
    );
    expect(torn).toBe(0);
    const rows = Number(await session.value('SELECT COUNT(*) FROM copy.dbo.t'));
    expect(rows).toBeGreaterThanOrEqual(before);
    before = rows;
  }
  expect(before).toBe(228);
  expect(await contents(session, 'copy')).toEqual(await contents(session, 'app'));
  await ok(session, 'RESTORE DATABASE copy WITH RECOVERY');
  // What runs on goes on behind what was given away.
  const next = async (database: string) =>
    (await ok(session, `INSERT ${database}.dbo.t (writer, n, v) OUTPUT inserted.id VALUES (0, 0, 0)`))
      .rows[0]?.[0];
  expect(await next('copy')).toBe(await next('app'));
  expect(Number(await session.value('USE copy; SELECT NEXT VALUE FOR dbo.s'))).toBeGreaterThan(75);
  await ok(session, "INSERT copy.dbo.other (id, v) VALUES (99, N'')");
  expect(
    await session.value(
      'SELECT id FROM copy.dbo.other WHERE stamp = (SELECT MAX(stamp) FROM copy.dbo.other)',
    ),
  ).toBe(99);
  for (const { own } of writers) own.end();
});

const contents = async (session: SqlSession, database: string) => [
  (await ok(session, `SELECT * FROM ${database}.dbo.t ORDER BY id`)).rows,
  (await ok(session, `SELECT * FROM ${database}.dbo.other ORDER BY id`)).rows,
];

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('rows' as const),
      id: fc.integer({ min: 1, max: 8 }),
      v: fc.integer({ min: 0, max: 99 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('delete' as const), id: fc.integer({ min: 1, max: 8 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('define' as const), n: fc.integer({ min: 1, max: 3 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('truncate' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('log' as const) }) },
);

test('whatever happens between log backups, the restored copy equals the original', async () => {
  await using double = await startDouble();
  const session = double.session({ database: 'master' });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async steps => {
      run += 1;
      const [source, copy] = [`s${run}`, `c${run}`];
      await ok(session, `CREATE DATABASE ${source}`);
      await ok(session, `ALTER DATABASE ${source} SET CHANGE_TRACKING = ON`);
      await ok(session, `USE ${source}; CREATE TABLE dbo.t (id int PRIMARY KEY, v int)`);
      await ok(session, 'ALTER TABLE dbo.t ENABLE CHANGE_TRACKING WITH (TRACK_COLUMNS_UPDATED = ON)');
      await ok(session, `BACKUP DATABASE ${source} TO DISK = N'X:\\${source}.bak'`);
      let logs = 0;
      for (const each of [...steps, { kind: 'log' as const }])
        if (each.kind === 'log') {
          await ok(session, `BACKUP LOG ${source} TO DISK = N'X:\\${source}.trn'`);
          logs += 1;
        } else await ok(session, textOf(each));
      await ok(
        session,
        `USE master; RESTORE DATABASE ${copy} FROM DISK = N'X:\\${source}.bak' WITH MOVE N'${source}' TO N'D:\\${copy}.mdf', MOVE N'${source}_log' TO N'D:\\${copy}.ldf', NORECOVERY`,
      );
      for (let file = 1; file <= logs; file += 1)
        await ok(
          session,
          `RESTORE LOG ${copy} FROM DISK = N'X:\\${source}.trn' WITH FILE = ${file}, NORECOVERY`,
        );
      await ok(session, `RESTORE DATABASE ${copy} WITH RECOVERY`);
      expect(await everything(session, copy)).toEqual(await everything(session, source));
      await ok(session, `USE master; DROP DATABASE ${source}; DROP DATABASE ${copy}`);
    }),
    { numRuns: 12, seed: 20260901 },
  );
});

function textOf(
  each: Exclude<typeof step extends fc.Arbitrary<infer T> ? T : never, { kind: 'log' }>,
): string {
  switch (each.kind) {
    case 'rows':
      return `BEGIN TRAN; DELETE dbo.t WHERE id = ${each.id} AND v = ${each.v}; UPDATE dbo.t SET v = ${each.v} WHERE id = ${each.id};
        IF @@ROWCOUNT = 0 INSERT dbo.t (id, v) VALUES (${each.id}, ${each.v}); COMMIT`;
    case 'delete':
      return `DELETE dbo.t WHERE id = ${each.id}`;
    case 'truncate':
      return 'TRUNCATE TABLE dbo.t';
    case 'define':
      return `IF COL_LENGTH(N'dbo.t', N'c${each.n}') IS NULL ALTER TABLE dbo.t ADD c${each.n} nvarchar(20) NOT NULL DEFAULT N'd${each.n}' ELSE CREATE TABLE dbo.[${each.n} ${Math.imul(each.n, 7)}] (x int)
        IF OBJECT_ID(N'dbo.[${each.n} ${Math.imul(each.n, 7)}]') IS NOT NULL DROP TABLE dbo.[${each.n} ${Math.imul(each.n, 7)}]`;
  }
}

const everything = async (session: SqlSession, database: string) => ({
  rows: (await ok(session, `USE ${database}; SELECT * FROM dbo.t ORDER BY id`)).results.at(-1),
  objects: (
    await ok(session, 'SELECT name, object_id FROM sys.objects WHERE is_ms_shipped = 0 ORDER BY object_id')
  ).rows,
  version: await session.value('SELECT CHANGE_TRACKING_CURRENT_VERSION()'),
  minimum: await session.value("SELECT CHANGE_TRACKING_MIN_VALID_VERSION(OBJECT_ID(N'dbo.t'))"),
  changes: (await ok(session, 'SELECT * FROM CHANGETABLE(CHANGES dbo.t, NULL) AS c ORDER BY id')).rows,
});
