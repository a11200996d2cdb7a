import mssql from 'mssql';
import { describe, expect, it } from 'vitest';
import { PUB_DB, PUBLICATION, PUBLISHER, SUB_DB, SUBSCRIBER, World } from './world.ts';

const ITEMS =
  'CREATE TABLE dbo.Items (id int NOT NULL PRIMARY KEY, name varchar(20) NOT NULL, long text NULL)';

async function started(distributor: 'own' | 'publisher' = 'publisher'): Promise<World> {
  const world = await World.start({ distributor });
  await world.replicate(ITEMS, ['Items']);
  await world.drain();
  return world;
}

const pending = async (world: World): Promise<unknown> => {
  const [row] = await world.dist(
    `EXEC sys.sp_replmonitorsubscriptionpendingcmds @publisher = N'${PUBLISHER}', @publisher_db = N'${PUB_DB}', @publication = N'${PUBLICATION}', @subscriber = N'${SUBSCRIBER}', @subscriber_db = N'${SUB_DB}', @subscription_type = 0`,
  );
  return row?.['pendingcmdcount'];
};

const openTran = async (world: World): Promise<Readonly<Record<string, string>>> => {
  const pool = await world.pool(PUBLISHER, PUB_DB);
  const { recordset } = await pool
    .request()
    .batch<Record<string, string>>('DBCC OPENTRAN WITH TABLERESULTS, NO_INFOMSGS');
  return Object.fromEntries(recordset.map(row => Object.values(row).flat()));
};

const reuse = async (world: World): Promise<unknown> =>
  (await world.pub(`SELECT log_reuse_wait_desc AS w FROM sys.databases WHERE name = N'${PUB_DB}'`))[0]?.['w'];

describe('what can be seen of replication', () => {
  it('a tracer token is timed at the distributor and at the subscriber', async () => {
    await using world = await started('own');
    const tokens = await world.pub(`EXEC sys.sp_helptracertokens @publication = N'${PUBLICATION}'`);
    expect(tokens).toEqual([{ tracer_id: expect.any(Number), publisher_commit: expect.any(Date) }]);
    const [history] = await world.pub(
      `EXEC sys.sp_helptracertokenhistory @publication = N'${PUBLICATION}', @tracer_id = ${tokens[0]?.['tracer_id']}`,
    );
    expect(history).toEqual({
      distributor_latency: expect.stringMatching(/^\d$/),
      subscriber: SUBSCRIBER,
      subscriber_db: SUB_DB,
      subscriber_latency: expect.stringMatching(/^\d$/),
      overall_latency: expect.stringMatching(/^\d$/),
    });
    await world.job('Distribution', 'stop');
    const [posted] = await world.pub(
      `DECLARE @t int; EXEC sys.sp_posttracertoken @publication = N'${PUBLICATION}', @tracer_token_id = @t OUTPUT; SELECT @t AS id`,
    );
    const [open] = await world.pub(
      `EXEC sys.sp_helptracertokenhistory @publication = N'${PUBLICATION}', @tracer_id = ${posted?.['id']}`,
    );
    expect(open).toMatchObject({ subscriber_latency: null, overall_latency: null });
    await expect(
      world.pub(`EXEC sys.sp_helptracertokenhistory @publication = N'${PUBLICATION}', @tracer_id = 1`),
    ).rejects.toMatchObject({ number: 20688 });
  });

  it('commands that wait in the distribution database are counted until they are delivered', async () => {
    await using world = await started();
    await world.until(async () => (await pending(world)) === 0);
    await world.job('Distribution', 'stop');
    await world.pub("INSERT dbo.Items (id, name) VALUES (1, 'a'), (2, 'b'), (3, 'c')");
    await world.until(async () => (await pending(world)) === 3);
    const [row] = await world.dist(
      `SELECT SUM(UndelivCmdsInDistDB) AS n FROM dbo.MSdistribution_status AS s JOIN dbo.MSdistribution_agents AS a ON a.id = s.agent_id WHERE a.subscriber_db = N'${SUB_DB}'`,
    );
    expect(row).toEqual({ n: 3 });
    const [commands] = [await world.dist('EXEC sys.sp_browsereplcmds')];
    expect(commands.filter(each => each['type'] === 30).map(each => each['command'])).toEqual([
      "{CALL [sp_MSins_dboItems] (1,N'a',NULL)}",
      "{CALL [sp_MSins_dboItems] (2,N'b',NULL)}",
      "{CALL [sp_MSins_dboItems] (3,N'c',NULL)}",
    ]);
    await world.job('Distribution', 'start');
    await world.drain();
    await world.until(async () => (await pending(world)) === 0);
  });

  it('the log waits for the log reader: DBCC OPENTRAN, sp_repltrans, sp_replcounters and log_reuse_wait_desc say so', async () => {
    await using world = await started();
    expect(await reuse(world)).not.toBe('REPLICATION');
    const idle = await openTran(world);
    expect(idle).toMatchObject({ REPL_NONDIST_OLD_LSN: '(0:0:0)' });
    await world.job('LogReader', 'stop');
    await world.pub("INSERT dbo.Items (id, name) VALUES (1, 'a')");
    await world.pub("INSERT dbo.Items (id, name) VALUES (2, 'b')");
    expect(await reuse(world)).toBe('REPLICATION');
    const waiting = await openTran(world);
    expect(waiting['REPL_DIST_OLD_LSN']).toBe(idle['REPL_DIST_OLD_LSN']);
    expect(waiting['REPL_NONDIST_OLD_LSN']).toMatch(/^\(32:\d+:\d+\)$/);
    // One connection, as the log belongs to who has read it.
    const pool = await new mssql.ConnectionPool({
      ...world.double(PUBLISHER).connection('sa', 'Correct horse 1', PUB_DB),
      pool: { max: 1 },
    }).connect();
    expect((await pool.request().batch('EXEC sys.sp_repltrans')).recordset).toHaveLength(2);
    const counters = (await pool.request().batch('EXEC sys.sp_replcounters')).recordset;
    expect(counters).toEqual([expect.objectContaining({ database: PUB_DB, 'replicated transactions': 2 })]);
    await pool.close();
    await world.job('LogReader', 'start');
    await world.drain();
    expect(await reuse(world)).not.toBe('REPLICATION');
    expect(await openTran(world)).toMatchObject({ REPL_NONDIST_OLD_LSN: '(0:0:0)' });
  });

  it('18752: one session reads the log at a time', async () => {
    await using world = await started();
    await expect(world.pub('EXEC sys.sp_replcmds')).rejects.toMatchObject({ number: 18752 });
    await world.job('LogReader', 'stop');
    const pool = await new mssql.ConnectionPool({
      ...world.double(PUBLISHER).connection('sa', 'Correct horse 1', PUB_DB),
      pool: { max: 1 },
    }).connect();
    await pool.request().batch('EXEC sys.sp_replcmds');
    await world.job('LogReader', 'start');
    await world.until(
      async () =>
        (await world.dist("SELECT 1 AS n FROM dbo.MSrepl_errors WHERE error_code = N'18752'")).length > 0,
    );
    await pool.request().batch('EXEC sys.sp_replflush');
    await world.job('LogReader', 'stop');
    await world.job('LogReader', 'start');
    world.strict = false;
    await world.drain();
    await pool.close();
  });

  it('the histories of the agents show what they did', async () => {
    await using world = await started();
    await world.pub("INSERT dbo.Items (id, name) VALUES (1, 'a'), (2, 'b')");
    await world.drain();
    const [delivered] = await world.dist(
      'SELECT TOP (1) runstatus, comments, delivered_transactions, delivered_commands, delivery_latency, error_id FROM dbo.MSdistribution_history WHERE delivered_commands > 0 ORDER BY timestamp',
    );
    expect(delivered).toMatchObject({
      runstatus: 3,
      comments: '1 transaction(s) with 2 command(s) were delivered.',
      delivered_commands: 2,
      error_id: 0,
    });
    await world.until(
      async () =>
        (
          await world.dist('SELECT TOP (1) runstatus FROM dbo.MSlogreader_history ORDER BY timestamp DESC')
        )[0]?.['runstatus'] === 4,
    );
    const [monitored] = await world.dist(
      `EXEC sys.sp_replmonitorhelpsubscription @publisher = N'${PUBLISHER}', @publication_type = 0`,
    );
    expect(monitored).toMatchObject({
      subscriber: SUBSCRIBER,
      subscriber_db: SUB_DB,
      publication: PUBLICATION,
    });
    expect([3, 4]).toContain(monitored?.['status']);
  });

  it('validation counts and sums up both sides: 20526 and 20527 where they agree, 20524 and 20525 where they do not', async () => {
    await using world = await started();
    await world.pub("INSERT dbo.Items VALUES (1, 'a', 'x'), (2, 'b', 'y')");
    const validate = async (rowcountOnly: number): Promise<string> => {
      await world.pub(
        `EXEC sys.sp_publication_validation @publication = N'${PUBLICATION}', @rowcount_only = ${rowcountOnly}, @full_or_fast = 0`,
      );
      await world.drain();
      const [row] = await world.dist(
        "SELECT TOP (1) comments FROM dbo.MSdistribution_history WHERE comments LIKE N'Table ''%' ORDER BY timestamp DESC",
      );
      return String(row?.['comments']);
    };
    expect(await validate(1)).toMatch(/^Table 'Items' passed rowcount \(2\) validation\./);
    expect(await validate(2)).toMatch(/^Table 'Items' passed rowcount \(2\) and checksum validation\./);
    // text does not count.
    await world.sub("UPDATE dbo.Items SET long = 'other' WHERE id = 1");
    expect(await validate(2)).toMatch(/passed rowcount/);
    await world.sub("UPDATE dbo.Items SET name = 'drifted' WHERE id = 1");
    expect(await validate(1)).toMatch(/passed rowcount/);
    expect(await validate(2)).toMatch(
      /^Table 'Items' might be out of synchronization\. Rowcounts \(actual: 2, expected:? 2\)\. Checksum values/,
    );
    await world.sub('DELETE dbo.Items WHERE id = 1');
    expect(await validate(1)).toMatch(
      /^Table 'Items' m(ay|ight) be out of synchronization\. Rowcounts \(actual: 1, expected:? 2\)/,
    );
  });

  it('with sync with backup nothing passes that no log backup has', async () => {
    await using world = await started();
    await world.pub(
      `EXEC sys.sp_replicationdboption @dbname = N'${PUB_DB}', @optname = N'sync with backup', @value = N'true'`,
    );
    expect(await world.pub(`SELECT DATABASEPROPERTYEX(N'${PUB_DB}', 'IsSyncWithBackup') AS v`)).toEqual([
      { v: 1 },
    ]);
    await world.pub("INSERT dbo.Items (id, name) VALUES (1, 'a')");
    await world.job('LogReader', 'stop');
    await world.job('LogReader', 'start');
    await world.until(
      async () =>
        (
          await world.dist('SELECT TOP (1) runstatus FROM dbo.MSlogreader_history ORDER BY timestamp DESC')
        )[0]?.['runstatus'] === 4,
    );
    expect(await world.sub('SELECT id FROM dbo.Items')).toEqual([]);
    await world.pub(
      `BACKUP DATABASE [${PUB_DB}] TO DISK = N'${world.directory}/full.bak' WITH INIT; BACKUP LOG [${PUB_DB}] TO DISK = N'${world.directory}/log.trn' WITH INIT`,
    );
    await world.until(async () => (await world.sub('SELECT id FROM dbo.Items')).length === 1);
    await world.pub("INSERT dbo.Items (id, name) VALUES (2, 'b')");
    await world.pub(
      `EXEC sys.sp_replicationdboption @dbname = N'${PUB_DB}', @optname = N'sync with backup', @value = N'false'`,
    );
    await world.until(async () => (await world.sub('SELECT id FROM dbo.Items')).length === 2);
  });
});
