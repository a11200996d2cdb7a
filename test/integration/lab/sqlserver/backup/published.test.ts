import { expect, test } from 'vitest';
import { type SqlDouble, startDouble } from '../../../../support/sql-double.ts';
import { numbers, ok, records } from './statements.ts';

const MOVE = "MOVE N'app' TO N'D:\\c.mdf', MOVE N'app_log' TO N'D:\\c.ldf'";
const BACKUP = "DISK = N'X:\\a.bak'";

/** `app` with a published table; its log reader has a session in it while the agent runs. */
async function publish(double: SqlDouble) {
  const session = double.session({ database: 'master' });
  for (const text of [
    'CREATE TABLE app.dbo.t (id int NOT NULL PRIMARY KEY)',
    `EXEC sys.sp_adddistributor @distributor = N'${double.name}', @password = N'Distribution 1'`,
    "EXEC sys.sp_adddistributiondb @database = N'distribution'",
    `EXEC distribution.sys.sp_adddistpublisher @publisher = N'${double.name}', @distribution_db = N'distribution', @working_directory = N'C:\\repl', @security_mode = 1`,
    "EXEC sys.sp_replicationdboption @dbname = N'app', @optname = N'publish', @value = N'true'",
    "EXEC app.sys.sp_addpublication @publication = N'p', @status = N'active', @independent_agent = N'true', @immediate_sync = N'true', @allow_initialize_from_backup = N'true'",
    "EXEC app.sys.sp_addarticle @publication = N'p', @article = N't', @source_owner = N'dbo', @source_object = N't', @force_invalidate_snapshot = 1",
  ])
    await ok(session, text);
  return session;
}

const published = async (session: Awaited<ReturnType<typeof publish>>, name: string) => [
  await session.value(`SELECT is_published FROM sys.databases WHERE name = N'${name}'`),
  await session.value(`SELECT is_published FROM ${name}.sys.tables WHERE name = N't'`),
  (await session.value(`SELECT OBJECT_ID(N'${name}.dbo.sysarticles')`)) !== null,
];

test('a published database is published no more where it is restored beside itself, unless KEEP_REPLICATION says so', async () => {
  await using double = await startDouble();
  const session = await publish(double);
  await ok(session, `INSERT app.dbo.t VALUES (1); BACKUP DATABASE app TO ${BACKUP}`);
  expect(await published(session, 'app')).toEqual([1, 1, true]);
  expect(
    await numbers(session, `RESTORE DATABASE c FROM ${BACKUP} WITH ${MOVE}, KEEP_REPLICATION, NORECOVERY`),
  ).toEqual([3031, 3013]);
  await ok(
    session,
    `RESTORE DATABASE c FROM ${BACKUP} WITH ${MOVE}, NORECOVERY; RESTORE DATABASE c WITH RECOVERY`,
  );
  expect(await published(session, 'c')).toEqual([0, 0, false]);
  await ok(session, 'INSERT c.dbo.t VALUES (2); TRUNCATE TABLE c.dbo.t; DROP TABLE c.dbo.t');
  await ok(session, `RESTORE DATABASE c FROM ${BACKUP} WITH REPLACE, ${MOVE}, KEEP_REPLICATION`);
  expect(await published(session, 'c')).toEqual([1, 1, true]);
  expect(await records(session, 'SELECT id FROM c.dbo.t')).toEqual([{ id: 1 }]);
});
