import { unsupported } from '../../errors.ts';
import type { ProcedureContext, SystemProcedure } from '../../system/procedure.ts';
import { needsSysadmin } from '../faults.ts';
import { int, procedure, sysname } from '../parameters.ts';
import { bracketed, linkDistributor, quoted } from '../places.ts';

/** What the jobs of a distributor call that look after agents and subscriptions. */

const checkup = procedure(
  'sp_replication_agent_checkup',
  [int('@heartbeat_interval', 10)],
  async (context, values) => {
    needsSysadmin(context);
    const minutes = values.integer('@heartbeat_interval') ?? 10;
    const silent: string[] = [];
    for (const { name, options, store } of context.instance.databases.values())
      if (options.distributor && store !== undefined) silent.push(...(await silentAgents(context, name)));
    for (const agent of silent)
      context.message(
        `The replication agent has not logged a progress message in ${minutes} minutes. This might indicate an unresponsive agent or high system activity. Verify that records are being replicated to the destination and that connections to the Subscriber, Publisher, and Distributor are still active. (${agent})`,
        { number: 20554, severity: 10 },
      );
    if (silent.length === 0)
      context.message('Heartbeats detected for all running replication agents.', {
        number: 20556,
        severity: 10,
      });
    return 0;
  },
);

const KINDS = [
  ['MSlogreader_agents', 'MSlogreader_history'],
  ['MSdistribution_agents', 'MSdistribution_history'],
  ['MSsnapshot_agents', 'MSsnapshot_history'],
] as const;

/** Agents whose newest history says that they run, though their job does not: they ended without a word. */
async function silentAgents(context: ProcedureContext, database: string): Promise<readonly string[]> {
  const active = context.instance.agent?.active() ?? new Map<string, unknown>();
  const found: string[] = [];
  for (const [agents, history] of KINDS) {
    const rows = await context.query(
      database,
      `SELECT a.name, CONVERT(varchar(36), CONVERT(uniqueidentifier, a.job_id)) AS job,
  (SELECT TOP (1) h.runstatus FROM dbo.${history} AS h WHERE h.agent_id = a.id ORDER BY h.timestamp DESC) AS status FROM dbo.${agents} AS a`,
    );
    for (const row of rows)
      if ([1, 3, 4].includes(Number(row['status'])) && !active.has(String(row['job']).toUpperCase()))
        found.push(String(row['name']));
  }
  return found;
}

const expired = procedure('sp_expired_subscription_cleanup', [sysname('@publisher', null)], async context => {
  needsSysadmin(context);
  for (const { name, options, store } of context.instance.databases.values())
    if (options.published && store !== undefined) await dropExpired(context, name);
  return 0;
});

/** A subscription that was not synchronized within the retention of its publication; 0 never expires. */
async function dropExpired(context: ProcedureContext, database: string): Promise<void> {
  const { instance } = context;
  const link = await linkDistributor(context);
  let rows: readonly Readonly<Record<string, unknown>>[] = [];
  try {
    rows =
      await link.query(`SELECT a.publication, a.subscriber_name, a.subscriber_db FROM dbo.MSdistribution_agents AS a
JOIN dbo.MSreplservers AS s ON s.srvid = a.publisher_id
JOIN dbo.MSpublications AS p ON p.publisher_id = a.publisher_id AND p.publisher_db = a.publisher_db AND p.publication = a.publication
WHERE s.srvname = ${quoted(instance.name)} AND a.publisher_db = ${quoted(database)} AND p.retention > 0
  AND ISNULL((SELECT MAX(h.time) FROM dbo.MSdistribution_history AS h WHERE h.agent_id = a.id AND h.runstatus IN (2, 3, 4)), a.creation_date) < DATEADD(hour, -p.retention, GETDATE())
  AND NOT EXISTS (SELECT 1 FROM msdb.dbo.sysjobactivity AS j WHERE CONVERT(binary(16), j.job_id) = a.job_id AND j.start_execution_date IS NOT NULL AND j.stop_execution_date IS NULL)`);
  } finally {
    await link.close();
  }
  for (const row of rows) {
    const [publication, subscriber] = [String(row['publication']), String(row['subscriber_name'])];
    await context.query(
      database,
      `EXEC ${bracketed(database)}.sys.sp_dropsubscription @publication = ${quoted(publication)}, @article = N'all', @subscriber = ${quoted(subscriber)}, @destination_db = ${quoted(String(row['subscriber_db']))}`,
    );
    context.message(
      `The subscription created by Subscriber '${subscriber}' to publication '${publication}' has expired and has been dropped.`,
      { number: 14157, severity: 10 },
    );
  }
}

const reinitialize = procedure('sp_msreinit_failed_subscriptions', [int('@failure_level')], async () => {
  throw unsupported('reinitialization of subscriptions');
});

export const UPKEEP_PROCEDURES: readonly SystemProcedure[] = [checkup, expired, reinitialize];
