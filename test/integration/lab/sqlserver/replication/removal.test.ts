import { describe, expect, it } from 'vitest';
import { PUB_DB, PUBLICATION, PUBLISHER, SUB_DB, SUBSCRIBER, World } from './world.ts';

const ITEMS = 'CREATE TABLE dbo.Items (id int IDENTITY(1,1) NOT NULL PRIMARY KEY, name varchar(20) NOT NULL)';

/** Everything of a database that replication could have left something in. */
async function traces(world: World, server: string, database: string): Promise<unknown> {
  const ask = (text: string) => world.run(server, database, text);
  return {
    objects: await ask('SELECT name, type FROM sys.objects ORDER BY name'),
    tables: await ask('SELECT name, is_published, is_replicated FROM sys.tables ORDER BY name'),
    database: await ask(
      'SELECT is_published, is_subscribed, is_distributor, log_reuse_wait_desc FROM sys.databases WHERE database_id = DB_ID()',
    ),
  };
}

const servers = async (world: World, server: string): Promise<unknown> => ({
  databases: await world.run(server, 'master', 'SELECT name FROM sys.databases ORDER BY name'),
  jobs: await world.run(server, 'msdb', 'SELECT name FROM dbo.sysjobs'),
  distributor: await world.run(server, 'msdb', 'SELECT name FROM dbo.MSdistributor'),
  publishers: await world.run(server, 'msdb', 'SELECT name FROM dbo.MSdistpublishers'),
  distributors: await world.run(server, 'msdb', 'SELECT name FROM dbo.MSdistributiondbs'),
  agents: [...world.double(server).instance.sessions.values()].filter(each =>
    each.application.startsWith('Replication '),
  ).length,
});

describe('taking replication down', () => {
  it.each(['publisher', 'own'] as const)('with the distributor %s nothing is left', async distributor => {
    await using world = await World.start({ distributor });
    await world.pub(ITEMS);
    await world.sub(ITEMS);
    const names = [...new Set([PUBLISHER, world.distributor, SUBSCRIBER])];
    const seen = async () => [
      await traces(world, PUBLISHER, PUB_DB),
      await traces(world, SUBSCRIBER, SUB_DB),
      ...(await Promise.all(names.map(name => servers(world, name)))),
    ];
    const before = await seen();
    await world.distribute();
    await world.publish(['Items'], { identity: 'none' });
    await world.sub(
      "DECLARE @id int = OBJECT_ID(N'dbo.Items'); EXEC sys.sp_identitycolumnforreplication @object_id = @id, @value = 1",
    );
    await world.subscribe();
    await world.pub("INSERT dbo.Items (name) VALUES ('a')");
    await world.drain();
    expect(await seen()).not.toEqual(before);
    await expect(world.pub('DROP TABLE dbo.Items')).rejects.toMatchObject({ number: 3724 });
    await expect(world.pub('TRUNCATE TABLE dbo.Items')).rejects.toMatchObject({ number: 4711 });
    // In the reverse order of the set-up: facts/mssql 1.8.
    await expect(
      world.pub(`EXEC sys.sp_droppublication @publication = N'${PUBLICATION}'`),
    ).rejects.toMatchObject({ number: 14005 });
    await world.pub(
      `EXEC sys.sp_dropsubscription @publication = N'${PUBLICATION}', @article = N'all', @subscriber = N'${SUBSCRIBER}'`,
    );
    await world.sub(
      `EXEC sys.sp_subscription_cleanup @publisher = N'${PUBLISHER}', @publisher_db = N'${PUB_DB}', @publication = N'${PUBLICATION}'`,
    );
    await world.sub(`EXEC sys.sp_removedbreplication @dbname = N'${SUB_DB}'`);
    await world.pub(
      `EXEC sys.sp_droparticle @publication = N'${PUBLICATION}', @article = N'dbo.Items', @force_invalidate_snapshot = 1`,
    );
    await world.pub(`EXEC sys.sp_droppublication @publication = N'${PUBLICATION}'`);
    await world.pub("INSERT dbo.Items (name) VALUES ('b'); TRUNCATE TABLE dbo.Items");
    await world.run(
      PUBLISHER,
      'master',
      `EXEC sys.sp_replicationdboption @dbname = N'${PUB_DB}', @optname = N'publish', @value = N'false'`,
    );
    await world.run(
      world.distributor,
      'master',
      `EXEC sys.sp_dropdistpublisher @publisher = N'${PUBLISHER}'`,
    );
    await world.run(
      world.distributor,
      'master',
      "EXEC sys.sp_dropdistributiondb @database = N'distribution'",
    );
    await world.run(world.distributor, 'master', 'EXEC sys.sp_dropdistributor');
    if (distributor === 'own') await world.run(PUBLISHER, 'master', 'EXEC sys.sp_dropdistributor');
    expect(await seen()).toEqual(before);
    await world.pub('DROP TABLE dbo.Items');
  });

  it('turning publish off takes everything of the database with it', async () => {
    await using world = await World.start();
    await world.replicate(ITEMS, ['Items']);
    await world.pub("INSERT dbo.Items (name) VALUES ('a')");
    await world.drain();
    await world.pub(
      `EXEC sys.sp_dropsubscription @publication = N'${PUBLICATION}', @article = N'all', @subscriber = N'all'`,
    );
    await world.run(
      PUBLISHER,
      'master',
      `EXEC sys.sp_replicationdboption @dbname = N'${PUB_DB}', @optname = N'publish', @value = N'false'`,
    );
    expect(
      await world.pub(
        "SELECT name FROM sys.tables WHERE is_published = 1 OR name LIKE 'sys%' OR name LIKE 'MS%'",
      ),
    ).toEqual([]);
    // And it can be set up again.
    await world.run(
      PUBLISHER,
      'master',
      `EXEC sys.sp_replicationdboption @dbname = N'${PUB_DB}', @optname = N'publish', @value = N'true'; EXEC [${PUB_DB}].sys.sp_addlogreader_agent @publisher_security_mode = 1`,
    );
    await world.publish(['Items']);
    await world.subscribe();
    await world.pub("INSERT dbo.Items (name) VALUES ('b')");
    await world.drain();
    expect(await world.rows('sub', 'Items')).toEqual(await world.rows('pub', 'Items'));
  });
});
