import { quoted } from './places.ts';

/** An agent of replication as a job of the distributor. */
export interface AgentJob {
  readonly name: string;
  readonly category:
    | 'REPL-LogReader'
    | 'REPL-Distribution'
    | 'REPL-Snapshot'
    | 'REPL-Distribution Cleanup'
    | 'REPL-History Cleanup'
    | 'REPL-Checkup'
    | 'REPL-Subscription Cleanup'
    | 'REPL-Alert Response';
  readonly subsystem: 'LogReader' | 'Distribution' | 'Snapshot' | 'TSQL';
  /** What the agent is called with, as its command line has it. */
  readonly command: string;
  readonly database: string;
  /** 64 runs as long as SQL Server Agent does, 2 waits to be started, 1 once, 4 daily, `often` every ten minutes. */
  readonly frequency: number | 'often';
  /** Further parameters of the schedule: `@freq_interval = 1, …`. */
  readonly rhythm?: string;
}

/** Seconds after which an agent that failed begins again are a minute, as often as needed. */
const RETRIES = 2147483647;

/**
 * T-SQL that makes the job in the distributor's msdb and leaves its id in @job; a continuous one is started. To be run in a
 * batch that declares nothing of these names.
 */
export function createJob({
  name,
  category,
  subsystem,
  command,
  database,
  frequency,
  rhythm,
}: AgentJob): string {
  return `DECLARE @job uniqueidentifier;
EXEC msdb.dbo.sp_add_job @job_name = ${quoted(name)}, @enabled = 1, @category_name = ${quoted(category)}, @job_id = @job OUTPUT;
EXEC msdb.dbo.sp_add_jobstep @job_id = @job, @step_id = 1, @step_name = N'Run agent.', @subsystem = N'${subsystem}', @command = ${quoted(command)},
  @database_name = ${quoted(database)}, @retry_attempts = ${RETRIES}, @retry_interval = 1;
EXEC msdb.dbo.sp_add_jobschedule @job_id = @job, @name = N'Replication agent schedule.', @enabled = 1, ${frequency === 'often' ? '@freq_type = 4, @freq_interval = 1, @freq_subday_type = 4, @freq_subday_interval = 10' : `@freq_type = ${frequency}`}${rhythm === undefined ? '' : `, ${rhythm}`};
EXEC msdb.dbo.sp_add_jobserver @job_id = @job, @server_name = N'(local)';
${frequency === 64 ? 'EXEC msdb.dbo.sp_start_job @job_id = @job;' : ''}`;
}

/** The jobs that keep a distribution database small. */
export const cleanupJobs = (
  database: string,
  minimum: number,
  maximum: number,
  history: number,
): readonly AgentJob[] => [
  {
    name: `Distribution clean up: ${database}`,
    ...{ category: 'REPL-Distribution Cleanup', subsystem: 'TSQL', database, frequency: 'often' },
    command: `EXEC dbo.sp_MSdistribution_cleanup @min_distretention = ${minimum}, @max_distretention = ${maximum}`,
  },
  {
    name: `Agent history clean up: ${database}`,
    ...{ category: 'REPL-History Cleanup', subsystem: 'TSQL', database, frequency: 'often' },
    command: `EXEC dbo.sp_MShistory_cleanup @history_retention = ${history}`,
  },
];

/** The jobs that every distributor has, whatever its distribution databases are. */
export const upkeepJobs = (heartbeat: number): readonly AgentJob[] => [
  {
    name: 'Replication agents checkup',
    ...{ category: 'REPL-Checkup', subsystem: 'TSQL', database: 'master', frequency: 'often' },
    command: `EXEC sys.sp_replication_agent_checkup @heartbeat_interval = ${heartbeat}`,
  },
  {
    name: 'Expired subscription clean up',
    ...{ category: 'REPL-Subscription Cleanup', subsystem: 'TSQL', database: 'master', frequency: 4 },
    command: 'EXEC sys.sp_expired_subscription_cleanup',
    rhythm: '@freq_interval = 1, @freq_subday_type = 1, @active_start_time = 10000',
  },
  {
    name: 'Reinitialize subscriptions having data validation failures',
    ...{ category: 'REPL-Alert Response', subsystem: 'TSQL', database: 'master', frequency: 2 },
    command: 'EXEC sys.sp_MSreinit_failed_subscriptions @failure_level = 1',
  },
];

/** Drops the job of an agent's row, where it is still there; one that runs is stopped first. */
export const dropJob = (name: string): string =>
  `IF EXISTS (SELECT 1 FROM msdb.dbo.sysjobs WHERE name = ${quoted(name)}) EXEC msdb.dbo.sp_delete_job @job_name = ${quoted(name)};`;

/** `[a]]b]`: names in an agent's command line. */
export const inCommand = (name: string): string => `[${name.replaceAll(']', ']]')}]`;
