import { expect, test } from 'vitest';
import { PUB_DB, PUBLISHER, SUB_DB, SUBSCRIBER } from '../../lab/sqlserver/replication/world.ts';
import { codes, PUBLICATION, Watch } from './watch.ts';

/** A DBA's worst day: each has its own code, and a remedy that names what to do. */

// 512 KiB of the log are its own head; half of the limit is just above.
test('the log reader is stopped: its job, the growing log, the limit of the plan', async () => {
  await using watch = await Watch.start({ production: { log_limit: '1060 kB' } });
  const { world } = watch;
  await watch.until(({ proven }) => proven !== undefined);
  await world.job('LogReader', 'stop');
  const stopped = await watch.until(sample => codes(sample).includes('log-reader-stopped'));
  expect(stopped.hops[0]).toMatchObject({ state: 'stopped' });
  expect(stopped.troubles[0]).toMatchObject({
    code: 'log-reader-stopped',
    severity: 'blocker',
    remedy: expect.stringContaining("EXEC msdb.dbo.sp_start_job @job_name = N'MIA-SQL1-PubDB-1'"),
  });
  expect(stopped.proposeDrop).toBe(false);
  const rows = Array.from({ length: 1000 }, (_, at) => `(${at}, '${'x'.repeat(20)}')`);
  await world.pub(`INSERT dbo.Items VALUES ${rows.join(', ')}`);
  const growing = await watch.until(sample => codes(sample).includes('log-growing'));
  expect(growing.hops[0]?.backlog).toBeGreaterThan(1);
  for (let round = 0; round < 16; round += 1)
    await world.pub("UPDATE dbo.Items SET name = CASE name WHEN 'a' THEN REPLICATE('y', 20) ELSE 'a' END");
  const full = await watch.until(({ proposeDrop }) => proposeDrop);
  expect(full.troubles.find(({ code }) => code === 'log-limit')).toMatchObject({
    severity: 'blocker',
    remedy: expect.stringContaining(
      `landfall database teardown ${PUB_DB} --confirm ${PUB_DB}; by hand on production: EXEC [${PUB_DB}].sys.sp_dropsubscription @publication = N'${PUBLICATION}', @article = N'all', @subscriber = N'${SUBSCRIBER}'`,
    ),
  });
  await world.job('LogReader', 'start');
  const well = await watch.until(sample => codes(sample).length === 0);
  expect(well.proposeDrop).toBe(false);
});

test('a row is missing at the copy', async () => {
  await using watch = await Watch.start();
  const { world } = watch;
  await world.pub("INSERT dbo.Items VALUES (1, 'a'), (2, 'b')");
  await world.until(async () => (await world.sub('SELECT id FROM dbo.Items')).length === 2);
  await world.sub('DELETE dbo.Items WHERE id = 1');
  await world.pub("UPDATE dbo.Items SET name = 'c' WHERE id = 1");
  const missing = await watch.until(sample => codes(sample).includes('row-missing'));
  expect(missing.troubles.find(({ code }) => code === 'row-missing')).toMatchObject({
    number: 20598,
    severity: 'blocker',
    remedy: expect.stringContaining('landfall database reconcile'),
    evidence: [expect.stringContaining('20598: '), expect.stringContaining(SUBSCRIBER), expect.any(String)],
  });
  await world.sub("INSERT dbo.Items VALUES (1, 'a')");
  await world.revive('Distribution');
  // The rows were not compared since: that one was missing is still told, though the agent goes on.
  const mended = await watch.until(({ troubles }) =>
    troubles.every(({ severity }) => severity === 'warning'),
  );
  expect(mended.troubles).toMatchObject([{ code: 'row-missing', severity: 'warning' }]);
  watch.hands.tell({
    ...{ type: 'database.validated', database: PUB_DB, kind: 'live', startedAt: Date.now() + 60_000 },
    ...{ ms: 1, tables: [], repaired: 0 },
  });
  expect(codes(await watch.look())).toEqual([]);
});

test('the login of the agent does not open the subscriber', async () => {
  await using watch = await Watch.start();
  const { world } = watch;
  await watch.until(({ proven }) => proven !== undefined);
  await world.run(
    world.distributor,
    'distribution',
    `UPDATE dbo.MSdistribution_agents SET subscriber_login = N'nobody' WHERE subscriber_db = N'${SUB_DB}'`,
  );
  await world.job('Distribution', 'stop');
  await world.job('Distribution', 'start');
  const refused = await watch.until(sample => codes(sample).includes('agent-login'));
  expect(refused.troubles[0]).toMatchObject({
    number: 18456,
    severity: 'blocker',
    remedy: expect.stringContaining('agents: of the plan'),
  });
  expect(refused.hops[1]).toMatchObject({ state: 'retrying' });
});

test('the publisher is gone: exposure goes on from what was proven last; it is started again', async () => {
  await using watch = await Watch.start();
  const { world } = watch;
  const last = await watch.until(({ proven }) => proven !== undefined);
  await world.halt(PUBLISHER);
  const gone = await watch.look();
  expect(codes(gone)).toContain('publisher-unreachable');
  expect(gone.troubles[0]).toMatchObject({ severity: 'blocker', what: expect.stringContaining('--dark') });
  expect(gone.written).toBeUndefined();
  expect(Number(gone.proven?.id)).toBeGreaterThanOrEqual(Number(last.proven?.id));
  watch.ahead = 600_000;
  const later = await watch.look();
  expect(later.exposureMs).toBeGreaterThan(590_000);
  expect(codes(later)).toContain('falls-behind');
  watch.ahead = 0;
  await world.boot(PUBLISHER);
  const back = await watch.until(sample => !codes(sample).includes('publisher-unreachable'));
  expect(back.troubles.find(({ code }) => code === 'publisher-restarted')).toMatchObject({
    severity: 'warning',
  });
});

test('the copy is restored to an old backup, and goes away', async () => {
  await using watch = await Watch.start();
  const { world } = watch;
  await watch.until(({ proven }) => proven !== undefined);
  const file = `${world.directory}/old.bak`;
  await world.run(SUBSCRIBER, 'master', `BACKUP DATABASE [${SUB_DB}] TO DISK = N'${file}' WITH INIT`);
  const seen = await watch.look();
  await watch.until(({ proven }) => Number(proven?.id) >= Number(seen.written?.id));
  world.double(world.distributor).agents.pause('Distribution');
  await world.job('Distribution', 'stop');
  await world.run(
    SUBSCRIBER,
    'master',
    `ALTER DATABASE [${SUB_DB}] SET SINGLE_USER WITH ROLLBACK IMMEDIATE; RESTORE DATABASE [${SUB_DB}] FROM DISK = N'${file}' WITH REPLACE; ALTER DATABASE [${SUB_DB}] SET MULTI_USER`,
  );
  const back = await watch.look();
  expect(codes(back)).toContain('subscriber-went-back');
  await world.halt(SUBSCRIBER);
  const away = await watch.look();
  expect(codes(away)).toContain('subscriber-unreachable');
  // What it has shown last is what is known of it.
  expect(away.proven).toEqual(back.proven);
});

test('the distributor: full, given up, gone', async () => {
  await using watch = await Watch.start();
  const { world } = watch;
  await watch.until(({ proven }) => proven !== undefined);
  await world.job('LogReader', 'stop');
  // The double has no end of its disk: what SQL Server's log reader leaves behind it then.
  await world.dist(`INSERT dbo.MSrepl_errors (id, time, error_type_id, source_type_id, source_name, error_code, error_text, command_id, session_id)
VALUES (9000, GETDATE(), 1, 0, N'MIA-SQL1-PubDB-1', N'1105', N'Could not allocate space for object ''dbo.MSrepl_commands'' in database ''distribution'' because the ''PRIMARY'' filegroup is full.', 0, 0);
INSERT dbo.MSlogreader_history (agent_id, runstatus, start_time, time, duration, comments, error_id) VALUES (1, 6, GETDATE(), GETDATE(), 1, N'The process could not execute ''sp_MSadd_replcmds''', 9000)`);
  const full = await watch.look();
  expect(full.troubles.find(({ code }) => code === 'distribution-full')).toMatchObject({
    number: 1105,
    severity: 'blocker',
    remedy: expect.stringContaining('MAXSIZE'),
  });
  await world.dist("UPDATE dbo.MSsubscriptions SET status = 0 WHERE subscriber_db <> N'virtual'");
  expect(codes(await watch.look())).toContain('subscription-expired');
  await world.halt(world.distributor);
  const gone = await watch.look();
  expect(codes(gone)).toContain('distributor-unreachable');
  expect(gone.hops).toEqual([]);
  expect(gone.proven).toBeDefined();
});

test('agents that are held still are no failure; what waits is counted', async () => {
  await using watch = await Watch.start();
  const { world } = watch;
  await watch.until(({ proven }) => proven !== undefined);
  world.double(world.distributor).agents.pause('Distribution');
  const waiting = await watch.until(({ pendingCommands }) => (pendingCommands ?? 0) >= 2);
  expect(['idle', 'working']).toContain(waiting.hops[1]?.state);
  expect(waiting.hops[1]?.backlog).toBe(waiting.pendingCommands);
  expect(codes(waiting)).toEqual([]);
  world.double(world.distributor).agents.resume('Distribution');
  await watch.until(({ pendingCommands }) => pendingCommands === 0);
});
