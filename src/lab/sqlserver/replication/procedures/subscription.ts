import { SqlError, unsupported } from '../../errors.ts';
import { lsnToBytes } from '../../storage/lsn.ts';
import type { ProcedureContext, ProcedureValues, SystemProcedure } from '../../system/procedure.ts';
import { articleProcedures } from '../article-procedures.ts';
import { articlesHere, type StoredArticle } from '../articles.ts';
import { startLsnOfBackup } from '../backup-start.ts';
import { foreignPublisher, noArticle, outsideTransactions, wrongValue } from '../faults.ts';
import { mustBeKept } from '../kept-commands.ts';
import { writeNote } from '../notes.ts';
import { bit, bytes, int, sysname, text, tinyint } from '../parameters.ts';
import { type DistributorLink, hex, linkDistributor, quoted, same } from '../places.ts';
import { type Publication, publicationOf } from '../publications.ts';
import { requireNearVersion } from '../subscriber-version.ts';
import { distributionJob, isSyncType, STATUS, SYNC_TYPES, type SyncType } from '../subscriptions.ts';

const addSubscription: SystemProcedure = {
  name: 'sp_addsubscription',
  home: { kind: 'sys' },
  parameters: [
    ...[
      sysname('@publication'),
      sysname('@article', 'all'),
      sysname('@subscriber', null),
      sysname('@destination_db', null),
    ],
    ...[
      text(255)('@sync_type', 'automatic'),
      sysname('@status', null),
      text(4)('@subscription_type', 'push'),
      text(30)('@update_mode', 'read only'),
    ],
    ...[
      text(5)('@loopback_detection', null),
      int('@frequency_type', 64),
      int('@frequency_interval', 1),
      int('@frequency_relative_interval', 1),
    ],
    ...[
      int('@frequency_recurrence_factor', 0),
      int('@frequency_subday', 4),
      int('@frequency_subday_interval', 5),
      int('@active_start_time_of_day', 0),
    ],
    ...[
      int('@active_end_time_of_day', 235959),
      int('@active_start_date', 0),
      int('@active_end_date', 99991231),
      text(4000)('@optional_command_line', null),
    ],
    ...[
      text(10)('@reserved', null),
      text(5)('@enabled_for_syncmgr', 'false'),
      bit('@offloadagent', 0),
      sysname('@offloadserver', null),
    ],
    ...[
      sysname('@dts_package_name', null),
      sysname('@dts_package_password', null),
      text(12)('@dts_package_location', null),
      sysname('@distribution_job_name', null),
    ],
    ...[
      sysname('@publisher', null),
      text(20)('@backupdevicetype', 'logical'),
      text(1000)('@backupdevicename', null),
      sysname('@mediapassword', null),
    ],
    ...[
      sysname('@password', null),
      int('@fileidhint', null),
      bit('@unload', 1),
      bytes(10)('@subscriptionlsn', null),
      tinyint('@subscriptionstreams', null),
    ],
    ...[tinyint('@subscriber_type', 0), bit('@memory_optimized', 0)],
  ],
  async run(context, values) {
    outsideTransactions(context, 'sp_addsubscription');
    const publication = await publicationOf(context, values.text('@publication'));
    const wanted = read(context, publication, values);
    const articles = (await articlesHere(context)).filter(
      ({ publicationId }) => publicationId === publication.id,
    );
    const chosen = same(wanted.article, 'all')
      ? articles
      : articles.filter(({ name }) => same(name, wanted.article));
    if (articles.length === 0)
      throw new SqlError(
        14124,
        'A publication must have at least one article before a subscription to it can be created.',
      );
    if (chosen.length === 0) throw noArticle(wanted.article);
    await requireNearVersion(context, publication, wanted);
    const link = await linkDistributor(context);
    try {
      await mustBeNew(context, chosen, wanted);
      const start = await givenStart(context, link, publication, wanted, values);
      const agent = await record(context, link, publication, chosen, wanted, start ?? NEVER);
      // Only what commits once the log reader keeps commands for it can begin here.
      if (start === undefined && wanted.syncType !== 'automatic')
        await beginAt(link, agent, chosen, lsnToBytes(context.database.store?.log.current ?? 0n));
      sendProcedures(context, publication, chosen, wanted);
      await makeJob(context, link, agent, wanted);
    } finally {
      await link.close();
    }
    return 0;
  },
};

export interface Wanted {
  readonly article: string;
  readonly subscriber: string;
  readonly database: string;
  readonly syncType: SyncType;
  readonly status: number;
  readonly frequency: number;
}

function read(context: ProcedureContext, publication: Publication, values: ProcedureValues): Wanted {
  const subscriber = values.text('@subscriber') ?? '';
  if (values.text('@publisher') !== null) throw foreignPublisher(values.text('@publisher') ?? '');
  if ((values.text('@subscription_type') ?? 'push').toLowerCase() !== 'push')
    throw pullRefused(values.text('@subscription_type') ?? '', publication);
  if (!publication.allowPush)
    throw new SqlError(
      20012,
      `The subscription type 'push' is not allowed on publication '${publication.name}'.`,
    );
  if ((values.text('@update_mode') ?? 'read only').toLowerCase() !== 'read only')
    throw unsupported('updatable subscriptions');
  if ((values.integer('@subscriptionstreams') ?? 1) > 1) throw unsupported('@subscriptionstreams');
  if (context.instance.servers.find(subscriber) === undefined && !same(subscriber, context.instance.name)) {
    throw new SqlError(
      14010,
      `The remote server '${subscriber}' is not defined as a subscription server. Ensure you specify the server name rather than a network alias.`,
    );
  }
  const syncType = (values.text('@sync_type') ?? 'automatic').toLowerCase();
  if (!isSyncType(syncType))
    throw new SqlError(
      14052,
      'The @sync_type parameter value must be "automatic", "none", "replication support only", "initialize with backup", or "initialize from lsn".',
    );
  if (syncType === 'automatic' && publication.immediateSync && values.text('@status') !== null)
    throw new SqlError(
      14129,
      "The @status parameter value must be NULL for 'automatic' sync_type when you add subscriptions to an immediate_sync publication.",
    );
  const article = values.text('@article') ?? 'all';
  refuseWithoutSnapshot(publication, syncType, article, values);
  return {
    ...{ article, subscriber, database: values.text('@destination_db') ?? context.database.name, syncType },
    ...{
      status: statusOf(syncType, values.text('@status')),
      frequency: values.integer('@frequency_type') ?? 64,
    },
  };
}

const pullRefused = (type: string, { name, allowPull }: Publication): SqlError =>
  /^(pull|anonymous)$/i.test(type)
    ? allowPull
      ? unsupported('pull subscriptions')
      : new SqlError(20012, `The subscription type 'pull' is not allowed on publication '${name}'.`)
    : new SqlError(14128, "Invalid @subscription_type parameter value. Valid options are 'push' or 'pull'.");

/** 18786, 21407, 21408: what initializing without a snapshot asks of the publication and of the call. */
function refuseWithoutSnapshot(
  publication: Publication,
  syncType: SyncType,
  article: string,
  values: ProcedureValues,
): void {
  if (syncType !== 'initialize with backup' && syncType !== 'initialize from lsn') return;
  if (!publication.fromBackup) {
    throw new SqlError(
      18786,
      "The specified publication does not allow subscriptions to be initialized from a backup. To allow initialization from a backup, use sp_changepublication: set 'allow_initialize_from_backup' to 'true'.",
    );
  }
  if (!same(article, 'all')) {
    throw new SqlError(
      21407,
      `Cannot create the subscription. If you specify a value of "initialize with backup" for the @sync_type parameter, you must subscribe to all articles in the publication by specifying a value of "all" for the @article parameter.`,
    );
  }
  const status = values.text('@status')?.toLowerCase();
  if (status !== undefined && status !== 'active' && status !== 'subscribed') {
    throw new SqlError(
      21408,
      'Cannot create the subscription. You must specify a value of "Active" or "Subscribed" for the @status parameter. This is because the value specified for the @sync_type parameter is "initialize with backup" or "replication support only".',
    );
  }
  if (syncType === 'initialize from lsn' && !(values.get('@subscriptionlsn') instanceof Uint8Array)) {
    throw new SqlError(
      21399,
      'The transactions required for synchronizing the subscription with the specified log sequence number (LSN) are unavailable at the Distributor. Specify a higher LSN.',
    );
  }
  if (syncType === 'initialize with backup' && values.text('@backupdevicename') === null) {
    throw wrongValue('@backupdevicename', 'sp_addsubscription');
  }
}

function statusOf(syncType: SyncType, given: string | null): number {
  const word = given?.toLowerCase();
  if (word === undefined) return syncType === 'automatic' ? STATUS.subscribed : STATUS.active;
  if (word === 'active') return STATUS.active;
  if (word === 'subscribed') return STATUS.subscribed;
  if (word === 'inactive') return STATUS.inactive;
  throw new SqlError(
    14065,
    "The @status parameter value must be 'initiated', 'active', 'inactive', or 'subscribed'.",
  );
}

async function mustBeNew(
  context: ProcedureContext,
  articles: readonly StoredArticle[],
  wanted: Wanted,
): Promise<void> {
  const rows = await context.query(
    context.database.name,
    `SELECT artid FROM dbo.syssubscriptions WHERE srvname = ${quoted(wanted.subscriber)} AND dest_db = ${quoted(wanted.database)}`,
  );
  const there = new Set(rows.map(row => Number(row['artid'])));
  if (articles.some(({ id }) => there.has(id))) {
    throw new SqlError(
      14058,
      'Cannot create the subscription because the subscription already exists in the subscription database. Only one subscription to the same publication is allowed in each subscription database. Drop the subscription and add it again if necessary. If the problem persists, replication metadata might be incorrect; see Books Online for troubleshooting information.',
    );
  }
}

/** Above every transaction: nothing is for the subscriber yet. */
export const NEVER = new Uint8Array(10).fill(0xff);

/** The LSN after which commands are for this subscriber, as 10 bytes, where the caller gives it. */
async function givenStart(
  context: ProcedureContext,
  link: DistributorLink,
  publication: Publication,
  wanted: Wanted,
  values: ProcedureValues,
): Promise<Uint8Array | undefined> {
  if (wanted.syncType === 'initialize from lsn') {
    const given = values.get('@subscriptionlsn');
    const lsn = given instanceof Uint8Array ? given : NEVER;
    await mustBeKept(link, context, publication, lsn, 21399);
    return lsn;
  }
  if (wanted.syncType === 'initialize with backup') {
    const lsn = lsnToBytes(await startLsnOfBackup(context, values));
    await mustBeKept(link, context, publication, lsn, 21397);
    return lsn;
  }
  return undefined;
}

export async function record(
  context: ProcedureContext,
  link: DistributorLink,
  publication: Publication,
  articles: readonly StoredArticle[],
  wanted: Wanted,
  start: Uint8Array,
): Promise<PushSubscription> {
  const { instance, database } = context;
  const { syncType, nosyncType } = SYNC_TYPES[wanted.syncType];
  for (const { id } of articles) {
    await context.query(
      database.name,
      `INSERT dbo.syssubscriptions (artid, srvid, dest_db, status, sync_type, login_name, subscription_type, update_mode, loopback_detection, nosync_type, srvname)
VALUES (${id}, 0, ${quoted(wanted.database)}, ${wanted.status}, ${syncType}, ${quoted(context.session.login)}, 0, 0, 1, ${nosyncType}, ${quoted(wanted.subscriber)})`,
    );
  }
  const [next] = await link.query('SELECT ISNULL(MAX(id), 0) + 1 AS id FROM dbo.MSdistribution_agents');
  const name = `${instance.name}-${database.name}-${publication.name}-${wanted.subscriber}-${Number(next?.['id'])}`;
  const [agent] =
    await link.query(`DECLARE @publisher smallint = (SELECT srvid FROM dbo.MSreplservers WHERE srvname = ${quoted(instance.name)});
IF NOT EXISTS (SELECT 1 FROM dbo.MSreplservers WHERE srvname = ${quoted(wanted.subscriber)})
  INSERT dbo.MSreplservers (srvid, srvname) SELECT ISNULL(MAX(srvid), -1) + 1, ${quoted(wanted.subscriber)} FROM dbo.MSreplservers;
DECLARE @subscriber smallint = (SELECT srvid FROM dbo.MSreplservers WHERE srvname = ${quoted(wanted.subscriber)});
DECLARE @publication int = (SELECT publication_id FROM dbo.MSpublications WHERE publisher_id = @publisher AND publisher_db = ${quoted(database.name)} AND publication = ${quoted(publication.name)});
DECLARE @pdb int = (SELECT id FROM dbo.MSpublisher_databases WHERE publisher_id = @publisher AND publisher_db = ${quoted(database.name)});
DECLARE @agent int = (SELECT id FROM dbo.MSdistribution_agents WHERE publisher_database_id = @pdb AND publication = ${quoted(publication.name)}
  AND subscriber_name = ${quoted(wanted.subscriber)} AND subscriber_db = ${quoted(wanted.database)});
IF @agent IS NULL
BEGIN
  INSERT dbo.MSdistribution_agents (name, publisher_database_id, publisher_id, publisher_db, publication, subscriber_id, subscriber_db, subscription_type,
    local_job, subscription_guid, profile_id, subscriber_name, subscriber_security_mode)
  VALUES (${quoted(name)}, @pdb, @publisher, ${quoted(database.name)}, ${quoted(publication.name)}, @subscriber, ${quoted(wanted.database)}, 0,
    1, CONVERT(binary(16), NEWID()), 4, ${quoted(wanted.subscriber)}, 1);
  SET @agent = SCOPE_IDENTITY();
END;
${articles
  .map(
    ({
      id,
    }) => `INSERT dbo.MSsubscriptions (publisher_database_id, publisher_id, publisher_db, publication_id, article_id, subscriber_id, subscriber_db, subscription_type,
  sync_type, status, subscription_seqno, snapshot_seqno_flag, independent_agent, subscription_time, loopback_detection, agent_id, update_mode, publisher_seqno, ss_cplt_seqno, nosync_type)
VALUES (@pdb, @publisher, ${quoted(database.name)}, @publication, ${id}, @subscriber, ${quoted(wanted.database)}, 0,
  ${syncType}, ${wanted.status}, ${hex(start)}, 0, ${publication.independentAgent ? 1 : 0}, GETDATE(), 1, @agent, 0, ${hex(start)}, ${nosyncType === 0 ? hex(start) : '0x00'}, ${nosyncType});`,
  )
  .join('\n')}
SELECT id, name, job_id FROM dbo.MSdistribution_agents WHERE id = @agent`);
  return { id: Number(agent?.['id']), name: String(agent?.['name']), job: agent?.['job_id'] !== null };
}

/** A row of MSdistribution_agents. */
export interface PushSubscription {
  readonly id: number;
  readonly name: string;
  readonly job: boolean;
}

export async function beginAt(
  link: DistributorLink,
  { id }: PushSubscription,
  articles: readonly StoredArticle[],
  start: Uint8Array,
): Promise<void> {
  await link.query(`UPDATE dbo.MSsubscriptions SET subscription_seqno = ${hex(start)}, publisher_seqno = ${hex(start)}
WHERE agent_id = ${id} AND article_id IN (${articles.map(article => article.id).join(', ')})`);
}

/** A sysadmin's push subscription gets its job at once, under the account of SQL Server Agent. */
async function makeJob(
  { instance, database }: ProcedureContext,
  link: DistributorLink,
  { id, name, job }: PushSubscription,
  wanted: Wanted,
): Promise<void> {
  if (job) return;
  const [publisher, publisherDb] = [instance.name, database.name];
  const [subscriber, subscriberDb, frequency] = [wanted.subscriber, wanted.database, wanted.frequency];
  await link.query(`${distributionJob({ name, publisher, publisherDb, subscriber, subscriberDb, link, frequency })}
UPDATE dbo.MSdistribution_agents SET job_id = CONVERT(binary(16), @job) WHERE id = ${id};`);
}

/** The article procedures travel through the log, as every set-up of a subscription without a snapshot. */
export function sendProcedures(
  { database }: ProcedureContext,
  publication: Publication,
  articles: readonly StoredArticle[],
  wanted: Wanted,
): void {
  const { store } = database;
  if (store === undefined || wanted.syncType === 'automatic' || wanted.syncType === 'none') return;
  for (const article of articles) {
    const table = store.catalog.tables.get(article.tableId);
    if (table === undefined) continue;
    store.log.append({
      kind: 'note',
      text: writeNote({
        kind: 'procedures',
        publication: publication.name,
        article: article.id,
        subscriber: wanted.subscriber,
        subscriberDb: wanted.database,
        scripts: [...articleProcedures(table, article)],
      }),
    });
  }
}

export const SUBSCRIPTION_PROCEDURES: readonly SystemProcedure[] = [addSubscription];
