import { z } from 'zod';
import type { SqlServer } from '../../remote/sql/server.ts';
import type { Role } from '../../remote/sql/statement.ts';
import type { Job } from './facts.ts';

const text = z.string();
const int = z.number();

/** Agents of replication are jobs, too; they belong to replication. So does what every instance has. */
const OURS = `c.name NOT LIKE N'REPL-%' AND j.name <> N'syspolicy_purge_history'`;

const FROM = `FROM dbo.sysjobs AS j JOIN dbo.syscategories AS c ON c.category_id = j.category_id`;

/** Jobs of SQL Server Agent with their steps and schedules, by name. */
export async function readJobs(
  server: Pick<SqlServer, 'ask'>,
  on: Role,
  signal: AbortSignal,
): Promise<Job[]> {
  const ask = <S extends z.ZodType>(title: string, query: string, row: S): Promise<z.infer<S>[]> =>
    server.ask({ on, database: 'msdb', title, text: query, effect: 'reads' }, row, { signal });
  const jobs = await ask(
    'jobs of SQL Server Agent',
    `SELECT j.name, CONVERT(bit, j.enabled) AS enabled, ISNULL(j.description, N'') AS description, c.name AS category,
  ISNULL(SUSER_SNAME(j.owner_sid), N'') AS owner, j.start_step_id AS startStep, j.notify_level_email AS notifyEmail,
  ISNULL(o.name, N'') AS operator,
  CONVERT(bit, CASE WHEN EXISTS (SELECT 1 FROM dbo.sysjobservers AS s WHERE s.job_id = j.job_id) THEN 1 ELSE 0 END) AS targeted
${FROM} LEFT JOIN dbo.sysoperators AS o ON o.id = j.notify_email_operator_id
WHERE ${OURS} ORDER BY j.name;`,
    z.object({
      name: text,
      enabled: z.boolean(),
      description: text,
      category: text,
      owner: text,
      startStep: int,
      notifyEmail: int,
      operator: text,
      targeted: z.boolean(),
    }),
  );
  const steps = await ask(
    'steps of jobs',
    `SELECT j.name AS job, s.step_id AS id, s.step_name AS name, s.subsystem, ISNULL(s.command, N'') AS command,
  ISNULL(s.database_name, N'') AS [database], CONVERT(int, s.on_success_action) AS onSuccess, s.on_success_step_id AS onSuccessStep,
  CONVERT(int, s.on_fail_action) AS onFail, s.on_fail_step_id AS onFailStep, s.retry_attempts AS retries,
  s.retry_interval AS retryInterval, ISNULL(p.name, N'') AS proxy
${FROM} JOIN dbo.sysjobsteps AS s ON s.job_id = j.job_id LEFT JOIN dbo.sysproxies AS p ON p.proxy_id = s.proxy_id
WHERE ${OURS} ORDER BY j.name, s.step_id;`,
    z.object({
      job: text,
      id: int,
      name: text,
      subsystem: text,
      command: text,
      database: text,
      onSuccess: int,
      onSuccessStep: int,
      onFail: int,
      onFailStep: int,
      retries: int,
      retryInterval: int,
      proxy: text,
    }),
  );
  const schedules = await ask(
    'schedules of jobs',
    `SELECT j.name AS job, s.name, CONVERT(bit, s.enabled) AS enabled, s.freq_type AS type, s.freq_interval AS interval,
  s.freq_subday_type AS subdayType, s.freq_subday_interval AS subdayInterval, s.freq_relative_interval AS relativeInterval,
  s.freq_recurrence_factor AS recurrenceFactor, s.active_start_date AS startDate, s.active_end_date AS endDate,
  s.active_start_time AS startTime, s.active_end_time AS endTime
${FROM} JOIN dbo.sysjobschedules AS l ON l.job_id = j.job_id JOIN dbo.sysschedules AS s ON s.schedule_id = l.schedule_id
WHERE ${OURS} ORDER BY j.name, s.name;`,
    z.object({
      job: text,
      name: text,
      enabled: z.boolean(),
      type: int,
      interval: int,
      subdayType: int,
      subdayInterval: int,
      relativeInterval: int,
      recurrenceFactor: int,
      startDate: int,
      endDate: int,
      startTime: int,
      endTime: int,
    }),
  );
  return jobs.map(job => ({
    ...job,
    steps: steps.filter(step => step.job === job.name).map(({ job: _of, ...step }) => step),
    schedules: schedules.filter(each => each.job === job.name).map(({ job: _of, ...each }) => each),
  }));
}
