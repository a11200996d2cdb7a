import { describe, expect, it } from 'vitest';
import { assessStage } from '../../../../src/database/assess/index.ts';
import type { DatabaseFinding } from '../../../../src/journal/database-facts.ts';
import type { EventOf } from '../../../../src/journal/events.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { type SqlDouble, startDouble } from '../../../support/sql-double.ts';
import { databasePlan, type Place, workOn } from './world.ts';

const TABLE =
  'CREATE TABLE dbo.Orders (Id int NOT NULL CONSTRAINT PK_Orders PRIMARY KEY, Note nvarchar(max) NULL)';

type Input = Parameters<typeof databasePlan>[1];

async function assessed(
  publisher: Place,
  subscriber: Place,
  plan: Input = { clone: { database: 'app_dev' } },
  hoursLeft = 96,
): Promise<EventOf<'database.assessed'>> {
  await using told = workOn({
    name: 'app',
    plan: databasePlan('app', plan),
    ...{ publisher, subscriber, hoursLeft },
  });
  await assessStage.run(told.work);
  const [event] = told.events;
  if (event?.type !== 'database.assessed') throw new Error('nothing was told');
  return event;
}

const one = (event: EventOf<'database.assessed'>, code: string): DatabaseFinding => {
  const found = event.findings.find(each => each.code === code);
  if (found === undefined) throw new Error(`no ${code}: ${event.findings.map(each => each.code).join(' ')}`);
  return found;
};

const clone = (options: Parameters<typeof startDouble>[0] = {}): Promise<SqlDouble> =>
  startDouble({ name: 'DAL-SQL1', databases: ['app_dev'], ...options });

const PUBLISHING = ['backup', 'clone', 'snapshot'];

describe('assess, on servers with something wrong', () => {
  it.each([
    ['2016-web', 'Web Edition'],
    ['2019-express', 'Express Edition'],
  ] as const)('%s cannot publish', async (product, edition) => {
    await using publisher = await startDouble({ product });
    await using subscriber = await clone({ product: '2019-express' });
    await publisher.run('app', TABLE);
    await subscriber.run('app_dev', TABLE);
    const event = await assessed(publisher, subscriber);
    expect(event.publisher.publishes).toBe(false);
    expect(one(event, 'edition-cannot-publish')).toMatchObject({ severity: 'blocker', closes: PUBLISHING });
    expect(one(event, 'edition-cannot-publish').what).toContain(edition);
    const closed = new Set(event.findings.flatMap(({ closes }) => closes));
    expect(closed.has('change-tracking')).toBe(false);
  });

  it('a subscriber that is five releases newer, and one that is older', async () => {
    await using old = await startDouble({ product: '2012-standard' });
    await using young = await clone();
    await old.run('app', TABLE);
    await young.run('app_dev', TABLE);
    const up = await assessed(old, young);
    expect(one(up, 'versions-too-far').closes).toEqual(PUBLISHING);
    expect(one(up, 'no-way-back-by-restore').severity).toBe('note');
    expect(one(up, 'no-database-snapshots').subject).toBe('publisher');
    await young.run('master', 'CREATE DATABASE app');
    await old.run('master', 'CREATE DATABASE app_dev');
    await young.run('app', TABLE);
    const down = await assessed(young, old);
    expect(one(down, 'subscriber-older').closes).toEqual(['backup', 'log-shipping']);
  });

  it('a login that may not do much: what it cannot see is told, and lanes that need more are closed', async () => {
    await using publisher = await startDouble();
    await using subscriber = await clone();
    for (const [double, database] of [
      [publisher, 'app'],
      [subscriber, 'app_dev'],
    ] as const) {
      await double.run(database, TABLE);
      await double.run('master', "CREATE LOGIN landfall WITH PASSWORD = N'Correct horse 2'");
      await double.run(database, 'CREATE USER landfall FOR LOGIN landfall');
    }
    const login = { user: 'landfall', password: 'Correct horse 2' };
    const event = await assessed({ port: publisher.port, ...login }, { port: subscriber.port, ...login });
    expect(event.findings.filter(({ code }) => code === 'not-sysadmin')).toHaveLength(2);
    expect(one(event, 'not-owner').closes).toEqual(['change-tracking']);
    expect(one(event, 'may-not-back-up').remedy).toMatch(/db_backupoperator ADD MEMBER \[landfall\]/);
    expect(one(event, 'not-seen').evidence.join()).toMatch(/VIEW SERVER STATE|permission/);
  });

  it('a clone of another database, and one that somebody works in', async () => {
    await using publisher = await startDouble();
    await using subscriber = await clone();
    await publisher.run('app', TABLE);
    await publisher.run('app', 'CREATE TABLE dbo.Customers (Id int NOT NULL PRIMARY KEY)');
    await subscriber.run('app_dev', 'CREATE TABLE dbo.Recipes (Id int NOT NULL PRIMARY KEY)');
    const stranger = subscriber.session({ database: 'app_dev', application: 'SSMS' });
    const event = await assessed(publisher, subscriber);
    stranger.end();
    expect(one(event, 'foreign-clone')).toMatchObject({
      severity: 'blocker',
      closes: ['clone', 'snapshot', 'change-tracking'],
    });
    expect(one(event, 'foreign-clone').evidence.join()).toContain('dbo.Recipes');
    expect(one(event, 'copy-in-use').evidence.join()).toMatch(/sa from here with SSMS/);
  });

  it('a clone that is not there, and a source that is not there', async () => {
    await using publisher = await startDouble();
    await using subscriber = await clone({ databases: [] });
    await publisher.run('app', TABLE);
    expect(one(await assessed(publisher, subscriber), 'clone-absent').severity).toBe('blocker');
    await publisher.run('master', 'DROP DATABASE app');
    await expect(assessed(publisher, subscriber)).rejects.toMatchObject({
      code: 'database.blocked',
      facts: { what: 'the publisher 127.0.0.1 has no database app' },
    });
  });

  it('a source that is offline, simple, read-only', async () => {
    await using publisher = await startDouble();
    await using subscriber = await clone();
    await publisher.run('app', TABLE);
    await publisher.run('master', 'ALTER DATABASE app SET RECOVERY SIMPLE');
    await publisher.run('master', 'ALTER DATABASE app SET READ_ONLY');
    const event = await assessed(publisher, subscriber);
    expect(one(event, 'recovery-simple').closes).toEqual(['log-shipping']);
    expect(one(event, 'read-only').closes).toEqual([...PUBLISHING, 'change-tracking']);
    await publisher.run('master', 'ALTER DATABASE app SET OFFLINE');
    const offline = await assessed(publisher, subscriber);
    expect(one(offline, 'database-offline').remedy).toBe('ALTER DATABASE [app] SET ONLINE');
    expect(offline.tables).toEqual([]);
  });

  it('collations that differ: of the server, of the database, of a key', async () => {
    await using publisher = await startDouble({ databases: [] });
    await using subscriber = await clone({ databases: [] });
    await publisher.run('master', 'CREATE DATABASE app COLLATE Latin1_General_CS_AS');
    await subscriber.run('master', 'CREATE DATABASE app_dev COLLATE Latin1_General_CI_AS');
    const table = 'CREATE TABLE dbo.T (Code nvarchar(20) NOT NULL PRIMARY KEY)';
    await publisher.run('app', table);
    await subscriber.run('app_dev', table);
    const event = await assessed(publisher, subscriber);
    expect(one(event, 'database-collation-differs').severity).toBe('warning');
    expect(one(event, 'key-collation-differs').evidence).toEqual([
      'dbo.T.Code: Latin1_General_CS_AS, in the clone Latin1_General_CI_AS',
    ]);
  });

  it('publisher and subscriber that are one server', async () => {
    await using both = await startDouble({ databases: ['app', 'app_dev'] });
    await both.run('app', TABLE);
    const event = await assessed(both, both);
    expect(one(event, 'same-server').closes).toHaveLength(5);
  });

  it('a distributor of others that forgets too soon, and a publication of others', async () => {
    await using publisher = await startDouble();
    await using subscriber = await clone();
    await publisher.run('app', TABLE);
    await subscriber.run('app_dev', TABLE);
    for (const batch of [
      "EXEC sys.sp_adddistributor @distributor = N'MIA-SQL1', @password = N'Correct horse 3'",
      "EXEC sys.sp_adddistributiondb @database = N'distribution', @max_distretention = 72, @security_mode = 1",
      "EXEC sys.sp_adddistpublisher @publisher = N'MIA-SQL1', @distribution_db = N'distribution', @security_mode = 1",
      "EXEC sys.sp_replicationdboption @dbname = N'app', @optname = N'publish', @value = N'true'",
    ])
      await publisher.run('master', batch);
    await publisher.run(
      'app',
      "EXEC sys.sp_addpublication @publication = N'reporting', @status = N'active', @independent_agent = N'true'",
    );
    const plan: Input = { clone: { database: 'app_dev' }, distributor_at: 'publisher' };
    const event = await assessed(publisher, subscriber, plan);
    expect(one(event, 'published-already').evidence).toEqual(['reporting']);
    expect(one(event, 'distributor-there').severity).toBe('note');
    expect(one(event, 'retention-too-short')).toMatchObject({ severity: 'blocker', closes: PUBLISHING });
    expect(one(event, 'retention-too-short').remedy).toMatch(/N'168'; .*owners of MIA-SQL1/);
    await publisher.run(
      'master',
      "EXEC sys.sp_changedistributiondb @database = N'distribution', @property = N'max_distretention', @value = N'168'",
    );
    const longer = await assessed(publisher, subscriber, plan);
    expect(longer.findings.some(({ code }) => code === 'retention-too-short')).toBe(false);

    const elsewhere = await assessed(publisher, subscriber);
    expect(one(elsewhere, 'distributor-elsewhere')).toMatchObject({
      closes: PUBLISHING,
      remedy: 'in the plan: distributor_at: publisher',
    });
  });

  it('a transaction that has been open for long, and change tracking of others', async () => {
    const clock = new ManualClock();
    await using publisher = await startDouble({ clock });
    await using subscriber = await clone();
    await publisher.run('app', TABLE);
    await publisher.run(
      'master',
      'ALTER DATABASE app SET CHANGE_TRACKING = ON (CHANGE_RETENTION = 2 DAYS, AUTO_CLEANUP = ON)',
    );
    const writer = publisher.session();
    await writer.run('BEGIN TRANSACTION; INSERT dbo.Orders (Id) VALUES (1)');
    clock.advance(3_600_000);
    const event = await assessed(publisher, subscriber);
    await writer.run('ROLLBACK');
    writer.end();
    expect(one(event, 'long-transaction').what).toMatch(/^a transaction has been open for 1h00m/);
    expect(one(event, 'tracking-too-short').remedy).toMatch(/CHANGE_RETENTION = 168 HOURS/);
  });
});
