import { describe, expect, it } from 'vitest';
import { PUB_DB, PUBLICATION, PUBLISHER, SUB_DB, SUBSCRIBER, World } from './world.ts';

const ITEMS = `CREATE TABLE dbo.Items (id int IDENTITY(1,1) NOT NULL PRIMARY KEY, name varchar(40) NOT NULL, n int NOT NULL DEFAULT 0);
CREATE TABLE dbo.Marker (id int NOT NULL PRIMARY KEY, at datetime2 NOT NULL)`;

/** Writers that do not stop until they are told to. */
function writers(world: World): { stop(): Promise<void> } {
  let on = true;
  const write = async (seed: number): Promise<void> => {
    for (let turn = 0; on; turn += 1)
      await world.pub(`SET NOCOUNT ON; BEGIN TRAN; INSERT dbo.Items (name) VALUES ('${seed}/${turn}'); UPDATE TOP (2) dbo.Items SET n += 1 WHERE id % 7 = ${(seed + turn) % 7};
${turn % 5 === 4 ? 'DELETE TOP (1) dbo.Items WHERE id % 11 = 3;' : ''} ${turn % 6 === 5 ? 'ROLLBACK' : 'COMMIT'}`);
  };
  const all = Promise.all([1, 2].map(write));
  // Whoever stops them sees what went wrong.
  all.catch(() => undefined);
  return {
    async stop() {
      on = false;
      await all;
    },
  };
}

const same = async (world: World): Promise<void> => {
  const published = await world.rows('pub', 'Items');
  expect(published.length).toBeGreaterThan(0);
  expect(await world.rows('sub', 'Items')).toEqual(published);
};

/** What the copy of a moment has, as rows to insert at the subscriber. */
async function copyFrom(world: World, database: string): Promise<void> {
  const rows = await world.run(PUBLISHER, database, 'SELECT id, name, n FROM dbo.Items ORDER BY id');
  await world.sub('DELETE dbo.Items; SET IDENTITY_INSERT dbo.Items ON');
  for (let at = 0; at < rows.length; at += 500)
    await world.sub(
      `SET IDENTITY_INSERT dbo.Items ON; INSERT dbo.Items (id, name, n) VALUES ${rows
        .slice(at, at + 500)
        .map(row => `(${row['id']}, '${row['name']}', ${row['n']})`)
        .join(', ')}; SET IDENTITY_INSERT dbo.Items OFF`,
    );
}

describe('subscriptions without a snapshot while production writes', () => {
  it('initialize from lsn: capture first, reconcile to a database snapshot, then begin at the marker', async () => {
    await using world = await World.start({ distributor: 'own' });
    await world.pub(ITEMS);
    await world.sub(ITEMS);
    await world.sub(
      "DECLARE @id int = OBJECT_ID(N'dbo.Items'); EXEC sys.sp_identitycolumnforreplication @object_id = @id, @value = 1",
    );
    const load = writers(world);
    await world.distribute();
    await world.publish(['Items', 'Marker']);
    await world.pub('INSERT dbo.Marker VALUES (1, SYSUTCDATETIME())');
    await world.run(
      PUBLISHER,
      'master',
      `CREATE DATABASE Moment ON (NAME = N'${PUB_DB}', FILENAME = N'/moment.ss') AS SNAPSHOT OF [${PUB_DB}]`,
    );
    await world.pub('INSERT dbo.Marker VALUES (2, SYSUTCDATETIME())');
    // The LSN of the first marker, from what the log reader has brought; all that lies between it and the copy is absorbed.
    const lsnOf = async (id: number): Promise<string> => {
      let found = '';
      await world.until(async () => {
        const rows = await world.dist('EXEC sys.sp_browsereplcmds @article_id = 2');
        const row = rows.find(each =>
          String(each['command']).startsWith(`{CALL [sp_MSins_dboMarker] (${id},`),
        );
        const seqno = row?.['xact_seqno'];
        if (seqno instanceof Uint8Array) found = `0x${Buffer.from(seqno).toString('hex')}`;
        return found !== '';
      });
      return found;
    };
    await lsnOf(2);
    await copyFrom(world, 'Moment');
    const [{ n: markers } = {}] = await world.run(
      PUBLISHER,
      'Moment',
      'SELECT COUNT(*) AS n FROM dbo.Marker',
    );
    expect(markers).toBe(1);
    await world.sub("INSERT dbo.Marker SELECT 1, '2026-01-01'");
    world.strict = false;
    await world.dist('SELECT 1 AS n');
    await world.subscribe(`@sync_type = N'initialize from lsn', @subscriptionlsn = ${await lsnOf(1)}`);
    await world.dist(
      'DECLARE @id int = (SELECT id FROM dbo.MSdistribution_agents); EXEC sys.sp_update_agent_profile @agent_type = 3, @agent_id = @id, @profile_id = 14',
    );
    const [agent] = await world.dist('SELECT name FROM dbo.MSdistribution_agents');
    await world.run(world.distributor, 'msdb', `EXEC dbo.sp_stop_job @job_name = N'${agent?.['name']}'`);
    await world.run(world.distributor, 'msdb', `EXEC dbo.sp_start_job @job_name = N'${agent?.['name']}'`);
    await load.stop();
    await world.drain();
    await same(world);
    expect(await world.sub('SELECT id FROM dbo.Marker ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }]);
  });

  it('initialize with backup: begins where the last backup that was restored ends', async () => {
    await using world = await World.start();
    await world.pub(ITEMS);
    const load = writers(world);
    await world.distribute();
    await world.publish(['Items', 'Marker']);
    const [full, log] = ['\\\\MIA-SQL1\\bak\\full.bak', '\\\\MIA-SQL1\\bak\\last.trn'];
    await world.pub(`BACKUP DATABASE [${PUB_DB}] TO DISK = N'${full}' WITH COPY_ONLY, INIT, FORMAT`);
    await world.pub(
      `BACKUP DATABASE [${PUB_DB}] TO DISK = N'${full}2' WITH INIT, FORMAT; BACKUP LOG [${PUB_DB}] TO DISK = N'${log}' WITH INIT`,
    );
    await world.run(
      SUBSCRIBER,
      'master',
      `RESTORE DATABASE [${SUB_DB}] FROM DISK = N'${full}2' WITH NORECOVERY, REPLACE, MOVE N'${PUB_DB}' TO N'/data/${SUB_DB}.mdf', MOVE N'${PUB_DB}_log' TO N'/data/${SUB_DB}.ldf';
RESTORE LOG [${SUB_DB}] FROM DISK = N'${log}' WITH NORECOVERY; RESTORE DATABASE [${SUB_DB}] WITH RECOVERY`,
    );
    expect(
      await world.sub('SELECT is_published, is_subscribed FROM sys.databases WHERE name = DB_NAME()'),
    ).toEqual([{ is_published: false, is_subscribed: false }]);
    await world.subscribe(
      `@sync_type = N'initialize with backup', @backupdevicetype = N'disk', @backupdevicename = N'${log}'`,
    );
    await load.stop();
    await world.drain();
    await same(world);
    expect(
      await world.sub(
        "SELECT is_not_for_replication AS f FROM sys.identity_columns WHERE object_id = OBJECT_ID(N'dbo.Items')",
      ),
    ).toEqual([{ f: true }]);
  });

  it('replication support only: begins now, and takes nothing from before', async () => {
    await using world = await World.start();
    await world.pub(`${ITEMS}; INSERT dbo.Items (name) VALUES ('before')`);
    await world.sub(ITEMS);
    await world.distribute();
    await world.publish(['Items'], { identity: 'none' });
    await world.sub(
      "DECLARE @id int = OBJECT_ID(N'dbo.Items'); EXEC sys.sp_identitycolumnforreplication @object_id = @id, @value = 1",
    );
    await world.pub("INSERT dbo.Items (name) VALUES ('captured, not subscribed')");
    await world.subscribe();
    await world.pub("INSERT dbo.Items (name) VALUES ('after')");
    await world.drain();
    expect(await world.sub('SELECT id, name FROM dbo.Items')).toEqual([{ id: 3, name: 'after' }]);
  });

  it('what SQL Server asks of a subscription without a snapshot', async () => {
    await using world = await World.start();
    await world.pub(ITEMS);
    await world.distribute();
    await world.publish(['Items']);
    const add = (how: string) =>
      world.pub(
        `EXEC sys.sp_addsubscription @publication = N'${PUBLICATION}', @subscriber = N'${SUBSCRIBER}', @destination_db = N'${SUB_DB}', ${how}`,
      );
    await expect(
      add("@sync_type = N'initialize from lsn', @subscriptionlsn = 0x00000001000000010001"),
    ).rejects.toMatchObject({ number: 21399 });
    await world.pub(`BACKUP DATABASE [${PUB_DB}] TO DISK = N'${world.directory}/old.bak' WITH INIT`);
    await world.article('Marker');
    await expect(
      add(
        `@sync_type = N'initialize with backup', @backupdevicetype = N'disk', @backupdevicename = N'${world.directory}/old.bak'`,
      ),
    ).rejects.toMatchObject({ number: 21397 });
    await expect(
      add(
        "@article = N'dbo.Items', @sync_type = N'initialize from lsn', @subscriptionlsn = 0x00000001000000010001",
      ),
    ).rejects.toMatchObject({ number: 21407 });
    const transaction = (await world.pool(PUBLISHER, PUB_DB)).transaction();
    await transaction.begin();
    await expect(
      transaction
        .request()
        .batch(
          `EXEC sys.sp_addsubscription @publication = N'${PUBLICATION}', @subscriber = N'${SUBSCRIBER}'`,
        ),
    ).rejects.toMatchObject({ number: 15002 });
    await transaction.rollback();
    expect(await world.pub('SELECT artid FROM dbo.syssubscriptions')).toEqual([]);
  });
});
