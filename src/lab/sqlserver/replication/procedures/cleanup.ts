import { SqlError } from '../../errors.ts';
import type { ProcedureContext, SystemProcedure } from '../../system/procedure.ts';
import { notADistributor } from '../faults.ts';
import { int } from '../parameters.ts';
import { hex } from '../places.ts';

/** What the jobs `Distribution clean up: …` and `Agent history clean up: …` call in a distribution database. */

const distributionCleanup: SystemProcedure = {
  name: 'sp_msdistribution_cleanup',
  home: { kind: 'sys' },
  parameters: [int('@min_distretention'), int('@max_distretention')],
  async run(context, values) {
    const database = inDistribution(context);
    const [minimum, maximum] = [
      values.integer('@min_distretention') ?? 0,
      values.integer('@max_distretention') ?? 0,
    ];
    if (minimum < 0 || maximum < minimum)
      throw new SqlError(14106, 'Distribution retention periods must be greater than or equal to 0.');
    let removed = 0;
    for (const row of await context.query(database, 'SELECT id FROM dbo.MSpublisher_databases'))
      removed += await clean(context, database, Number(row['id']), minimum, maximum);
    context.message(`Removed ${removed} replicated transactions.`, { number: 21010 });
    return 0;
  },
};

/** Of one publisher's database; the newest transaction always stays, the log reader goes on behind it. */
async function clean(
  context: ProcedureContext,
  database: string,
  publisherDatabase: number,
  minimum: number,
  maximum: number,
): Promise<number> {
  const before = async (hours: number, bound: string): Promise<Uint8Array | undefined> => {
    const [row] = await context.query(
      database,
      `SELECT MAX(xact_seqno) AS seqno FROM dbo.MSrepl_transactions WHERE publisher_database_id = ${publisherDatabase}
  AND entry_time <= DATEADD(hour, ${-hours}, GETDATE()) AND xact_seqno < (SELECT MAX(xact_seqno) FROM dbo.MSrepl_transactions WHERE publisher_database_id = ${publisherDatabase})${bound}`,
    );
    return row?.['seqno'] instanceof Uint8Array ? row['seqno'] : undefined;
  };
  const expired = await before(maximum, '');
  if (expired !== undefined) await deactivate(context, database, publisherDatabase, expired);
  const held = await holder(context, database, publisherDatabase);
  const needed = held === 'everything' ? undefined : await before(minimum, held);
  const upTo = [expired, needed].reduce((a, b) =>
    a === undefined || (b !== undefined && Buffer.compare(a, b) < 0) ? b : a,
  );
  if (upTo === undefined) return 0;
  const where = `publisher_database_id = ${publisherDatabase} AND xact_seqno <= ${hex(upTo)}`;
  const [row] = await context.query(
    database,
    `UPDATE p SET min_autonosync_lsn = ${hex(upTo)} FROM dbo.MSpublications AS p JOIN dbo.MSpublisher_databases AS d ON d.publisher_id = p.publisher_id AND d.publisher_db = p.publisher_db
WHERE d.id = ${publisherDatabase} AND p.allow_initialize_from_backup = 1 AND (p.min_autonosync_lsn IS NULL OR p.min_autonosync_lsn < ${hex(upTo)});
DELETE dbo.MSrepl_commands WHERE ${where};
DELETE dbo.MSrepl_transactions WHERE ${where};
SELECT @@ROWCOUNT AS n`,
  );
  return Number(row?.['n']);
}

/** What an agent has delivered, or where its subscription begins. */
const DELIVERED = `ISNULL((SELECT MAX(h.xact_seqno) FROM dbo.MSdistribution_history AS h WHERE h.agent_id = s.agent_id), MIN(s.subscription_seqno))`;

/** Subscriptions that lag behind what is older than the maximum retention have lost transactions. */
async function deactivate(
  context: ProcedureContext,
  database: string,
  publisherDatabase: number,
  expired: Uint8Array,
): Promise<void> {
  const lagging = await context.query(
    database,
    `SELECT s.agent_id FROM dbo.MSsubscriptions AS s
WHERE s.publisher_database_id = ${publisherDatabase} AND s.agent_id >= 0 AND s.status = 2 AND s.subscription_seqno < ${hex(expired)}
GROUP BY s.agent_id HAVING ${DELIVERED} < ${hex(expired)}`,
  );
  for (const row of lagging) {
    await context.query(
      database,
      `UPDATE dbo.MSsubscriptions SET status = 0 WHERE agent_id = ${Number(row['agent_id'])}`,
    );
    context.message('Deactivated subscriptions.', { number: 21011, severity: 10 });
  }
}

/** A bound on what every subscription has got; a publication with immediate_sync keeps everything for who may come. */
async function holder(
  context: ProcedureContext,
  database: string,
  publisherDatabase: number,
): Promise<'everything' | string> {
  const [waiting] = await context.query(
    database,
    `SELECT COUNT(*) AS n FROM dbo.MSsubscriptions AS s JOIN dbo.MSpublications AS p ON p.publication_id = s.publication_id
WHERE s.publisher_database_id = ${publisherDatabase} AND s.subscriber_db = N'virtual' AND p.immediate_sync = 1`,
  );
  if (Number(waiting?.['n']) > 0) return 'everything';
  const agents = await context.query(
    database,
    `SELECT s.agent_id, ${DELIVERED} AS seqno FROM dbo.MSsubscriptions AS s
WHERE s.publisher_database_id = ${publisherDatabase} AND s.agent_id >= 0 AND s.status > 0 GROUP BY s.agent_id`,
  );
  const bounds = agents.flatMap(({ seqno }) => (seqno instanceof Uint8Array ? [seqno] : []));
  const lowest = bounds.sort(Buffer.compare)[0];
  return lowest === undefined ? '' : ` AND xact_seqno <= ${hex(lowest)}`;
}

const historyCleanup: SystemProcedure = {
  name: 'sp_mshistory_cleanup',
  home: { kind: 'sys' },
  parameters: [int('@history_retention', 24)],
  async run(context, values) {
    const database = inDistribution(context);
    const before = `DATEADD(hour, ${-(values.integer('@history_retention') ?? 24)}, GETDATE())`;
    // The newest row of an agent stays: monitoring and the clean-up of transactions go by it.
    for (const table of ['MSlogreader_history', 'MSdistribution_history', 'MSsnapshot_history'])
      await context.query(
        database,
        `DELETE h FROM dbo.${table} AS h WHERE h.time <= ${before}
  AND EXISTS (SELECT 1 FROM dbo.${table} AS l WHERE l.agent_id = h.agent_id AND l.timestamp > h.timestamp)`,
      );
    await context.query(
      database,
      `DELETE dbo.MSrepl_errors WHERE time <= ${before};
DELETE h FROM dbo.MStracer_history AS h JOIN dbo.MStracer_tokens AS t ON t.tracer_id = h.parent_tracer_id WHERE t.publisher_commit <= ${before};
DELETE dbo.MStracer_tokens WHERE publisher_commit <= ${before}`,
    );
    return 0;
  },
};

function inDistribution({ database, instance }: ProcedureContext): string {
  if (!database.options.distributor) throw notADistributor(instance.name);
  return database.name;
}

export const CLEANUP_PROCEDURES: readonly SystemProcedure[] = [distributionCleanup, historyCleanup];
