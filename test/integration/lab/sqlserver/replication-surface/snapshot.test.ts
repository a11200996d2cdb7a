import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PUB_DB, PUBLICATION, PUBLISHER, SUB_DB, SUBSCRIBER, World } from '../replication/world.ts';
import { numbersOf } from './faults.ts';

const SCHEMA = `CREATE TABLE dbo.Customers (
  id int IDENTITY(1,1) NOT NULL CONSTRAINT PK_Customers PRIMARY KEY, name nvarchar(60) COLLATE Latin1_General_CS_AS NOT NULL,
  amount decimal(18,4) NOT NULL CONSTRAINT DF_amount DEFAULT (0), twice AS amount * 2, stamp rowversion, born datetime2(7) NULL, photo varbinary(max) NULL,
  CONSTRAINT UQ_name UNIQUE (name), CONSTRAINT CK_amount CHECK (amount >= 0));
CREATE INDEX IX_born ON dbo.Customers (born DESC) INCLUDE (amount);
CREATE TABLE dbo.Orders (id int NOT NULL CONSTRAINT PK_Orders PRIMARY KEY, customer int NOT NULL CONSTRAINT FK_customer REFERENCES dbo.Customers (id) ON DELETE CASCADE, text nvarchar(max) NULL);`;

const FULL = '0x0000000008037FDF';

async function article(world: World, table: string, preCreation: string, option = FULL): Promise<void> {
  await world.run(
    PUBLISHER,
    'master',
    `EXEC [${PUB_DB}].sys.sp_addarticle @publication = N'${PUBLICATION}', @article = N'${table}', @source_owner = N'dbo', @source_object = N'${table}',
  @pre_creation_cmd = N'${preCreation}', @schema_option = ${option}, @status = 24, @identityrangemanagementoption = N'manual', @force_invalidate_snapshot = 1`,
  );
}

async function subscribe(world: World): Promise<void> {
  await world.run(
    PUBLISHER,
    'master',
    `EXEC [${PUB_DB}].sys.sp_addsubscription @publication = N'${PUBLICATION}', @subscriber = N'${SUBSCRIBER}', @destination_db = N'${SUB_DB}', @sync_type = N'automatic'`,
  );
}

async function start(world: World): Promise<void> {
  await world.run(
    PUBLISHER,
    'master',
    `EXEC [${PUB_DB}].sys.sp_startpublication_snapshot @publication = N'${PUBLICATION}'`,
  );
  await world.until(async () => {
    const failed = await world.dist('SELECT comments FROM dbo.MSsnapshot_history WHERE runstatus = 6');
    if (failed.length > 0) throw new Error(String(failed[0]?.['comments']));
    const rows = await world.pub('SELECT artid FROM dbo.syssubscriptions WHERE status <> 2');
    return rows.length === 0;
  });
}

async function prepared(preCreation: string, option = FULL): Promise<World> {
  const world = await World.start();
  await world.pub(SCHEMA);
  await world.distribute();
  await world.publish([]);
  await article(world, 'Customers', preCreation, option);
  await article(world, 'Orders', preCreation, option);
  return world;
}

const FILL = `INSERT dbo.Customers (name, amount, born, photo) VALUES (N'O''Neil', 12345678901234.5678, '2024-02-29T23:59:59.9999999', 0x00FF), (N'Żółć 漢字', 0.0001, NULL, NULL);
INSERT dbo.Orders VALUES (1, 1, N'line
break'), (2, 2, NULL);`;

test('a snapshot builds the tables by the bits of the schema option, and changes come behind it', async () => {
  await using world = await prepared('drop');
  await world.pub(FILL);
  await world.sub('CREATE TABLE dbo.Orders (other int); INSERT dbo.Orders VALUES (1)');
  await subscribe(world);
  await start(world);
  await world.pub("INSERT dbo.Customers (name) VALUES (N'third'); DELETE dbo.Orders WHERE id = 2");
  await world.drain();
  expect(await withoutStamps(world, 'sub')).toEqual(await withoutStamps(world, 'pub'));
  expect(await world.rows('sub', 'Orders')).toEqual(await world.rows('pub', 'Orders'));
  const facts =
    await world.sub(`SELECT name AS what FROM sys.indexes WHERE object_id IN (OBJECT_ID(N'dbo.Customers'), OBJECT_ID(N'dbo.Orders'))
UNION ALL SELECT name + IIF(is_not_for_replication = 1, N' NFR', N'') + N' ' + delete_referential_action_desc FROM sys.foreign_keys
UNION ALL SELECT name + IIF(is_not_for_replication = 1, N' NFR', N'') FROM sys.check_constraints
UNION ALL SELECT name FROM sys.default_constraints WHERE parent_object_id = OBJECT_ID(N'dbo.Customers')
UNION ALL SELECT N'identity' + IIF(is_not_for_replication = 1, N' NFR', N'') FROM sys.identity_columns WHERE object_id = OBJECT_ID(N'dbo.Customers')
UNION ALL SELECT N'timestamp' FROM sys.columns WHERE object_id = OBJECT_ID(N'dbo.Customers') AND system_type_id = 189
UNION ALL SELECT collation_name FROM sys.columns WHERE object_id = OBJECT_ID(N'dbo.Customers') AND name = N'name'
ORDER BY what`);
  expect(facts.map(row => row['what']).sort()).toEqual(
    [
      ...[
        'CK_amount NFR',
        'DF_amount',
        'FK_customer NFR CASCADE',
        'IX_born',
        'PK_Customers',
        'PK_Orders',
        'UQ_name',
      ],
      ...['Latin1_General_CS_AS', 'identity NFR', 'timestamp'],
    ].sort(),
  );
  expect(
    await world
      .dist('SELECT runstatus FROM dbo.MSsnapshot_history ORDER BY timestamp')
      .then(rows => [rows[0]?.['runstatus'], rows[1]?.['runstatus'], rows.at(-1)?.['runstatus']]),
  ).toEqual([1, 3, 2]);
  expect(await world.pub('SELECT DISTINCT status FROM dbo.syssubscriptions')).toEqual([{ status: 2 }]);
  expect(await world.sub('SELECT is_subscribed FROM sys.databases WHERE database_id = DB_ID()')).toEqual([
    { is_subscribed: true },
  ]);
  const share = join(world.directory, 'shares', 'mia-sql1', 'repldata', 'unc');
  const [folder] = existsSync(share) ? readdirSync(share) : [];
  expect(folder).toBe('mia-sql1_pubdb_landfall');
});

test('changes of the time in which a snapshot is written arrive once', async () => {
  await using world = await prepared('drop');
  await world.pub(FILL);
  await subscribe(world);
  const writing = (async () => {
    for (let n = 0; n < 40; n += 1)
      await world.pub(
        `INSERT dbo.Customers (name, amount) VALUES (N'n${n}', ${n}); UPDATE dbo.Customers SET amount = amount + 1 WHERE id = 1; ${n === 20 ? 'ALTER TABLE dbo.Orders ADD late int NULL' : ''}`,
      );
  })();
  await Promise.all([start(world), writing]);
  await world.drain();
  expect(await withoutStamps(world, 'sub')).toEqual(await withoutStamps(world, 'pub'));
  expect(await world.rows('sub', 'Orders')).toEqual(await world.rows('pub', 'Orders'));
});

test('without their bits identity, rowversion, keys and constraints stay behind', async () => {
  await using world = await prepared('drop', '0x0000000000000083');
  await world.pub(FILL);
  await subscribe(world);
  await start(world);
  await world.drain();
  expect(
    await world.sub(
      "SELECT (SELECT COUNT(*) FROM sys.identity_columns WHERE object_id = OBJECT_ID(N'dbo.Customers')) AS ids, (SELECT COUNT(*) FROM sys.foreign_keys) AS fks, (SELECT COUNT(*) FROM sys.check_constraints) AS cks, (SELECT COUNT(*) FROM sys.indexes WHERE name IN (N'IX_born', N'UQ_name')) AS ixs, (SELECT system_type_id FROM sys.columns WHERE object_id = OBJECT_ID(N'dbo.Customers') AND name = N'stamp') AS type",
    ),
  ).toEqual([{ ids: 0, fks: 0, cks: 0, ixs: 0, type: 173 }]);
  expect(await world.sub('SELECT stamp FROM dbo.Customers ORDER BY id')).toEqual(
    await world.pub('SELECT stamp FROM dbo.Customers ORDER BY id'),
  );
});

test('@pre_creation_cmd delete, truncate and none keep the table that is there', async () => {
  const expected = { delete: [1, 2], truncate: [1, 2], none: [1, 2, 9] } as const;
  await using world = await World.start();
  await world.distribute();
  await world.publish([]);
  for (const command of Object.keys(expected)) {
    const table = `T${command}`;
    await world.pub(
      `CREATE TABLE dbo.${table} (id int NOT NULL PRIMARY KEY, name nvarchar(10) NULL); INSERT dbo.${table} VALUES (1, N'a'), (2, N'b')`,
    );
    await world.sub(
      `CREATE TABLE dbo.${table} (id int NOT NULL PRIMARY KEY, name nvarchar(10) NULL, keeper int NULL); INSERT dbo.${table} (id) VALUES (9)`,
    );
    await article(world, table, command);
  }
  await subscribe(world);
  await start(world);
  await world.drain();
  for (const [command, ids] of Object.entries(expected)) {
    const rows = await world.sub(`SELECT id, keeper FROM dbo.T${command} ORDER BY id`);
    expect(rows).toEqual(ids.map(id => ({ id, keeper: null })));
  }
});

test('an article that comes later waits for the next snapshot; the others go on', async () => {
  await using world = await prepared('drop');
  await world.pub(FILL);
  await subscribe(world);
  await start(world);
  await world.drain();
  await world.pub('CREATE TABLE dbo.Later (id int NOT NULL PRIMARY KEY); INSERT dbo.Later VALUES (1)');
  expect(
    await numbersOf(
      world.pub(
        `EXEC sys.sp_addarticle @publication = N'${PUBLICATION}', @article = N'Later', @source_owner = N'dbo', @source_object = N'Later'`,
      ),
    ),
  ).toEqual([20607]);
  await article(world, 'Later', 'drop');
  await world.pub("INSERT dbo.Later VALUES (2); INSERT dbo.Customers (name) VALUES (N'between')");
  await start(world);
  await world.until(async () => {
    const rows = await world.sub("SELECT OBJECT_ID(N'dbo.Later') AS id");
    return rows[0]?.['id'] !== null;
  });
  await world.pub('INSERT dbo.Later VALUES (3)');
  await world.drain();
  expect(await world.rows('sub', 'Later')).toEqual(await world.rows('pub', 'Later'));
  expect(await withoutStamps(world, 'sub')).toEqual(await withoutStamps(world, 'pub'));
});

/** A rowversion that stays one has values of its own at the subscriber. */
const withoutStamps = async (world: World, side: 'pub' | 'sub'): Promise<unknown> =>
  (
    await world[side](
      'SELECT id, name, CONVERT(varchar(40), amount) AS amount, CONVERT(varchar(40), twice) AS twice, CONVERT(varchar(40), born) AS born, photo FROM dbo.Customers ORDER BY id',
    )
  ).map(row => JSON.stringify(row));
