import { expect, test } from 'vitest';
import { PUBLISHER, World } from '../replication/world.ts';
import { numbersOf } from './faults.ts';

const TABLE =
  'CREATE TABLE dbo.Orders (id int NOT NULL CONSTRAINT PK_Orders PRIMARY KEY, customer nvarchar(40) NULL, old int NULL)';

test('ALTER TABLE reaches the subscriber in its place among the rows, and rows before it as they were', async () => {
  await using world = await World.start();
  await world.replicate(TABLE, ['Orders']);
  await world.pub("INSERT dbo.Orders VALUES (1, N'first', 10)");
  await world.drain();
  // The log reader stands still, so that rows of three layouts wait in the log together.
  await world.run(PUBLISHER, 'master', `EXEC msdb.dbo.sp_stop_job @job_name = N'${PUBLISHER}-PubDB-1'`);
  await world.pub("INSERT dbo.Orders VALUES (2, N'second', 20)");
  await world.pub("ALTER TABLE dbo.Orders ADD note nvarchar(20) NOT NULL CONSTRAINT DF_note DEFAULT N'none'");
  await world.pub(
    "INSERT dbo.Orders VALUES (3, N'third', 30, N'new'); UPDATE dbo.Orders SET old = 11 WHERE id = 1",
  );
  await world.pub('ALTER TABLE dbo.Orders DROP COLUMN old');
  await world.pub(
    "INSERT dbo.Orders VALUES (4, N'fourth', N'last'); UPDATE dbo.Orders SET note = N'changed' WHERE id = 2",
  );
  await world.pub('ALTER TABLE dbo.Orders ALTER COLUMN customer nvarchar(80) NULL');
  await world.pub('ALTER TABLE dbo.Orders ADD CONSTRAINT CK_Orders CHECK (id > 0)');
  await world.pub('CREATE INDEX IX_Orders ON dbo.Orders (customer)');
  await world.pub(
    "UPDATE dbo.Orders SET customer = REPLICATE(N'x', 60) WHERE id = 4; DELETE dbo.Orders WHERE id = 3",
  );
  await world.run(PUBLISHER, 'master', `EXEC msdb.dbo.sp_start_job @job_name = N'${PUBLISHER}-PubDB-1'`);
  await world.drain();
  expect(await world.rows('sub', 'Orders')).toEqual(await world.rows('pub', 'Orders'));
  expect(
    await world.sub(
      "SELECT name, max_length FROM sys.columns WHERE object_id = OBJECT_ID(N'dbo.Orders') ORDER BY column_id",
    ),
  ).toEqual([
    { name: 'id', max_length: 4 },
    { name: 'customer', max_length: 160 },
    { name: 'note', max_length: 40 },
  ]);
  expect(await world.sub('SELECT name FROM sys.check_constraints')).toEqual([{ name: 'CK_Orders' }]);
  expect(await world.sub("SELECT name FROM sys.indexes WHERE name = N'IX_Orders'")).toEqual([]);
  const columns = await world.pub(
    "SELECT c.name FROM dbo.sysarticlecolumns AS a JOIN sys.columns AS c ON c.object_id = OBJECT_ID(N'dbo.Orders') AND c.column_id = a.colid ORDER BY c.column_id",
  );
  expect(columns.map(row => row['name'])).toEqual(['id', 'customer', 'note']);
});

test('a change and rows of one transaction arrive together; one that was rolled back does not', async () => {
  await using world = await World.start();
  await world.replicate(TABLE, ['Orders']);
  await world.pub('BEGIN TRANSACTION; ALTER TABLE dbo.Orders ADD lost int NULL; ROLLBACK');
  await world.pub(
    "BEGIN TRANSACTION; INSERT dbo.Orders VALUES (1, N'a', 1); ALTER TABLE dbo.Orders DROP COLUMN old; INSERT dbo.Orders VALUES (2, N'b'); COMMIT",
  );
  await world.drain();
  expect(await world.rows('sub', 'Orders')).toEqual(await world.rows('pub', 'Orders'));
  expect(await world.sub('SELECT COUNT(*) AS n FROM dbo.Orders')).toEqual([{ n: 2 }]);
});

test('with replicate_ddl = 0 an added column stays where it is, a dropped one does not', async () => {
  await using world = await World.start();
  await world.replicate(TABLE, ['Orders']);
  await world.pub(
    "EXEC sys.sp_changepublication @publication = N'landfall', @property = N'replicate_ddl', @value = N'0'",
  );
  await world.pub('ALTER TABLE dbo.Orders ADD own int NULL');
  await world.pub("INSERT dbo.Orders VALUES (1, N'a', 1, 99)");
  await world.pub('ALTER TABLE dbo.Orders DROP COLUMN old');
  await world.pub("INSERT dbo.Orders VALUES (2, N'b', 99)");
  await world.drain();
  expect(await world.sub('SELECT * FROM dbo.Orders ORDER BY id')).toEqual([
    { id: 1, customer: 'a' },
    { id: 2, customer: 'b' },
  ]);
});

test('what replication imposes on a published table', async () => {
  await using world = await World.start();
  await world.replicate(TABLE, ['Orders']);
  const refused: readonly (readonly [string, number])[] = [
    ['TRUNCATE TABLE dbo.Orders', 4711],
    ['DROP TABLE dbo.Orders', 3724],
    ['ALTER TABLE dbo.Orders DROP CONSTRAINT PK_Orders', 4929],
    ["EXEC sp_rename N'dbo.Orders', N'Others'", 15051],
    ["EXEC sp_rename N'dbo.Orders.old', N'older', N'COLUMN'", 4928],
    ['ALTER TABLE dbo.Orders ADD n int IDENTITY NOT NULL', 21810],
    ['DROP DATABASE PubDB', 3724],
  ];
  for (const [text, number] of refused) {
    const database = text.startsWith('DROP DATABASE') ? 'master' : 'PubDB';
    expect([text, await numbersOf(world.run(PUBLISHER, database, text))]).toEqual([text, [number]]);
  }
});
