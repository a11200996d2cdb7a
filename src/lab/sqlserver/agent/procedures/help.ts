import type { ProcedureContext, ProcedureValues, SystemProcedure } from '../../system/procedure.ts';
import { columns, procedure } from '../../system/procedures/define.ts';
import type { Value } from '../../values/types.ts';
import { findJob, guid, int, MSDB, text } from './find.ts';

/** Sends rows of a query under columns with the types of the documentation; the query's columns have their names. */
async function send(
  context: ProcedureContext,
  pairs: readonly string[],
  query: string,
  job: string | null,
  more: Readonly<Record<string, ReturnType<typeof int>>> = {},
  change: (row: Readonly<Record<string, Value>>) => Readonly<Record<string, Value>> = row => row,
): Promise<void> {
  const shape = columns(...pairs);
  const rows = await context.query('msdb', query, { id: guid(job), ...more });
  context.result(
    shape,
    rows.map(change).map(row => shape.map(column => row[column.name] ?? null)),
  );
}

/** null where neither names a job: all of them. */
async function optionalJob(context: ProcedureContext, values: ProcedureValues): Promise<string | null> {
  if (values.text('@job_id') === null && values.text('@job_name') === null) return null;
  return (await findJob(context, values)).id;
}

const JOB = [
  'job_id uniqueidentifier',
  'originating_server nvarchar(30)',
  'name sysname',
  'enabled tinyint',
  'description nvarchar(512)',
  'start_step_id int',
  'category sysname',
  'owner sysname',
  'notify_level_eventlog int',
  'notify_level_email int',
  'notify_level_netsend int',
  'notify_level_page int',
  'notify_email_operator sysname',
  'notify_netsend_operator sysname',
  'notify_page_operator sysname',
  'delete_level int',
  'date_created datetime',
  'date_modified datetime',
  'version_number int',
  'last_run_date int',
  'last_run_time int',
  'last_run_outcome int',
  'next_run_date int',
  'next_run_time int',
  'next_run_schedule_id int',
  'current_execution_status int',
  'current_execution_step sysname',
  'current_retry_attempt int',
  'has_step int',
  'has_schedule int',
  'has_target int',
  'type int',
];

export const HELP_PROCEDURES: readonly SystemProcedure[] = [
  procedure(
    'sp_help_job',
    `@job_id uniqueidentifier = null; @job_name sysname = null; @job_aspect varchar(9) = null; @job_type varchar(12) = null;
     @owner_login_name sysname = null; @subsystem nvarchar(40) = null; @category_name sysname = null; @enabled tinyint = null;
     @execution_status int = null; @date_comparator char(1) = null; @date_created datetime = null;
     @date_last_modified datetime = null; @description nvarchar(512) = null`,
    async (context, values) => {
      const job = await optionalJob(context, values);
      const active = context.instance.agent?.active();
      await send(
        context,
        JOB,
        `SELECT j.job_id, @@SERVERNAME AS originating_server, j.name, j.enabled, j.description, j.start_step_id, c.name AS category,
           SUSER_SNAME(j.owner_sid) AS owner, j.notify_level_eventlog, j.notify_level_email, j.notify_level_netsend, j.notify_level_page,
           N'(unknown)' AS notify_email_operator, N'(unknown)' AS notify_netsend_operator, N'(unknown)' AS notify_page_operator,
           j.delete_level, j.date_created, j.date_modified, j.version_number, ISNULL(v.last_run_date, 0) AS last_run_date,
           ISNULL(v.last_run_time, 0) AS last_run_time, ISNULL(v.last_run_outcome, 5) AS last_run_outcome, 0 AS next_run_date, 0 AS next_run_time,
           0 AS next_run_schedule_id, 4 AS current_execution_status, N'0 (unknown)' AS current_execution_step, 0 AS current_retry_attempt,
           (SELECT COUNT(*) FROM dbo.sysjobsteps AS s WHERE s.job_id = j.job_id) AS has_step,
           (SELECT COUNT(*) FROM dbo.sysjobschedules AS s WHERE s.job_id = j.job_id) AS has_schedule,
           (SELECT COUNT(*) FROM dbo.sysjobservers AS s WHERE s.job_id = j.job_id) AS has_target, 1 AS type
         FROM dbo.sysjobs AS j LEFT JOIN dbo.syscategories AS c ON c.category_id = j.category_id
         LEFT JOIN dbo.sysjobservers AS v ON v.job_id = j.job_id
         WHERE (@id IS NULL OR j.job_id = @id) AND (@enabled IS NULL OR j.enabled = @enabled) ORDER BY j.job_id`,
        job,
        { enabled: int(values.integer('@enabled')) },
        row => {
          const running = active?.get(text(row['job_id']).toUpperCase());
          return running === undefined
            ? row
            : {
                ...row,
                current_execution_status: 1,
                current_execution_step: `${running.stepId} (unknown)`,
              };
        },
      );
      return 0;
    },
    MSDB,
  ),
  procedure(
    'sp_help_jobactivity',
    '@job_id uniqueidentifier = null; @job_name sysname = null; @session_id int = null',
    async (context, values) => {
      const job = await optionalJob(context, values);
      await send(
        context,
        [
          'session_id int',
          'job_id uniqueidentifier',
          'job_name sysname',
          'run_requested_date datetime',
          'run_requested_source nvarchar(128)',
          'queued_date datetime',
          'start_execution_date datetime',
          'last_executed_step_id int',
          'last_exectued_step_date datetime',
          'stop_execution_date datetime',
          'next_scheduled_run_date datetime',
          'job_history_id int',
          'message nvarchar(4000)',
          'run_status int',
        ],
        `SELECT a.session_id, a.job_id, j.name AS job_name, a.run_requested_date, a.run_requested_source, a.queued_date,
           a.start_execution_date, a.last_executed_step_id, a.last_executed_step_date AS last_exectued_step_date,
           a.stop_execution_date, a.next_scheduled_run_date, a.job_history_id, h.message, h.run_status
         FROM dbo.sysjobactivity AS a JOIN dbo.sysjobs AS j ON j.job_id = a.job_id
         LEFT JOIN dbo.sysjobhistory AS h ON h.instance_id = a.job_history_id
         WHERE (@id IS NULL OR a.job_id = @id)
           AND a.session_id = ISNULL(@session, (SELECT MAX(session_id) FROM dbo.syssessions))`,
        job,
        { session: int(values.integer('@session_id')) },
      );
      return 0;
    },
    MSDB,
  ),
  procedure(
    'sp_help_jobhistory',
    `@job_id uniqueidentifier = null; @job_name sysname = null; @step_id int = null; @sql_message_id int = null;
     @sql_severity int = null; @start_run_date int = null; @end_run_date int = null; @start_run_time int = null;
     @end_run_time int = null; @minimum_run_duration int = null; @run_status int = null; @minimum_retries int = null;
     @oldest_first int = 0; @server sysname = null; @mode varchar(7) = SUMMARY; @order_by int = null`,
    async (context, values) => {
      const job = await optionalJob(context, values);
      const full = values.text('@mode')?.toUpperCase() === 'FULL';
      const order = values.integer('@oldest_first') === 1 ? '' : ' DESC';
      await send(
        context,
        [
          'instance_id int',
          'job_id uniqueidentifier',
          'job_name sysname',
          'step_id int',
          'step_name sysname',
          'sql_message_id int',
          'sql_severity int',
          'message nvarchar(4000)',
          'run_status int',
          'run_date int',
          'run_time int',
          'run_duration int',
          'operator_emailed nvarchar(20)',
          'operator_netsent nvarchar(20)',
          'operator_paged nvarchar(20)',
          'retries_attempted int',
          'server nvarchar(30)',
        ].filter(each => full || !/^(instance_id|step_|sql_|message)/.test(each)),
        `SELECT h.instance_id, h.job_id, j.name AS job_name, h.step_id, h.step_name, h.sql_message_id, h.sql_severity, h.message,
           h.run_status, h.run_date, h.run_time, h.run_duration, h.retries_attempted, h.server
         FROM dbo.sysjobhistory AS h JOIN dbo.sysjobs AS j ON j.job_id = h.job_id
         WHERE (@id IS NULL OR h.job_id = @id) AND (@step IS NULL OR h.step_id = @step) AND (@status IS NULL OR h.run_status = @status)
           AND (@full = 1 OR h.step_id = 0) ORDER BY h.instance_id${order}`,
        job,
        {
          step: int(values.integer('@step_id')),
          status: int(values.integer('@run_status')),
          full: int(full ? 1 : 0),
        },
      );
      return 0;
    },
    MSDB,
  ),
  procedure(
    'sp_help_jobstep',
    `@job_id uniqueidentifier = null; @job_name sysname = null; @step_id int = null; @step_name sysname = null;
     @suffix bit = 0`,
    async (context, values) => {
      const job = await findJob(context, values);
      await send(
        context,
        [
          'step_id int',
          'step_name sysname',
          'subsystem nvarchar(40)',
          'command nvarchar(max)',
          'flags int',
          'cmdexec_success_code int',
          'on_success_action tinyint',
          'on_success_step_id int',
          'on_fail_action tinyint',
          'on_fail_step_id int',
          'server sysname',
          'database_name sysname',
          'database_user_name sysname',
          'retry_attempts int',
          'retry_interval int',
          'os_run_priority int',
          'output_file_name nvarchar(200)',
          'last_run_outcome int',
          'last_run_duration int',
          'last_run_retries int',
          'last_run_date int',
          'last_run_time int',
          'proxy_id int',
        ],
        'SELECT * FROM dbo.sysjobsteps WHERE job_id = @id AND (@step IS NULL OR step_id = @step) ORDER BY step_id',
        job.id,
        { step: int(values.integer('@step_id')) },
      );
      return 0;
    },
    MSDB,
  ),
];
