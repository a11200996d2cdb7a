import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectLab } from '../../../../../src/lab/sqlserver/server/double.ts';
import { type SqlDouble, type SqlSession, startDouble } from '../../../../support/sql-double.ts';

/** What the procedures refuse, by the numbers of SQL Server's own catalogue of errors. */

const SETUP = `EXEC master.sys.sp_adddistributor @distributor = N'MIA-SQL1', @password = N'Distribution 1';
EXEC master.sys.sp_adddistributiondb @database = N'distribution', @max_distretention = 168;
EXEC distribution.sys.sp_adddistpublisher @publisher = N'MIA-SQL1', @distribution_db = N'distribution', @working_directory = N'\\\\MIA-SQL1\\repldata';`;

const PUBLICATION = `EXEC sys.sp_replicationdboption @dbname = N'app', @optname = N'publish', @value = N'true';
EXEC app.sys.sp_addlogreader_agent @publisher_security_mode = 1;
EXEC app.sys.sp_addpublication @publication = N'pub', @sync_method = N'concurrent', @status = N'active', @independent_agent = N'true', @immediate_sync = N'true', @allow_initialize_from_backup = N'true';
EXEC app.sys.sp_addpublication @publication = N'plain', @sync_method = N'native', @independent_agent = N'true';`;

const article = (name: string, extra = ''): string =>
  `EXEC app.sys.sp_addarticle @publication = N'pub', @article = N'${name}', @source_owner = N'dbo', @source_object = N'${name}'${extra}`;

const subscribe = (extra: string, publication = 'pub'): string =>
  `EXEC app.sys.sp_addsubscription @publication = N'${publication}', @subscriber = N'DAL-SQL1', @destination_db = N'sub', ${extra}`;

/** A statement in a database, and the numbers that it gives. */
type Refusal = readonly [text: string, ...numbers: readonly number[]];

async function refused(session: SqlSession, list: readonly Refusal[]): Promise<void> {
  for (const [text, ...numbers] of list) {
    const { errors } = await session.run(text);
    expect({ text, numbers: errors.map(each => each.number) }).toEqual({ text, numbers });
    for (const each of errors) expect(each.text).not.toMatch(/%s|%d|undefined|\[object/);
  }
}

describe('a server that is no distributor', () => {
  let double: SqlDouble;
  let session: SqlSession;

  beforeAll(async () => {
    double = await startDouble({ product: '2022-enterprise', databases: ['app'] });
    session = double.session();
  });

  afterAll(() => double[Symbol.asyncDispose]());

  test('says so', () =>
    refused(session, [
      ["EXEC master.sys.sp_adddistributiondb @database = N'distribution'", 14114],
      [
        "EXEC master.sys.sp_adddistpublisher @publisher = N'MIA-SQL1', @distribution_db = N'distribution'",
        14114,
      ],
      ['EXEC master.sys.sp_helpdistributiondb', 14114],
      ['EXEC master.sys.sp_helpdistpublisher', 14114],
      [
        "EXEC master.sys.sp_changedistributor_property @property = N'heartbeat_interval', @value = N'5'",
        14114,
      ],
      ['EXEC master.sys.sp_dropdistributor', 14114],
      [
        "EXEC sys.sp_replicationdboption @dbname = N'app', @optname = N'publish', @value = N'true'",
        20028,
        14037,
      ],
      ['EXEC sys.sp_replmonitorhelppublisher', 21482],
      ["EXEC app.sys.sp_adddistributor @distributor = N'MIA-SQL1'", 21482],
      ["EXEC master.sys.sp_adddistributor @distributor = N'DAL-DIST'", 21768],
      ["EXEC master.sys.sp_adddistributor @distributor = N'DAL-DIST', @password = N'x'", 18482],
    ]));

  test('publishes nothing', () =>
    refused(session, [
      ["EXEC app.sys.sp_addpublication @publication = N'p'", 14013],
      ['EXEC app.sys.sp_addlogreader_agent', 14013],
      [article('T'), 14013],
      ['EXEC app.sys.sp_helppublication', 14013],
      ['EXEC app.sys.sp_helpsubscription', 14013],
      ['EXEC app.sys.sp_helplogreader_agent', 14013],
      ["EXEC app.sys.sp_posttracertoken @publication = N'p'", 14013],
      ["EXEC app.sys.sp_publication_validation @publication = N'p'", 14013],
      ['EXEC app.sys.sp_replcmds', 18757],
      ['EXEC app.sys.sp_repltrans', 18757],
      ['EXEC app.sys.sp_replrestart', 18757],
      [
        "EXEC sys.sp_replicationdboption @dbname = N'nowhere', @optname = N'publish', @value = N'true'",
        15010,
      ],
      [
        "EXEC sys.sp_replicationdboption @dbname = N'app', @optname = N'sync with backup', @value = N'true'",
        20019,
      ],
    ]));

  test('has no subscription either', () =>
    refused(session, [
      [
        "EXEC app.sys.sp_setsubscriptionxactseqno @publisher = N'P', @publisher_db = N'd', @publication = N'p', @xact_seqno = 0x00000000000000000001",
        20017,
      ],
      ["EXEC app.sys.sp_addpullsubscription @publisher = N'P', @publication = N'p'", 40517],
    ]));
});

describe('a publisher that is its own distributor', () => {
  let double: SqlDouble;
  let session: SqlSession;

  beforeAll(async () => {
    double = await startDouble({ product: '2022-enterprise', databases: ['app', 'other'] });
    session = double.session();
    double.instance.servers.add({ name: 'DAL-SQL1', host: '127.0.0.1', port: 9 });
    for (const part of [
      SETUP,
      PUBLICATION,
      `CREATE TABLE dbo.T (id int NOT NULL IDENTITY CONSTRAINT PK_T PRIMARY KEY, name nvarchar(10) NULL, twice AS id * 2);
CREATE TABLE dbo.NoKey (id int NULL); CREATE TABLE dbo.Later (id int NOT NULL PRIMARY KEY)`,
      article('T', ", @identityrangemanagementoption = N'manual'"),
    ]) {
      const { errors } = await session.run(part);
      if (errors.length > 0) throw new Error(JSON.stringify(errors));
    }
  });

  afterAll(() => double[Symbol.asyncDispose]());

  test('the distributor', () =>
    refused(session, [
      ["EXEC master.sys.sp_adddistributor @distributor = N'MIA-SQL1'", 14099],
      ["EXEC master.sys.sp_adddistributiondb @database = N'distribution'", 14119],
      ["EXEC master.sys.sp_adddistributiondb @database = N'd2', @max_distretention = -1", 14106],
      [
        "EXEC master.sys.sp_adddistributiondb @database = N'd2', @min_distretention = 5, @max_distretention = 4",
        14107,
      ],
      [
        "EXEC distribution.sys.sp_adddistpublisher @publisher = N'MIA-SQL1', @distribution_db = N'distribution'",
        14074,
      ],
      [
        "EXEC distribution.sys.sp_adddistpublisher @publisher = N'MIA-SQL1', @distribution_db = N'app'",
        14117,
      ],
      [
        "EXEC distribution.sys.sp_adddistpublisher @publisher = N'10.0.0.5', @distribution_db = N'distribution'",
        18483,
      ],
      [
        "EXEC distribution.sys.sp_adddistpublisher @publisher = N'NOWHERE', @distribution_db = N'distribution'",
        18482,
      ],
      [
        "EXEC distribution.sys.sp_adddistpublisher @publisher = N'DAL-SQL1', @distribution_db = N'distribution', @security_mode = 0",
        21263,
      ],
      [
        "EXEC master.sys.sp_changedistributiondb @database = N'distribution', @property = N'colour', @value = N'1'",
        14115,
      ],
      [
        "EXEC master.sys.sp_changedistributiondb @database = N'app', @property = N'max_distretention', @value = N'1'",
        14117,
      ],
      ["EXEC master.sys.sp_changedistributor_property @property = N'colour', @value = N'1'", 14154],
      [
        "EXEC master.sys.sp_changedistributor_property @property = N'heartbeat_interval', @value = N'x'",
        21115,
      ],
      ["EXEC master.sys.sp_dropdistpublisher @publisher = N'MIA-SQL1'", 21033],
      ["EXEC master.sys.sp_dropdistpublisher @publisher = N'NOWHERE'", 14080],
      ["EXEC master.sys.sp_dropdistributiondb @database = N'distribution'", 14120],
      ['EXEC master.sys.sp_dropdistributor', 14121],
      [
        'EXEC distribution.sys.sp_update_agent_profile @agent_type = 7, @agent_id = 1, @profile_id = 4',
        20058,
      ],
      [
        'EXEC distribution.sys.sp_update_agent_profile @agent_type = 3, @agent_id = 1, @profile_id = 99',
        20066,
      ],
      ["EXEC sys.sp_add_agent_profile @profile_name = N'Default agent profile', @agent_type = 3", 20057],
      ["EXEC sys.sp_add_agent_profile @profile_name = N'p', @agent_type = 8", 20058],
      ['EXEC sys.sp_drop_agent_profile @profile_id = 4', 20064],
    ]));

  test('publications', () =>
    refused(session, [
      ["EXEC app.sys.sp_addpublication @publication = N'pub'", 14016],
      ["EXEC app.sys.sp_addpublication @publication = N'all'", 14034],
      ["EXEC app.sys.sp_addpublication @publication = N'a*b'", 20587],
      ["EXEC app.sys.sp_addpublication @publication = N'x', @sync_method = N'slow'", 14014],
      ["EXEC app.sys.sp_addpublication @publication = N'x', @status = N'on'", 14012],
      ["EXEC app.sys.sp_addpublication @publication = N'x', @repl_freq = N'often'", 14015],
      ["EXEC app.sys.sp_addpublication @publication = N'x', @immediate_sync = N'true'", 21022],
      ["EXEC app.sys.sp_addpublication @publication = N'x', @immediate_sync = N'maybe'", 14148],
      ["EXEC app.sys.sp_addpublication @publication = N'x', @retention = -1", 20050],
      ["EXEC app.sys.sp_addpublication @publication = N'x', @replicate_ddl = 2", 21544],
      ["EXEC app.sys.sp_addpublication @publication = N'x', @publisher = N'ORA'", 21600],
      [
        "EXEC app.sys.sp_changepublication @publication = N'none', @property = N'status', @value = N'active'",
        20026,
      ],
      [
        "EXEC app.sys.sp_changepublication @publication = N'pub', @property = N'colour', @value = N'red'",
        14078,
      ],
      [
        "EXEC app.sys.sp_changepublication @publication = N'pub', @property = N'status', @value = N'on'",
        14012,
      ],
      [
        "EXEC app.sys.sp_changepublication @publication = N'pub', @property = N'allow_pull', @value = N'on'",
        14148,
      ],
      [
        "EXEC app.sys.sp_changepublication @publication = N'pub', @property = N'retention', @value = N'-4'",
        20050,
      ],
      [
        "EXEC app.sys.sp_changepublication @publication = N'pub', @property = N'replicate_ddl', @value = N'9'",
        21544,
      ],
      [
        "EXEC app.sys.sp_changepublication @publication = N'plain', @property = N'allow_anonymous', @value = N'true'",
        20011,
      ],
      ["EXEC app.sys.sp_helppublication @publication = N'none'", 20026],
      ["EXEC app.sys.sp_helppublication_snapshot @publication = N'pub'", 20678],
      ["EXEC app.sys.sp_startpublication_snapshot @publication = N'pub'", 20678],
      ["EXEC app.sys.sp_changepublication_snapshot @publication = N'pub', @frequency_type = 1", 21799],
      ["EXEC app.sys.sp_scriptpublicationcustomprocs @publication = N'none'", 20026],
      ["EXEC app.sys.sp_refreshsubscriptions @publication = N'none'", 20026],
      ["EXEC app.sys.sp_grant_publication_access @publication = N'pub', @login = N'nobody'", 15007],
      ['EXEC app.sys.sp_addlogreader_agent', 21831],
      ["EXEC sys.sp_replicationdboption @dbname = N'app', @optname = N'fly', @value = N'true'", 14138],
      ["EXEC sys.sp_replicationdboption @dbname = N'app', @optname = N'publish', @value = N'perhaps'", 14137],
      ["EXEC app.sys.sp_posttracertoken @publication = N'pub'", 21488],
      ["EXEC app.sys.sp_helptracertokenhistory @publication = N'pub', @tracer_id = 5", 20688],
      ["EXEC app.sys.sp_deletetracertokenhistory @publication = N'pub'", 21821],
    ]));

  test('articles', () =>
    refused(session, [
      [article('T'), 14030],
      [article('all'), 21401],
      [article('NoKey'), 14088],
      [article('Nowhere'), 14027],
      [article('Later', ", @pre_creation_cmd = N'burn'"), 14061],
      [article('Later', ', @status = 2'), 21061],
      [article('Later', ", @vertical_partition = N'half'"), 14029],
      [article('Later', ", @type = N'proc schema only'"), 40517],
      [article('Later', ", @filter_clause = N'id > 1'"), 40517],
      ["EXEC app.sys.sp_helparticle @publication = N'pub', @article = N'none'", 20027],
      ["EXEC app.sys.sp_helparticlecolumns @publication = N'pub', @article = N'none'", 20027],
      ["EXEC app.sys.sp_articlecolumn @publication = N'pub', @article = N'T', @column = N'colour'", 21166],
      [
        "EXEC app.sys.sp_articlecolumn @publication = N'pub', @article = N'T', @column = N'id', @operation = N'drop'",
        21250,
      ],
      [
        "EXEC app.sys.sp_articlecolumn @publication = N'pub', @article = N'T', @column = N'id', @operation = N'paint'",
        14019,
      ],
      [
        "EXEC app.sys.sp_articleview @publication = N'pub', @article = N'T', @filter_clause = N'id > 1'",
        40517,
      ],
      [
        "EXEC app.sys.sp_changearticle @publication = N'pub', @article = N'T', @property = N'colour', @value = N'red'",
        14022,
      ],
      [
        "EXEC app.sys.sp_changearticle @publication = N'pub', @article = N'T', @property = N'pre_creation_cmd', @value = N'burn'",
        14061,
      ],
      [
        "EXEC app.sys.sp_changearticle @publication = N'pub', @article = N'T', @property = N'schema_option', @value = N'all'",
        20014,
      ],
      [
        "EXEC app.sys.sp_changearticle @publication = N'pub', @article = N'T', @property = N'status', @value = N'fine'",
        14097,
      ],
      [
        "EXEC app.sys.sp_changearticle @publication = N'pub', @article = N'T', @property = N'ins_cmd', @value = N'DO it'",
        14156,
      ],
      ["EXEC app.sys.sp_article_validation @publication = N'pub', @article = N'none'", 20027],
      [
        "EXEC app.sys.sp_article_validation @publication = N'pub', @article = N'T', @rowcount_only = 7",
        20543,
      ],
      ["EXEC app.sys.sp_droparticle @publication = N'pub', @article = N'none'", 20027],
    ]));

  test('subscriptions', () =>
    refused(session, [
      [subscribe("@sync_type = N'by hand'"), 14052],
      [subscribe("@sync_type = N'replication support only', @status = N'fine'"), 14065],
      [subscribe("@subscription_type = N'shove'"), 14128],
      [subscribe("@subscription_type = N'pull'"), 20012],
      [subscribe("@sync_type = N'automatic', @status = N'active'"), 14129],
      [
        subscribe(
          "@sync_type = N'initialize with backup', @backupdevicetype = N'disk', @backupdevicename = N'x'",
          'plain',
        ),
        18786,
      ],
      [subscribe("@sync_type = N'initialize with backup', @article = N'T'"), 21407],
      [subscribe("@sync_type = N'initialize with backup', @status = N'inactive'"), 21408],
      [subscribe("@sync_type = N'initialize with backup', @status = N'active'"), 20587],
      [subscribe("@sync_type = N'initialize from lsn', @status = N'active'"), 21399],
      [
        subscribe(
          "@sync_type = N'initialize from lsn', @status = N'active', @subscriptionlsn = 0x00000000000000000001",
        ),
        21399,
      ],
      [subscribe("@sync_type = N'replication support only'", 'plain'), 14124],
      [subscribe("@sync_type = N'replication support only', @article = N'none'"), 20027],
      [subscribe("@sync_type = N'automatic'", 'none'), 20026],
      [
        "EXEC app.sys.sp_addsubscription @publication = N'pub', @subscriber = N'NOWHERE', @destination_db = N'sub'",
        14010,
      ],
      [
        "EXEC app.sys.sp_dropsubscription @publication = N'pub', @article = N'all', @subscriber = N'DAL-SQL1'",
        14055,
      ],
      [
        "EXEC app.sys.sp_dropsubscription @publication = N'pub', @article = N'T', @subscriber = N'DAL-SQL1'",
        14122,
      ],
      [
        "EXEC app.sys.sp_addpushsubscription_agent @publication = N'pub', @subscriber = N'DAL-SQL1', @subscriber_db = N'sub'",
        14055,
      ],
      [
        "EXEC distribution.sys.sp_replmonitorsubscriptionpendingcmds @publisher = N'MIA-SQL1', @publisher_db = N'app', @publication = N'pub', @subscriber = N'DAL-SQL1', @subscriber_db = N'sub', @subscription_type = 0",
        14055,
      ],
      [
        "EXEC app.sys.sp_marksubscriptionvalidation @publication = N'pub', @subscriber = N'DAL-SQL1', @destination_db = N'sub'",
        14055,
      ],
      ["EXEC app.sys.sp_reinitsubscription @subscriber = N'all'", 40517],
    ]));

  test('what is subscribed to stays', async () => {
    await session.run(subscribe("@sync_type = N'replication support only'"));
    await refused(session, [
      [subscribe("@sync_type = N'replication support only'"), 14058],
      ["EXEC app.sys.sp_droparticle @publication = N'pub', @article = N'T'", 14046],
      ["EXEC app.sys.sp_droppublication @publication = N'pub'", 14005],
      [
        "EXEC app.sys.sp_changepublication @publication = N'pub', @property = N'allow_push', @value = N'false'",
        21012,
      ],
      [
        "EXEC app.sys.sp_changepublication @publication = N'pub', @property = N'independent_agent', @value = N'false'",
        20013,
      ],
      [
        "EXEC app.sys.sp_changearticle @publication = N'pub', @article = N'T', @property = N'ins_cmd', @value = N'SQL'",
        20608,
      ],
    ]);
  });
});

describe.each([
  ['2016-web', 21105],
  ['2019-express', 21105],
] as const)('%s', (product, number) => {
  test('is a Subscriber only', async () => {
    await using double = await startDouble({ product, databases: ['app'] });
    await using distributor = await startDouble({ product: '2022-standard', name: 'DAL-DIST' });
    connectLab([double, distributor]);
    const session = double.session();
    await refused(session, [
      ["EXEC master.sys.sp_adddistributor @distributor = N'MIA-SQL1', @password = N'x'", number],
      ["EXEC master.sys.sp_adddistributor @distributor = N'DAL-DIST', @password = N'x'", number],
      ["EXEC sys.sp_replicationdboption @dbname = N'app', @optname = N'publish', @value = N'true'", 21106],
      ["EXEC sys.sp_replicationdboption @dbname = N'app', @optname = N'subscribe', @value = N'true'"],
    ]);
    expect(await session.value("SELECT CONVERT(int, DATABASEPROPERTYEX(N'app', 'IsSubscribed'))")).toBe(1);
  });
});

test('a remote Distributor lets its Publishers in, knows them, and is no older than they are', async () => {
  await using publisher = await startDouble({ product: '2022-enterprise' });
  await using distributor = await startDouble({ product: '2022-standard', name: 'DAL-DIST' });
  await using old = await startDouble({ product: '2012-standard', name: 'OLD-DIST' });
  connectLab([publisher, distributor, old]);
  for (const server of [distributor, old]) {
    const { errors } = await server
      .session()
      .run(
        `EXEC master.sys.sp_adddistributor @distributor = N'${server.name}', @password = N'Distribution 1'; EXEC master.sys.sp_adddistributiondb @database = N'distribution'`,
      );
    expect(errors).toEqual([]);
  }
  const session = publisher.session();
  const add = (server: string, password: string): string =>
    `EXEC master.sys.sp_adddistributor @distributor = N'${server}', @password = N'${password}'`;
  await refused(session, [
    [add('DAL-DIST', 'wrong'), 18456, 21007],
    [add('DAL-DIST', 'Distribution 1'), 21007],
    [add('OLD-DIST', 'Distribution 1'), 21041],
  ]);
  await distributor
    .session()
    .run(
      "EXEC distribution.sys.sp_adddistpublisher @publisher = N'MIA-SQL1', @distribution_db = N'distribution'",
    );
  await refused(session, [[add('DAL-DIST', 'Distribution 1')]]);
});

test('a Subscriber is within two major versions of its Publisher', async () => {
  await using publisher = await startDouble({ product: '2022-enterprise', databases: ['app'] });
  await using near = await startDouble({ product: '2019-express', name: 'DAL-SQL1', databases: ['sub'] });
  await using far = await startDouble({ product: '2012-standard', name: 'OLD-SQL1', databases: ['sub'] });
  connectLab([publisher, near, far]);
  const session = publisher.session();
  for (const part of [SETUP, PUBLICATION, 'CREATE TABLE dbo.T (id int NOT NULL PRIMARY KEY)', article('T')])
    expect((await session.run(part)).errors).toEqual([]);
  const only = "@sync_type = N'replication support only'";
  await refused(session, [[subscribe(only).replace('DAL-SQL1', 'OLD-SQL1'), 20084], [subscribe(only)]]);
});
