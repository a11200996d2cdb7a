import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SqlDouble, type SqlSession, startDouble } from '../../../../support/sql-double.ts';

/** What a publisher and its distributor tell of themselves, and what changes when they are changed. */

let double: SqlDouble;
let session: SqlSession;

async function run(text: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { errors, results } = await session.run(text);
  if (errors.length > 0) throw new Error(`${text}: ${JSON.stringify(errors)}`);
  const last = results.at(-1);
  return (last?.rows ?? []).map(row =>
    Object.fromEntries((last?.columns ?? []).map((name, at) => [name, row[at] ?? null])),
  );
}

beforeAll(async () => {
  double = await startDouble({ product: '2022-enterprise', databases: ['app', 'copy'] });
  session = double.session();
  double.instance.servers.add({ name: 'DAL-SQL1', host: '127.0.0.1', port: 9 });
  await run(`CREATE TABLE dbo.T (id int NOT NULL IDENTITY CONSTRAINT PK_T PRIMARY KEY, name nvarchar(10) NULL, stamp rowversion, twice AS id * 2);
EXEC master.sys.sp_adddistributor @distributor = N'MIA-SQL1', @password = N'Distribution 1';
EXEC master.sys.sp_adddistributiondb @database = N'distribution', @max_distretention = 168, @history_retention = 100;
EXEC distribution.sys.sp_adddistpublisher @publisher = N'MIA-SQL1', @distribution_db = N'distribution', @working_directory = N'\\\\MIA-SQL1\\repldata'`);
  await run(`EXEC sys.sp_replicationdboption @dbname = N'app', @optname = N'publish', @value = N'true';
EXEC app.sys.sp_addlogreader_agent @publisher_security_mode = 0, @publisher_login = N'sa', @publisher_password = N'secret';
EXEC app.sys.sp_addpublication @publication = N'pub', @sync_method = N'concurrent', @status = N'active', @independent_agent = N'true', @retention = 0;
EXEC app.sys.sp_addpublication_snapshot @publication = N'pub', @frequency_type = 1;
EXEC app.sys.sp_addarticle @publication = N'pub', @article = N'T', @source_owner = N'dbo', @source_object = N'T', @schema_option = 0x8037FDF, @status = 24, @identityrangemanagementoption = N'manual'`);
});

afterAll(() => double[Symbol.asyncDispose]());

test('the distributor', async () => {
  expect(await run('EXEC sys.sp_helpdistributor')).toMatchObject([
    {
      distributor: 'MIA-SQL1',
      'distribution database': 'distribution',
      directory: '\\\\MIA-SQL1\\repldata',
      'max distrib retention': 168,
      'distribution cleanup agent': 'Distribution clean up: distribution',
    },
  ]);
  expect(
    await run(
      'DECLARE @d sysname, @r int; EXEC sys.sp_helpdistributor @distribdb = @d OUTPUT, @max_distretention = @r OUTPUT; SELECT @d AS d, @r AS r',
    ),
  ).toEqual([{ d: 'distribution', r: 168 }]);
  expect(await run('EXEC sys.sp_helpdistributiondb')).toMatchObject([
    { name: 'distribution', min_distretention: 0, 'history retention': 100 },
  ]);
  expect(await run('EXEC sys.sp_helpdistpublisher')).toMatchObject([
    { name: 'MIA-SQL1', distribution_db: 'distribution', password: '**********', active: 1 },
  ]);
  expect(await run('EXEC distribution.sys.sp_replmonitorhelppublisher')).toMatchObject([
    { publisher: 'MIA-SQL1', publicationcount: 1 },
  ]);
  await run("EXEC sys.sp_changedistributor_property @property = N'heartbeat_interval', @value = N'5'");
  expect(await run('SELECT heartbeat_interval FROM msdb.dbo.MSdistributor')).toEqual([
    { heartbeat_interval: 5 },
  ]);
});

test('the jobs of a distributor, by their names and categories', async () => {
  const rows = await run(
    'SELECT j.name, c.name AS category, j.enabled FROM msdb.dbo.sysjobs AS j JOIN msdb.dbo.syscategories AS c ON c.category_id = j.category_id ORDER BY j.name',
  );
  expect(rows.map(row => [row['name'], row['category']])).toEqual([
    ['Agent history clean up: distribution', 'REPL-History Cleanup'],
    ['Distribution clean up: distribution', 'REPL-Distribution Cleanup'],
    ['Expired subscription clean up', 'REPL-Subscription Cleanup'],
    ['MIA-SQL1-app-1', 'REPL-LogReader'],
    ['MIA-SQL1-app-pub-1', 'REPL-Snapshot'],
    ['Reinitialize subscriptions having data validation failures', 'REPL-Alert Response'],
    ['Replication agents checkup', 'REPL-Checkup'],
  ]);
  const { texts } = await session.run(
    'EXEC master.sys.sp_expired_subscription_cleanup; EXEC master.sys.sp_replication_agent_checkup',
  );
  expect(texts).toEqual(['Heartbeats detected for all running replication agents.']);
});

test('a publication, its articles and its agents', async () => {
  expect(await run('EXEC app.sys.sp_helppublication')).toMatchObject([
    {
      name: 'pub',
      status: 1,
      'synchronization method': 3,
      immediate_sync: 0,
      independent_agent: 1,
      retention: 0,
      'has subscription': 0,
    },
  ]);
  expect(
    await run(
      "DECLARE @f int; EXEC app.sys.sp_helppublication @publication = N'none', @found = @f OUTPUT; SELECT @f AS found",
    ),
  ).toEqual([{ found: 0 }]);
  expect(await run("EXEC app.sys.sp_helparticle @publication = N'pub'")).toMatchObject([
    {
      'article name': 'T',
      'base object': 'dbo.T',
      insert_command: 'CALL [sp_MSins_dboT]',
      update_command: 'SCALL [sp_MSupd_dboT]',
      pre_creation_cmd: 1,
      'vertical partition': 0,
      identityrangemanagementoption: 2,
    },
  ]);
  expect(
    (await run("EXEC app.sys.sp_helparticlecolumns @publication = N'pub', @article = N'T'")).map(row =>
      Object.values(row),
    ),
  ).toEqual([
    [1, 'id', 1, 'int', 'int'],
    [2, 'name', 1, 'nvarchar(10)', 'nvarchar(10)'],
    [3, 'stamp', 1, 'timestamp', 'timestamp'],
  ]);
  expect(await run('EXEC app.sys.sp_helplogreader_agent')).toMatchObject([
    {
      name: 'MIA-SQL1-app-1',
      publisher_security_mode: 0,
      publisher_login: 'sa',
      publisher_password: '**********',
    },
  ]);
  await run('EXEC app.sys.sp_changelogreader_agent @publisher_security_mode = 1');
  expect(await run('EXEC app.sys.sp_helplogreader_agent')).toMatchObject([
    { publisher_security_mode: 1, publisher_login: 'sa' },
  ]);
  expect(await run("EXEC app.sys.sp_helppublication_snapshot @publication = N'pub'")).toMatchObject([
    { name: 'MIA-SQL1-app-pub-1', frequency_type: 1 },
  ]);
});

test('what is published says so in the catalog', async () => {
  expect(
    await run(
      "SELECT name, is_published, is_subscribed, is_distributor FROM sys.databases WHERE name IN (N'app', N'copy', N'distribution') ORDER BY name",
    ),
  ).toEqual([
    { name: 'app', is_published: 1, is_subscribed: 0, is_distributor: 0 },
    { name: 'copy', is_published: 0, is_subscribed: 0, is_distributor: 0 },
    { name: 'distribution', is_published: 0, is_subscribed: 0, is_distributor: 1 },
  ]);
  expect(
    await run(
      "SELECT CONVERT(int, DATABASEPROPERTYEX(N'app', 'IsPublished')) AS p, CONVERT(int, DATABASEPROPERTYEX(N'app', 'IsSyncWithBackup')) AS s",
    ),
  ).toEqual([{ p: 1, s: 0 }]);
  expect(await run("SELECT is_published, is_replicated FROM sys.tables WHERE name = N'T'")).toEqual([
    { is_published: 1, is_replicated: 1 },
  ]);
  expect(
    await run(
      "SELECT name, is_replicated FROM sys.columns WHERE object_id = OBJECT_ID(N'dbo.T') ORDER BY column_id",
    ),
  ).toMatchObject([
    { name: 'id', is_replicated: 1 },
    { name: 'name', is_replicated: 1 },
    { name: 'stamp' },
    { name: 'twice', is_replicated: 0 },
  ]);
  await run(
    "ALTER DATABASE app SET RECOVERY FULL; EXEC sys.sp_replicationdboption @dbname = N'app', @optname = N'sync with backup', @value = N'true'",
  );
  expect(await session.value("SELECT CONVERT(int, DATABASEPROPERTYEX(N'app', 'IsSyncWithBackup'))")).toBe(1);
  await run(
    "EXEC sys.sp_replicationdboption @dbname = N'app', @optname = N'sync with backup', @value = N'false'; ALTER DATABASE app SET RECOVERY SIMPLE",
  );
  expect(
    (
      await session.run(
        "EXEC sys.sp_replicationdboption @dbname = N'app', @optname = N'sync with backup', @value = N'true'",
      )
    ).numbers,
  ).toEqual([20622]);
});

test('the text of the article procedures makes them where the table is', async () => {
  const rows = await run("EXEC app.sys.sp_scriptpublicationcustomprocs @publication = N'pub'");
  const lines = rows.map(row => String(row['']));
  expect(lines[1]).toBe(
    "-- Transactional replication custom procedures for publication 'pub' from database 'app':",
  );
  const batches = lines.join('\n').split(/^go$/m);
  const copy = double.session({ database: 'copy' });
  await copy.run(
    'CREATE TABLE dbo.T (id int NOT NULL PRIMARY KEY, name nvarchar(10) NULL, stamp rowversion)',
  );
  for (const batch of [...batches, ...batches]) {
    if (batch.trim() === '') continue;
    expect((await copy.run(batch)).errors).toEqual([]);
  }
  const { rows: made } = await copy.run('SELECT name FROM sys.procedures ORDER BY name');
  expect(made.map(([name]) => name)).toEqual(['sp_MSdel_dboT', 'sp_MSins_dboT', 'sp_MSupd_dboT']);
  expect((await copy.run("EXEC dbo.sp_MSins_dboT 1, N'one'; EXEC dbo.sp_MSdel_dboT 1")).errors).toEqual([]);
});

test('sp_changepublication changes both sides, and keeps commands where it must', async () => {
  const change = (property: string, value: string) =>
    session.run(
      `EXEC app.sys.sp_changepublication @publication = N'pub', @property = N'${property}', @value = N'${value}'`,
    );
  expect((await change('allow_initialize_from_backup', 'true')).texts).toEqual([
    'The publication was updated successfully.',
  ]);
  await change('immediate_sync', 'true');
  await change('retention', '24');
  await change('description', "It''s ours");
  const [here] = await run(
    'SELECT allow_initialize_from_backup, immediate_sync, retention, description, min_autonosync_lsn FROM app.dbo.syspublications',
  );
  const [there] = await run(
    'SELECT allow_initialize_from_backup, immediate_sync, retention, min_autonosync_lsn FROM distribution.dbo.MSpublications',
  );
  expect(here).toMatchObject({
    allow_initialize_from_backup: 1,
    immediate_sync: 1,
    retention: 24,
    description: "It's ours",
  });
  expect(there).toMatchObject({ allow_initialize_from_backup: 1, immediate_sync: 1, retention: 24 });
  expect(there?.['min_autonosync_lsn']).toEqual(here?.['min_autonosync_lsn']);
  expect(
    await run("SELECT COUNT(*) AS n FROM distribution.dbo.MSsubscriptions WHERE subscriber_db = N'virtual'"),
  ).toEqual([{ n: 1 }]);
  await change('immediate_sync', 'false');
  expect(
    await run("SELECT COUNT(*) AS n FROM distribution.dbo.MSsubscriptions WHERE subscriber_db = N'virtual'"),
  ).toEqual([{ n: 0 }]);
  const listed = await run('EXEC app.sys.sp_changepublication');
  expect(listed.map(row => row['properties'])).toContain('replicate_ddl');
});

test('sp_changearticle changes what the next snapshot and the next command are', async () => {
  await run(
    "EXEC app.sys.sp_changearticle @publication = N'pub', @article = N'T', @property = N'pre_creation_cmd', @value = N'none'",
  );
  await run(
    "EXEC app.sys.sp_changearticle @publication = N'pub', @article = N'T', @property = N'dest_table', @value = N'T2'",
  );
  expect(await run('SELECT pre_creation_cmd, dest_table FROM app.dbo.sysarticles')).toEqual([
    { pre_creation_cmd: 0, dest_table: 'T2' },
  ]);
  expect(await run('SELECT destination_object FROM distribution.dbo.MSarticles')).toEqual([
    { destination_object: 'T2' },
  ]);
});

test('an agent profile is a copy of the default one with what is changed in it', async () => {
  const [made] = await run(
    "DECLARE @p int; EXEC sys.sp_add_agent_profile @profile_id = @p OUTPUT, @profile_name = N'skip', @agent_type = 3; SELECT @p AS id",
  );
  const id = Number(made?.['id']);
  await run(
    `EXEC sys.sp_add_agent_parameter @profile_id = ${id}, @parameter_name = N'SkipErrors', @parameter_value = N'2601:2627'`,
  );
  await run(
    `EXEC sys.sp_change_agent_parameter @profile_id = ${id}, @parameter_name = N'CommitBatchSize', @parameter_value = N'7'`,
  );
  const rows = await run(`EXEC sys.sp_help_agent_parameter @profile_id = ${id}`);
  expect(rows).toContainEqual({ profile_id: id, parameter_name: '-SkipErrors', value: '2601:2627' });
  expect(rows).toContainEqual({ profile_id: id, parameter_name: '-CommitBatchSize', value: '7' });
  expect(await run(`EXEC sys.sp_help_agent_profile @agent_type = 3, @profile_id = ${id}`)).toMatchObject([
    { profile_name: 'skip', def_profile: 0 },
  ]);
  await run(`EXEC sys.sp_drop_agent_profile @profile_id = ${id}`);
  expect(await run(`EXEC sys.sp_help_agent_profile @profile_id = ${id}`)).toEqual([]);
});

test('a subscriber gets a subscription to what is published later, once it is refreshed', async () => {
  await run(
    "EXEC app.sys.sp_addsubscription @publication = N'pub', @subscriber = N'DAL-SQL1', @destination_db = N'sub', @sync_type = N'replication support only'",
  );
  await run(
    "CREATE TABLE app.dbo.U (id int NOT NULL PRIMARY KEY); EXEC app.sys.sp_addarticle @publication = N'pub', @article = N'U', @source_owner = N'dbo', @source_object = N'U'",
  );
  const articles = async () =>
    (await run("EXEC app.sys.sp_helpsubscription @publication = N'pub'")).map(row => [
      row['article'],
      row['subscription status'],
      row['synchronization type'],
    ]);
  expect(await articles()).toEqual([['T', 2, 2]]);
  await run("EXEC app.sys.sp_refreshsubscriptions @publication = N'pub'");
  expect(await articles()).toEqual([
    ['T', 2, 2],
    ['U', 2, 2],
  ]);
  expect(
    await run(
      "SELECT COUNT(*) AS n FROM distribution.dbo.MSsubscriptions WHERE subscriber_db = N'sub' AND status = 2",
    ),
  ).toEqual([{ n: 2 }]);
  const { texts } = await session.run(
    "BEGIN TRANSACTION; EXEC app.sys.sp_marksubscriptionvalidation @publication = N'pub', @subscriber = N'DAL-SQL1', @destination_db = N'sub'; ROLLBACK",
  );
  expect(texts).toEqual([]);
});

test('the log of a publisher can be looked at, and goes on behind its distributor', async () => {
  const { results } = await session.run(
    'INSERT app.dbo.U VALUES (7); EXEC app.sys.sp_replshowcmds @maxtrans = 500',
  );
  const commands = results.at(-1)?.rows.map(row => row[5]) ?? [];
  // Whoever reads the log first has it: the log reader may have taken the row away already.
  expect(commands.every(text => String(text).startsWith('{CALL'))).toBe(true);
});
