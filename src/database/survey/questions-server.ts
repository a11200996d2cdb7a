import { z } from 'zod';
import type { Role } from '../../remote/sql/statement.ts';
import { question } from '../assess/questions-server.ts';
import { flag, size, text, textOrNull, whole } from '../assess/rows.ts';
import { later } from './versions.ts';

/** Questions about a server as a whole, beside those of the assessment. All read; none touches a table of anybody's. */

/** Lists are cut here, and the survey says so. */
export const MOST = { databases: 500, jobs: 500, linked: 200, agents: 200 } as const;

const LOCAL = (column: string): string => `CONVERT(nvarchar(23), ${column}, 126)`;

export const clockQuestion = (on: Role) =>
  question(
    on,
    'master',
    'when the server started, and its time zone',
    z.object({ started: textOrNull, offset: whole }),
    // tempdb is made at every start, and everybody may see when.
    `SELECT (SELECT ${LOCAL('create_date')} FROM sys.databases WHERE name = N'tempdb') AS started,
  DATEPART(TZoffset, SYSDATETIMEOFFSET()) AS offset;`,
  );

export const databasesQuestion = (on: Role, major: number) => {
  const own = (column: string, otherwise: string): string =>
    later(major, 'd', 'databases', column, otherwise);
  return question(
    on,
    'master',
    'every database with its state and options',
    z.object({
      name: text,
      state: text,
      access: text,
      opens: flag,
      recovery: text,
      compatibility: whole,
      read_only: flag,
      standby: flag,
      auto_close: flag,
      auto_shrink: flag,
      published: flag,
      merge_published: flag,
      subscribed: flag,
      distributor: flag,
      sync_with_backup: flag,
      cdc: flag,
      encrypted: flag,
      trustworthy: flag,
      contained: flag,
      group_member: flag,
      snapshot: flag,
      mirrored: flag,
      tracked: flag,
      log_reuse_wait: text,
      durability: text,
      stretched: flag,
      ledger: flag,
      change_feed: flag,
    }),
    // Whether it opens is not asked of one that closes itself: the question alone may start it.
    `SELECT TOP (${MOST.databases + 1}) d.name, d.state_desc AS state, d.user_access_desc AS access,
  CASE WHEN d.is_auto_close_on = 1 THEN 1 ELSE HAS_DBACCESS(d.name) END AS opens,
  d.recovery_model_desc AS recovery, CONVERT(int, d.compatibility_level) AS compatibility,
  d.is_read_only AS read_only, d.is_in_standby AS standby, d.is_auto_close_on AS auto_close, d.is_auto_shrink_on AS auto_shrink,
  d.is_published AS published, d.is_merge_published AS merge_published, d.is_subscribed AS subscribed,
  d.is_distributor AS distributor, d.is_sync_with_backup AS sync_with_backup, d.is_cdc_enabled AS cdc,
  d.is_encrypted AS encrypted, d.is_trustworthy_on AS trustworthy,
  CASE WHEN d.containment = 0 THEN 0 ELSE 1 END AS contained,
  CASE WHEN d.group_database_id IS NULL THEN 0 ELSE 1 END AS group_member,
  CASE WHEN d.source_database_id IS NULL THEN 0 ELSE 1 END AS snapshot,
  CASE WHEN m.mirroring_guid IS NULL THEN 0 ELSE 1 END AS mirrored,
  CASE WHEN t.database_id IS NULL THEN 0 ELSE 1 END AS tracked,
  d.log_reuse_wait_desc AS log_reuse_wait,
  ${own('delayed_durability_desc', "N'DISABLED'")} AS durability,
  ${own('is_remote_data_archive_enabled', '0')} AS stretched,
  ${own('is_ledger_on', '0')} AS ledger,
  ${own('is_change_feed_enabled', '0')} AS change_feed
FROM sys.databases AS d
LEFT JOIN sys.database_mirroring AS m ON m.database_id = d.database_id
LEFT JOIN sys.change_tracking_databases AS t ON t.database_id = d.database_id
WHERE d.database_id > 4 ORDER BY d.name;`,
  );
};

/** Bytes on disk. What lies in FILESTREAM containers is 0 here; that there are such is told. */
export const filesQuestion = (on: Role) =>
  question(
    on,
    'master',
    'sizes of the files of every database',
    z.object({ name: textOrNull, data: size, log: size, containers: whole }),
    `SELECT DB_NAME(database_id) AS name,
  SUM(CASE WHEN type = 1 THEN 0 ELSE CONVERT(bigint, size) END) * 8192 AS data,
  SUM(CASE WHEN type = 1 THEN CONVERT(bigint, size) ELSE 0 END) * 8192 AS log,
  SUM(CASE WHEN type = 2 THEN 1 ELSE 0 END) AS containers
FROM sys.master_files WHERE database_id > 4 GROUP BY database_id;`,
  );

export const lastBackupsQuestion = (on: Role) =>
  question(
    on,
    'msdb',
    'the last full and the last log backup of every database',
    z.object({ name: text, kind: text, ended: textOrNull }),
    `SELECT b.database_name AS name, b.type AS kind, ${LOCAL('MAX(b.backup_finish_date)')} AS ended
FROM dbo.backupset AS b
WHERE b.type IN ('D', 'L') AND b.server_name = CONVERT(nvarchar(128), SERVERPROPERTY('ServerName'))
GROUP BY b.database_name, b.type;`,
  );

/** Without logins and without the provider's own string: passwords stand there. */
export const linkedServersQuestion = (on: Role) =>
  question(
    on,
    'master',
    'linked servers',
    z.object({ name: text, provider: text, source: textOrNull }),
    `SELECT TOP (${MOST.linked + 1}) name, provider, data_source AS source
FROM sys.servers
WHERE is_linked = 1 AND is_publisher = 0 AND is_subscriber = 0 AND is_distributor = 0 AND name <> N'repl_distributor'
ORDER BY name;`,
  );

export const loginsQuestion = (on: Role) =>
  question(
    on,
    'master',
    'how many logins there are',
    z.object({ sql: whole, windows: whole, disabled: whole }),
    `SELECT COUNT(CASE WHEN type = 'S' THEN 1 END) AS sql, COUNT(CASE WHEN type <> 'S' THEN 1 END) AS windows,
  COUNT(CASE WHEN is_disabled = 1 THEN 1 END) AS disabled
FROM sys.server_principals WHERE type IN ('S', 'U', 'G') AND name NOT LIKE N'##%';`,
  );

/** The outcome of whole jobs, not of their steps; the first failure is the first one after the last success. */
export const jobsQuestion = (on: Role) =>
  question(
    on,
    'msdb',
    'jobs of SQL Server Agent and how they ended last',
    z.object({
      name: text,
      enabled: flag,
      category: text,
      outcome: z.number().nullable(),
      run_date: z.number().nullable(),
      run_time: z.number().nullable(),
      failed_date: z.number().nullable(),
      failed_time: z.number().nullable(),
      running: flag,
    }),
    `SELECT TOP (${MOST.jobs + 1}) j.name, CONVERT(bit, j.enabled) AS enabled, c.name AS category,
  CONVERT(int, s.last_run_outcome) AS outcome, s.last_run_date AS run_date, s.last_run_time AS run_time,
  f.run_date AS failed_date, f.run_time AS failed_time,
  CASE WHEN a.start_execution_date IS NOT NULL AND a.stop_execution_date IS NULL THEN 1 ELSE 0 END AS running
FROM dbo.sysjobs AS j
JOIN dbo.syscategories AS c ON c.category_id = j.category_id
LEFT JOIN dbo.sysjobservers AS s ON s.job_id = j.job_id AND s.server_id = 0
LEFT JOIN dbo.sysjobactivity AS a ON a.job_id = j.job_id AND a.session_id = (SELECT MAX(session_id) FROM dbo.syssessions)
LEFT JOIN (SELECT job_id, MAX(instance_id) AS good FROM dbo.sysjobhistory WHERE step_id = 0 AND run_status = 1 GROUP BY job_id) AS g
  ON g.job_id = j.job_id
OUTER APPLY (SELECT TOP (1) h.run_date, h.run_time FROM dbo.sysjobhistory AS h
  WHERE h.job_id = j.job_id AND h.step_id = 0 AND h.run_status = 0 AND h.instance_id > ISNULL(g.good, 0)
  ORDER BY h.instance_id) AS f
ORDER BY j.name;`,
  );

export const schedulesQuestion = (on: Role) =>
  question(
    on,
    'msdb',
    'when jobs run',
    z.object({
      job: text,
      enabled: flag,
      type: whole,
      interval: whole,
      subday: whole,
      subdayInterval: whole,
      relative: whole,
      recurrence: whole,
      start: whole,
    }),
    `SELECT j.name AS job, CONVERT(bit, s.enabled) AS enabled, s.freq_type AS type, s.freq_interval AS interval,
  s.freq_subday_type AS subday, s.freq_subday_interval AS subdayInterval, s.freq_relative_interval AS relative,
  s.freq_recurrence_factor AS recurrence, s.active_start_time AS start
FROM dbo.sysjobs AS j
JOIN dbo.sysjobschedules AS l ON l.job_id = j.job_id
JOIN dbo.sysschedules AS s ON s.schedule_id = l.schedule_id
ORDER BY j.name, s.name;`,
  );

/** What the agents of a distribution database said last, and when they last said that all was well. */
export const agentsQuestion = (on: Role, distribution: string) =>
  question(
    on,
    distribution,
    `agents of replication in ${distribution}`,
    z.object({
      kind: z.enum(['log reader', 'distribution agent']),
      database: text,
      publication: text,
      to: textOrNull,
      status: z.number().nullable(),
      said_at: textOrNull,
      good_at: textOrNull,
      failed_at: textOrNull,
      error: textOrNull,
    }),
    `SELECT TOP (${MOST.agents + 1}) * FROM (
${agentRows('distribution agent', 'MSdistribution_agents', 'MSdistribution_history', 'a.subscriber_db', "WHERE a.subscriber_db <> N'virtual'")}
UNION ALL
${agentRows('log reader', 'MSlogreader_agents', 'MSlogreader_history', 'CONVERT(sysname, NULL)', '')}
) AS every_agent ORDER BY [database], kind, publication;`,
  );

/** runstatus 2, 3 and 4 are well; 5 tries again; 6 has failed. The first bad word after the last good one is the beginning. */
const agentRows = (kind: string, agents: string, history: string, to: string, where: string): string =>
  `SELECT N'${kind}' AS kind, a.publisher_db AS [database], a.publication, ${to} AS [to], l.runstatus AS status,
  ${LOCAL('l.[time]')} AS said_at, ${LOCAL('g.at')} AS good_at, ${LOCAL('b.at')} AS failed_at,
  (SELECT TOP (1) CONVERT(nvarchar(300), e.error_text) FROM dbo.MSrepl_errors AS e WHERE e.id = l.error_id AND l.error_id <> 0 ORDER BY e.[time] DESC) AS error
FROM dbo.${agents} AS a
OUTER APPLY (SELECT TOP (1) h.runstatus, h.[time], h.error_id FROM dbo.${history} AS h WHERE h.agent_id = a.id ORDER BY h.[timestamp] DESC) AS l
OUTER APPLY (SELECT MAX(h.[time]) AS at FROM dbo.${history} AS h WHERE h.agent_id = a.id AND h.runstatus IN (2, 3, 4)) AS g
OUTER APPLY (SELECT MIN(h.[time]) AS at FROM dbo.${history} AS h WHERE h.agent_id = a.id AND h.runstatus IN (5, 6) AND h.[time] > ISNULL(g.at, CONVERT(datetime, 0))) AS b
${where}`;
