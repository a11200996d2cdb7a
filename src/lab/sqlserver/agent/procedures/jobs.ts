import { SqlError } from '../../errors.ts';
import type { ProcedureContext, ProcedureValues, SystemProcedure } from '../../system/procedure.ts';
import { procedure } from '../../system/procedures/define.ts';
import { nvarchar, varbinary } from '../../values/types.ts';
import { newGuid } from '../guid.ts';
import { exists, findJob, guid, int, invalid, MSDB, name, ownerSid, text, unknown } from './find.ts';
import { operatorOf } from './operators.ts';

async function categoryId(context: ProcedureContext, values: ProcedureValues): Promise<number | undefined> {
  const category = values.text('@category_name');
  if (category === null) return undefined;
  const [row] = await context.query(
    'msdb',
    'SELECT category_id FROM dbo.syscategories WHERE name = @name AND category_class = 1',
    { name: name(category) },
  );
  if (row === undefined) throw invalid('@category_name', 'sp_help_category');
  return Number(row['category_id']);
}

async function requireNewName(context: ProcedureContext, job: string): Promise<void> {
  const found = await context.query('msdb', 'SELECT 1 AS found FROM dbo.sysjobs WHERE name = @name', {
    name: name(job),
  });
  if (found.length > 0) throw exists('@job_name', job);
}

const emailOperator = (values: ProcedureValues) =>
  ['@notify_email_operator_name', values.text('@notify_email_operator_name')] as const;

const LEVELS = `@notify_level_eventlog int = 0; @notify_level_email int = 0; @notify_level_netsend int = 0;
  @notify_level_page int = 0; @notify_email_operator_name sysname = null; @notify_netsend_operator_name sysname = null;
  @notify_page_operator_name sysname = null; @delete_level int = 0`;

const UPDATED_LEVELS = LEVELS.replaceAll('int = 0', 'int = null');

/** Columns of sysjobs that a parameter of the same name sets. */
const PLAIN = [
  'enabled',
  'start_step_id',
  'notify_level_eventlog',
  'notify_level_email',
  'notify_level_netsend',
  'notify_level_page',
  'delete_level',
];

export const JOB_PROCEDURES: readonly SystemProcedure[] = [
  procedure(
    'sp_add_job',
    `@job_name sysname; @enabled tinyint = 1; @description nvarchar(512) = null; @start_step_id int = 1;
     @category_name sysname = null; @category_id int = null; @owner_login_name sysname = null; ${LEVELS};
     @job_id uniqueidentifier = null output; @originating_server sysname = null`,
    async (context, values) => {
      const job = (values.text('@job_name') ?? '').trim();
      await requireNewName(context, job);
      const category = (await categoryId(context, values)) ?? values.integer('@category_id') ?? 0;
      const owner = ownerSid(context, values.text('@owner_login_name'));
      const operator = await operatorOf(context, ...emailOperator(values));
      const id = newGuid(context.instance.random);
      await context.query(
        'msdb',
        `INSERT INTO dbo.sysjobs (job_id, originating_server_id, name, enabled, description, start_step_id, category_id, owner_sid,
           notify_level_eventlog, notify_level_email, notify_level_netsend, notify_level_page, notify_email_operator_id,
           notify_netsend_operator_id, notify_page_operator_id, delete_level, date_created, date_modified, version_number)
         VALUES (@id, 0, @name, @enabled, @description, @start, @category, @owner, @eventlog, @email, @netsend, @page, @operator, 0, 0, @delete,
           GETDATE(), GETDATE(), 1)`,
        {
          id: guid(id),
          name: name(job),
          enabled: int(values.integer('@enabled') === 0 ? 0 : 1),
          description: {
            type: nvarchar(512),
            value: values.text('@description') ?? 'No description available.',
          },
          start: int(values.integer('@start_step_id')),
          category: int(category),
          owner: { type: varbinary(85), value: owner },
          eventlog: int(values.integer('@notify_level_eventlog')),
          email: int(values.integer('@notify_level_email')),
          netsend: int(values.integer('@notify_level_netsend')),
          page: int(values.integer('@notify_level_page')),
          delete: int(values.integer('@delete_level')),
          operator: int(operator ?? 0),
        },
      );
      context.output('@job_id', id);
      return 0;
    },
    MSDB,
  ),
  procedure(
    'sp_update_job',
    `@job_id uniqueidentifier = null; @job_name sysname = null; @new_name sysname = null; @enabled tinyint = null;
     @description nvarchar(512) = null; @start_step_id int = null; @category_name sysname = null;
     @owner_login_name sysname = null; ${UPDATED_LEVELS}; @automatic_post bit = 1`,
    async (context, values) => {
      const job = await findJob(context, values);
      const renamed = values.text('@new_name');
      if (renamed !== null && renamed.toLowerCase() !== job.name.toLowerCase())
        await requireNewName(context, renamed);
      const category = await categoryId(context, values);
      const login = values.text('@owner_login_name');
      const set = ['date_modified = GETDATE()', 'version_number = version_number + 1'];
      for (const column of PLAIN) {
        const value = values.integer(`@${column}`);
        if (value !== null) set.push(`${column} = ${value}`);
      }
      if (renamed !== null) set.push('name = @name');
      if (values.text('@description') !== null) set.push('description = @description');
      if (category !== undefined) set.push(`category_id = ${category}`);
      const operator = await operatorOf(context, ...emailOperator(values));
      if (operator !== undefined) set.push(`notify_email_operator_id = ${operator}`);
      if (login !== null) set.push('owner_sid = @owner');
      await context.query('msdb', `UPDATE dbo.sysjobs SET ${set.join(', ')} WHERE job_id = @id`, {
        id: guid(job.id),
        name: name(renamed),
        description: { type: nvarchar(512), value: values.text('@description') },
        owner: { type: varbinary(85), value: login === null ? null : ownerSid(context, login) },
      });
      context.instance.agent?.refresh();
      return 0;
    },
    MSDB,
  ),
  procedure(
    'sp_delete_job',
    `@job_id uniqueidentifier = null; @job_name sysname = null; @originating_server sysname = null; @delete_history bit = 1;
     @delete_unused_schedule bit = 1`,
    async (context, values) => {
      const job = await findJob(context, values);
      const { agent } = context.instance;
      const deletesItself = context.session.application.includes(job.id.replaceAll('-', ''));
      if (!deletesItself) await agent?.stopJob(job.id, `User ${context.session.login}`);
      const unused =
        values.integer('@delete_unused_schedule') === 0
          ? ''
          : `DELETE FROM dbo.sysschedules WHERE schedule_id IN (SELECT schedule_id FROM dbo.sysjobschedules WHERE job_id = @id)
               AND schedule_id NOT IN (SELECT schedule_id FROM dbo.sysjobschedules WHERE job_id <> @id);`;
      const history =
        values.integer('@delete_history') === 0 ? '' : 'DELETE FROM dbo.sysjobhistory WHERE job_id = @id;';
      await context.query(
        'msdb',
        `${unused}${history}
         DELETE FROM dbo.sysjobschedules WHERE job_id = @id; DELETE FROM dbo.sysjobservers WHERE job_id = @id;
         DELETE FROM dbo.sysjobsteps WHERE job_id = @id; DELETE FROM dbo.sysjobactivity WHERE job_id = @id;
         DELETE FROM dbo.sysjobs WHERE job_id = @id;`,
        { id: guid(job.id) },
      );
      agent?.refresh();
      return 0;
    },
    MSDB,
  ),
  procedure(
    'sp_add_jobserver',
    `@job_id uniqueidentifier = null; @job_name sysname = null; @server_name sysname = null; @automatic_post bit = 1`,
    async (context, values) => {
      const job = await findJob(context, values);
      const server = values.text('@server_name') ?? '(local)';
      const own = [context.instance.name.toLowerCase(), '(local)', '.', 'localhost'];
      if (!own.includes(server.toLowerCase())) throw unknown('@server_name', server);
      const there = await context.query(
        'msdb',
        'SELECT 1 AS found FROM dbo.sysjobservers WHERE job_id = @id',
        {
          id: guid(job.id),
        },
      );
      if (there.length > 0)
        throw new SqlError(
          14269,
          `Job '${job.name}' is already targeted at server '${context.instance.name}'.`,
        );
      await context.query(
        'msdb',
        `INSERT INTO dbo.sysjobservers (job_id, server_id, last_run_outcome, last_outcome_message, last_run_date, last_run_time, last_run_duration)
         VALUES (@id, 0, 5, NULL, 0, 0, 0)`,
        { id: guid(job.id) },
      );
      context.instance.agent?.refresh();
      return 0;
    },
    MSDB,
  ),
  procedure(
    'sp_delete_jobserver',
    '@job_id uniqueidentifier = null; @job_name sysname = null; @server_name sysname',
    async (context, values) => {
      const job = await findJob(context, values);
      await context.query('msdb', 'DELETE FROM dbo.sysjobservers WHERE job_id = @id', { id: guid(job.id) });
      context.instance.agent?.refresh();
      return 0;
    },
    MSDB,
  ),
  procedure(
    'sp_purge_jobhistory',
    '@job_name sysname = null; @job_id uniqueidentifier = null; @oldest_date datetime = null',
    async (context, values) => {
      const all = values.text('@job_name') === null && values.text('@job_id') === null;
      const job = all ? undefined : await findJob(context, values);
      const [row] = await context.query(
        'msdb',
        `DELETE FROM dbo.sysjobhistory WHERE (@id IS NULL OR job_id = @id)
           AND (@oldest IS NULL OR run_date < CONVERT(int, CONVERT(varchar(8), @oldest, 112)));
         SELECT @@ROWCOUNT AS removed;`,
        {
          id: guid(job?.id ?? null),
          oldest: { type: { kind: 'datetime' }, value: values.get('@oldest_date') },
        },
      );
      context.message(`${text(row?.['removed'])} history entries purged.`, { number: 14226 });
      return 0;
    },
    MSDB,
  ),
  procedure(
    'sp_add_category',
    '@class varchar(8) = JOB; @type varchar(12) = LOCAL; @name sysname',
    async (context, values) => {
      const category = values.text('@name') ?? '';
      const kind = { JOB: 1, ALERT: 2, OPERATOR: 3 }[values.text('@class')?.toUpperCase() ?? ''];
      if (kind === undefined) throw invalid('@class', 'JOB, ALERT, OPERATOR');
      const there = await context.query(
        'msdb',
        'SELECT 1 AS found FROM dbo.syscategories WHERE name = @name AND category_class = @class',
        { name: name(category), class: int(kind) },
      );
      if (there.length > 0) throw exists('@name', category);
      await context.query(
        'msdb',
        `INSERT INTO dbo.syscategories (category_id, category_class, category_type, name)
         SELECT CASE WHEN MAX(category_id) < 100 THEN 100 ELSE MAX(category_id) + 1 END, @class, @type, @name FROM dbo.syscategories`,
        { name: name(category), class: int(kind), type: int(kind === 1 ? 1 : 3) },
      );
      return 0;
    },
    MSDB,
  ),
];
