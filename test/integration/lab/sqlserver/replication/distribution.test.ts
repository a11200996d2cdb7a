import { describe, expect, it } from 'vitest';
import { PUB_DB, PUBLICATION, PUBLISHER, SUB_DB, SUBSCRIBER, World } from './world.ts';

const ITEMS = 'CREATE TABLE dbo.Items (id int NOT NULL PRIMARY KEY, name varchar(20) NOT NULL)';

const kept = async (world: World): Promise<number> =>
  Number((await world.dist('SELECT COUNT(*) AS n FROM dbo.MSrepl_commands WHERE type = 30'))[0]?.['n']);

/** As if all that is there had come so long ago. */
const age = (world: World, hours: number): Promise<unknown> =>
  world.dist(`UPDATE dbo.MSrepl_transactions SET entry_time = DATEADD(hour, ${-hours}, entry_time)`);

const clean = (world: World): Promise<unknown> =>
  world.dist('EXEC dbo.sp_MSdistribution_cleanup @min_distretention = 0, @max_distretention = 72');

describe('the distribution database', () => {
  it('keeps for immediate_sync until the maximum retention; without it until everybody has got it', async () => {
    await using world = await World.start();
    await world.replicate(ITEMS, ['Items']);
    await world.pub("INSERT dbo.Items VALUES (1, 'a'), (2, 'b')");
    await world.drain();
    await age(world, 71);
    await clean(world);
    expect(await kept(world)).toBe(2);
    await world.dist('UPDATE dbo.MSpublications SET immediate_sync = 0');
    await world.job('Distribution', 'stop');
    await world.pub("INSERT dbo.Items VALUES (3, 'c')");
    await world.until(async () => (await kept(world)) === 3);
    await age(world, 1);
    await clean(world);
    expect(await kept(world)).toBe(1);
    await world.job('Distribution', 'start');
    await world.drain();
    expect(await world.rows('sub', 'Items')).toEqual(await world.rows('pub', 'Items'));
    // A subscription from before what was taken away cannot begin: 21399.
    await expect(
      world.pub(
        `EXEC sys.sp_addsubscription @publication = N'${PUBLICATION}', @subscriber = N'${SUBSCRIBER}', @destination_db = N'master', @sync_type = N'initialize from lsn', @subscriptionlsn = 0x00000020000000110001`,
      ),
    ).rejects.toMatchObject({ number: 21399 });
  });

  it('21074: a subscription that lags behind the maximum retention is inactive', async () => {
    await using world = await World.start();
    world.strict = false;
    await world.replicate(ITEMS, ['Items']);
    await world.drain();
    await world.job('Distribution', 'stop');
    await world.pub("INSERT dbo.Items VALUES (1, 'a')");
    await world.pub("INSERT dbo.Items VALUES (2, 'b')");
    await world.until(async () => (await kept(world)) === 2);
    await age(world, 73);
    await clean(world);
    expect(
      await world.dist("SELECT status FROM dbo.MSsubscriptions WHERE subscriber_db <> N'virtual'"),
    ).toEqual([{ status: 0 }]);
    await world.job('Distribution', 'start');
    await world.until(
      async () =>
        (await world.dist("SELECT 1 AS n FROM dbo.MSrepl_errors WHERE error_code = N'21074'")).length > 0,
    );
  });

  it('the job that cleans up is there, and runs', async () => {
    await using world = await World.start();
    await world.distribute();
    const jobs = await world.run(
      PUBLISHER,
      'msdb',
      "SELECT name FROM dbo.sysjobs WHERE name LIKE N'%clean up: distribution' ORDER BY name",
    );
    expect(jobs.map(row => row['name'])).toEqual([
      'Agent history clean up: distribution',
      'Distribution clean up: distribution',
    ]);
    for (const row of jobs)
      await world.run(PUBLISHER, 'msdb', `EXEC dbo.sp_start_job @job_name = N'${row['name']}'`);
    const outcomes = () =>
      world.run(
        PUBLISHER,
        'msdb',
        "SELECT h.run_status FROM dbo.sysjobhistory AS h JOIN dbo.sysjobs AS j ON j.job_id = h.job_id WHERE h.step_id = 0 AND j.name LIKE N'%clean up%'",
      );
    await world.until(async () => (await outcomes()).length === 2);
    expect(await outcomes()).toEqual([{ run_status: 1 }, { run_status: 1 }]);
  });

  it('what an agent has applied does not go back to where it came from', async () => {
    await using world = await World.start();
    await world.replicate(ITEMS, ['Items']);
    // The way back: the subscriber publishes the same table to the publisher.
    const back = `EXEC sys.sp_adddistributor @distributor = N'${SUBSCRIBER}', @password = N'Distribution 1';
EXEC sys.sp_adddistributiondb @database = N'distribution';
EXEC distribution.sys.sp_adddistpublisher @publisher = N'${SUBSCRIBER}', @distribution_db = N'distribution', @working_directory = N'\\\\${SUBSCRIBER}\\repldata';
EXEC sys.sp_replicationdboption @dbname = N'${SUB_DB}', @optname = N'publish', @value = N'true';
EXEC [${SUB_DB}].sys.sp_addlogreader_agent;
EXEC [${SUB_DB}].sys.sp_addpublication @publication = N'back', @status = N'active', @independent_agent = N'true';
EXEC [${SUB_DB}].sys.sp_addarticle @publication = N'back', @article = N'Items', @source_owner = N'dbo', @source_object = N'Items', @ins_cmd = N'CALL [back_ins]', @upd_cmd = N'SCALL [back_upd]', @del_cmd = N'CALL [back_del]';
EXEC [${SUB_DB}].sys.sp_addsubscription @publication = N'back', @subscriber = N'${PUBLISHER}', @destination_db = N'${PUB_DB}', @sync_type = N'replication support only', @loopback_detection = N'true';`;
    await world.run(SUBSCRIBER, 'master', back);
    await world.pub("INSERT dbo.Items VALUES (1, 'a')");
    await world.drain();
    await world.sub("INSERT dbo.Items VALUES (2, 'b')");
    await world.until(async () => (await world.pub('SELECT id FROM dbo.Items')).length === 2);
    await world.pub("UPDATE dbo.Items SET name = 'c' WHERE id = 2");
    await world.drain();
    expect(await world.rows('sub', 'Items')).toEqual(await world.rows('pub', 'Items'));
    for (const server of [PUBLISHER, SUBSCRIBER])
      expect(
        await world.run(server, 'distribution', 'SELECT error_code, error_text FROM dbo.MSrepl_errors'),
      ).toEqual([]);
  });

  it('2812: a log reader whose login is no sysadmin brings no procedures', async () => {
    await using world = await World.start();
    world.strict = false;
    await world.run(PUBLISHER, 'master', "CREATE LOGIN reader WITH PASSWORD = 'Correct horse 2'");
    await world.pub(`${ITEMS}; CREATE USER reader FOR LOGIN reader; ALTER ROLE db_owner ADD MEMBER reader`);
    await world.sub(ITEMS);
    await world.distribute();
    await world.dist(
      "UPDATE dbo.MSlogreader_agents SET publisher_security_mode = 0, publisher_login = N'reader', publisher_password = N'Correct horse 2'",
    );
    await world.revive('LogReader');
    await world.publish(['Items']);
    await world.subscribe();
    await world.pub("INSERT dbo.Items VALUES (1, 'a')");
    await world.until(
      async () =>
        (await world.dist("SELECT 1 AS n FROM dbo.MSrepl_errors WHERE error_code = N'2812'")).length > 0,
    );
  });
});
