import { z } from 'zod';
import { identifier, literal } from '../../remote/sql/quote.ts';
import type { Statement } from '../../remote/sql/statement.ts';
import type { DatabaseRef } from '../names.ts';
import { amount, localEpochText } from './times.ts';

/** What the distributor is asked (facts: mssql 3.1, 3.2, 3.4). All of it reads. */

const at = (ref: DatabaseRef, title: string, text: string): Statement => ({
  on: 'distributor',
  database: ref.distribution,
  title,
  effect: 'reads',
  text: `SET NOCOUNT ON;
SET LOCK_TIMEOUT 5000;
${text}`,
});

/** Older builds know the servers by sys.servers alone. */
const publisherId = (ref: DatabaseRef): string => `DECLARE @publisher int;
IF OBJECT_ID(N'dbo.MSreplservers') IS NOT NULL
  SELECT @publisher = srvid FROM dbo.MSreplservers WHERE srvname = ${literal(ref.publisher)};
ELSE
  SELECT @publisher = server_id FROM sys.servers WHERE name = ${literal(ref.publisher)};`;

const ours = (ref: DatabaseRef, alias: string): string =>
  `${alias}.publisher_id = @publisher AND ${alias}.publisher_db = ${literal(ref.source)}`;

/** Agents of push subscriptions and the log reader are jobs here; a history row may be old and all is well. */
const agents = (hop: string, table: string, history: string, where: string): string =>
  `SELECT N'${hop}' AS hop, a.id, a.name AS agent, h.runstatus, ${localEpochText('h.[time]')} AS said_at, h.comments AS said,
  h.error_id, CONVERT(bit, CASE WHEN j.job_id IS NULL THEN 0 ELSE 1 END) AS has_job, CONVERT(bit, j.enabled) AS enabled, j.name AS job,
  CONVERT(bit, CASE WHEN r.start_execution_date IS NOT NULL AND r.stop_execution_date IS NULL THEN 1 ELSE 0 END) AS running
FROM dbo.${table} AS a
OUTER APPLY (SELECT TOP (1) runstatus, [time], comments, error_id FROM dbo.${history} WHERE agent_id = a.id ORDER BY [timestamp] DESC) AS h
LEFT JOIN msdb.dbo.sysjobs AS j ON j.job_id = CONVERT(uniqueidentifier, a.job_id)
LEFT JOIN msdb.dbo.sysjobactivity AS r ON r.job_id = j.job_id AND r.session_id = (SELECT MAX(session_id) FROM msdb.dbo.syssessions)
WHERE ${where}`;

export const agentsStatement = (ref: DatabaseRef): Statement =>
  at(
    ref,
    'ask for the agents and what they said last',
    `${publisherId(ref)}
${agents('log-reader', 'MSlogreader_agents', 'MSlogreader_history', ours(ref, 'a'))}
UNION ALL
${agents(
  'distribution',
  'MSdistribution_agents',
  'MSdistribution_history',
  `${ours(ref, 'a')} AND a.publication = ${literal(ref.publication)} AND a.subscriber_db = ${literal(ref.copy)}`,
)};`,
  );

export const agentRow = z.object({
  hop: z.enum(['log-reader', 'distribution']),
  id: z.number(),
  agent: z.string(),
  runstatus: z.number().nullable(),
  said_at: amount,
  said: z.string().nullable(),
  error_id: z.number().nullable(),
  has_job: z.boolean(),
  enabled: z.boolean().nullable(),
  job: z.string().nullable(),
  running: z.boolean(),
});
export type AgentRow = z.infer<typeof agentRow>;

/** The newest token, the newest that reached the distributor and the newest that reached the copy; ms of each hop. */
export const tracersStatement = (ref: DatabaseRef): Statement =>
  at(
    ref,
    'ask for the latency of the last tracer tokens',
    `${publisherId(ref)}
SELECT TOP (20) t.tracer_id, DATEDIFF(second, t.publisher_commit, GETDATE()) AS age_seconds,
  DATEDIFF(millisecond, t.publisher_commit, t.distributor_commit) AS to_distributor,
  DATEDIFF(millisecond, t.distributor_commit, h.subscriber_commit) AS to_subscriber
FROM dbo.MStracer_tokens AS t
JOIN dbo.MSpublications AS p ON p.publication_id = t.publication_id
LEFT JOIN dbo.MSdistribution_agents AS a ON ${ours(ref, 'a')} AND a.publication = p.publication AND a.subscriber_db = ${literal(ref.copy)}
LEFT JOIN dbo.MStracer_history AS h ON h.parent_tracer_id = t.tracer_id AND h.agent_id = a.id
WHERE ${ours(ref, 'p')} AND p.publication = ${literal(ref.publication)}
ORDER BY t.publisher_commit DESC, t.tracer_id DESC;`,
  );

export const tracerRow = z.object({
  tracer_id: z.number(),
  age_seconds: z.number(),
  to_distributor: z.number().nullable(),
  to_subscriber: z.number().nullable(),
});
export type TracerRow = z.infer<typeof tracerRow>;

export const pendingStatement = (ref: DatabaseRef): Statement =>
  at(
    ref,
    'ask how many commands wait for the copy',
    `EXEC ${identifier(ref.distribution)}.sys.sp_replmonitorsubscriptionpendingcmds
  @publisher = ${literal(ref.publisher)}, @publisher_db = ${literal(ref.source)}, @publication = ${literal(ref.publication)},
  @subscriber = ${literal(ref.subscriber)}, @subscriber_db = ${literal(ref.copy)}, @subscription_type = 0;`,
  );

export const pendingRow = z.object({ pendingcmdcount: z.number() });

/** Errors of this database's agents since a time of the distributor's clock (epoch ms), newest first. */
export const errorsStatement = (ref: DatabaseRef): Statement =>
  at(
    ref,
    'ask what errors the agents met',
    `${publisherId(ref)}
SELECT TOP (50) CONVERT(nvarchar(40), e.error_code) AS code, CONVERT(nvarchar(2000), e.error_text) AS said, ${localEpochText('e.[time]')} AS at,
  CONVERT(varchar(34), e.xact_seqno, 1) AS seqno, e.id
FROM dbo.MSrepl_errors AS e
WHERE (e.[time] >= DATEADD(second, -@seconds, GETDATE())
    AND (e.source_name IN (SELECT a.name FROM dbo.MSlogreader_agents AS a WHERE ${ours(ref, 'a')}
        UNION SELECT a.name FROM dbo.MSdistribution_agents AS a WHERE ${ours(ref, 'a')})
      OR e.id IN (SELECT h.error_id FROM dbo.MSdistribution_history AS h JOIN dbo.MSdistribution_agents AS a ON a.id = h.agent_id WHERE ${ours(ref, 'a')} AND h.error_id <> 0
        UNION SELECT h.error_id FROM dbo.MSlogreader_history AS h JOIN dbo.MSlogreader_agents AS a ON a.id = h.agent_id WHERE ${ours(ref, 'a')} AND h.error_id <> 0)))
  -- The last word of an agent counts however old it is.
  OR e.id IN (SELECT l.error_id FROM dbo.MSlogreader_agents AS a
      CROSS APPLY (SELECT TOP (1) error_id FROM dbo.MSlogreader_history WHERE agent_id = a.id ORDER BY [timestamp] DESC) AS l WHERE ${ours(ref, 'a')} AND l.error_id <> 0
    UNION SELECT l.error_id FROM dbo.MSdistribution_agents AS a
      CROSS APPLY (SELECT TOP (1) error_id FROM dbo.MSdistribution_history WHERE agent_id = a.id ORDER BY [timestamp] DESC) AS l WHERE ${ours(ref, 'a')} AND l.error_id <> 0)
ORDER BY e.[time] DESC, e.id DESC;`,
  );

/** error_code is a text: SQL Server's number, or a code of the agent's own. */
export const errorRow = z.object({
  code: z.string().nullable(),
  said: z.string().nullable(),
  at: z.coerce.number(),
  seqno: z.string().nullable(),
  id: z.number(),
});
export type ErrorRow = z.infer<typeof errorRow>;

/** The queue: its size, how long it keeps, how old the oldest thing in it is that the copy has not. */
export const queueStatement = (ref: DatabaseRef): Statement =>
  at(
    ref,
    'ask for the size of the queue and how long it keeps',
    `${publisherId(ref)}
DECLARE @agent int, @queue int, @delivered varbinary(16);
SELECT @agent = a.id, @queue = a.publisher_database_id FROM dbo.MSdistribution_agents AS a
WHERE ${ours(ref, 'a')} AND a.publication = ${literal(ref.publication)} AND a.subscriber_db = ${literal(ref.copy)};
SELECT @delivered = MAX(xact_seqno) FROM dbo.MSdistribution_history WHERE agent_id = @agent;
SELECT CONVERT(varchar(20), (SELECT SUM(CONVERT(bigint, size)) * 8192 FROM sys.database_files)) AS bytes,
  CONVERT(varchar(20), (SELECT SUM(CASE WHEN max_size = -1 THEN NULL ELSE CONVERT(bigint, max_size) * 8192 END) FROM sys.database_files WHERE type = 0
    HAVING MIN(max_size) > 0)) AS most,
  (SELECT d.max_distretention FROM msdb.dbo.MSdistributiondbs AS d WHERE d.name = DB_NAME()) AS keeps_hours,
  (SELECT DATEDIFF(minute, MIN(t.entry_time), GETDATE()) FROM dbo.MSrepl_transactions AS t
    WHERE t.publisher_database_id = @queue AND t.xact_seqno > ISNULL(@delivered, 0x00)) AS waits_minutes,
  (SELECT MIN(CONVERT(int, s.status)) FROM dbo.MSsubscriptions AS s WHERE s.agent_id = @agent) AS status;`,
  );

export const queueRow = z.object({
  bytes: amount,
  most: amount,
  keeps_hours: z.number().nullable(),
  waits_minutes: z.number().nullable(),
  /** Of its articles the least: 0 inactive, 1 subscribed, 2 active. */
  status: z.number().nullable(),
});
export type QueueRow = z.infer<typeof queueRow>;
