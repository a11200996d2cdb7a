import { SqlError } from '../../errors.ts';
import type { ProcedureContext, ProcedureValues, SystemProcedure } from '../../system/procedure.ts';
import { procedure } from '../../system/procedures/define.ts';
import { varbinary } from '../../values/types.ts';
import { newGuid } from '../guid.ts';
import { dateNumber } from '../schedule.ts';
import { type FoundJob, findJob, guid, int, MSDB, name, outside, ownerSid, text, unknown } from './find.ts';

const RHYTHM = `@freq_interval int = 0; @freq_subday_type int = 0; @freq_subday_interval int = 0; @freq_relative_interval int = 0;
  @freq_recurrence_factor int = 0; @active_start_date int = null; @active_end_date int = 99991231;
  @active_start_time int = 0; @active_end_time int = 235959`;

const NUMBERS = [
  'freq_interval',
  'freq_subday_type',
  'freq_subday_interval',
  'freq_relative_interval',
  'freq_recurrence_factor',
  'active_end_date',
  'active_start_time',
  'active_end_time',
];

/** 2 is no rhythm of SQL Server Agent, but replication's "on demand". */
const TYPES = [1, 2, 4, 8, 16, 32, 64, 128];

async function addSchedule(
  context: ProcedureContext,
  values: ProcedureValues,
  title: string,
): Promise<{ readonly id: number; readonly uid: string }> {
  const type = values.integer('@freq_type') ?? 0;
  if (!TYPES.includes(type)) throw outside('@freq_type', '1, 4, 8, 16, 32, 64, 128');
  const begins = values.integer('@active_start_date') || dateNumber(context.now);
  const uid = newGuid(context.instance.random);
  const [row] = await context.query(
    'msdb',
    `INSERT INTO dbo.sysschedules (schedule_uid, originating_server_id, name, owner_sid, enabled, freq_type, ${NUMBERS.join(', ')},
       active_start_date, date_created, date_modified, version_number)
     VALUES (@uid, 0, @name, @owner, @enabled, @type, ${NUMBERS.map(each => values.integer(`@${each}`) ?? 0).join(', ')},
       @begins, GETDATE(), GETDATE(), 1);
     SELECT CONVERT(int, SCOPE_IDENTITY()) AS id;`,
    {
      uid: guid(uid),
      name: name(title),
      owner: {
        type: varbinary(85),
        value: ownerSid(context, values.given('@owner_login_name') ? values.text('@owner_login_name') : null),
      },
      enabled: int(values.integer('@enabled') === 0 ? 0 : 1),
      type: int(type),
      begins: int(begins),
    },
  );
  return { id: Number(row?.['id'] ?? 0), uid };
}

async function attach(context: ProcedureContext, job: FoundJob, schedule: number): Promise<void> {
  await context.query(
    'msdb',
    `IF NOT EXISTS (SELECT 1 FROM dbo.sysjobschedules WHERE job_id = @id AND schedule_id = @schedule)
       INSERT INTO dbo.sysjobschedules (schedule_id, job_id, next_run_date, next_run_time) VALUES (@schedule, @id, 0, 0)`,
    { id: guid(job.id), schedule: int(schedule) },
  );
  context.instance.agent?.refresh();
}

/** The schedule that @schedule_id or @schedule_name names. */
async function findSchedule(context: ProcedureContext, values: ProcedureValues): Promise<number> {
  const id = values.integer('@schedule_id');
  const title = values.text('@schedule_name');
  if ((id === null) === (title === null))
    throw new SqlError(14373, 'Supply either @schedule_id or @schedule_name to identify the schedule.');
  const rows = await context.query(
    'msdb',
    'SELECT schedule_id FROM dbo.sysschedules WHERE schedule_id = @id OR name = @name',
    { id: int(id), name: name(title) },
  );
  if (rows.length > 1)
    throw new SqlError(
      14371,
      `There are two or more schedules named "${title ?? ''}". Specify schedule_id instead of schedule_name to uniquely identify the schedule.`,
    );
  const [row] = rows;
  if (row === undefined)
    throw id === null ? unknown('@schedule_name', title ?? '') : unknown('@schedule_id', String(id));
  return Number(text(row['schedule_id']));
}

export const SCHEDULE_PROCEDURES: readonly SystemProcedure[] = [
  procedure(
    'sp_add_schedule',
    `@schedule_name sysname; @enabled tinyint = 1; @freq_type int = 0; ${RHYTHM}; @owner_login_name sysname = null;
     @schedule_uid uniqueidentifier = null output; @schedule_id int = null output; @originating_server sysname = null`,
    async (context, values) => {
      const { id, uid } = await addSchedule(context, values, values.text('@schedule_name') ?? '');
      context.output('@schedule_id', id);
      context.output('@schedule_uid', uid);
      return 0;
    },
    MSDB,
  ),
  procedure(
    'sp_attach_schedule',
    `@job_id uniqueidentifier = null; @job_name sysname = null; @schedule_id int = null; @schedule_name sysname = null;
     @automatic_post bit = 1`,
    async (context, values) => {
      const job = await findJob(context, values);
      await attach(context, job, await findSchedule(context, values));
      return 0;
    },
    MSDB,
  ),
  procedure(
    'sp_detach_schedule',
    `@job_id uniqueidentifier = null; @job_name sysname = null; @schedule_id int = null; @schedule_name sysname = null;
     @delete_unused_schedule bit = 0; @automatic_post bit = 1`,
    async (context, values) => {
      const job = await findJob(context, values);
      const schedule = await findSchedule(context, values);
      await context.query(
        'msdb',
        'DELETE FROM dbo.sysjobschedules WHERE job_id = @id AND schedule_id = @schedule',
        { id: guid(job.id), schedule: int(schedule) },
      );
      if (values.integer('@delete_unused_schedule') === 1)
        await context.query(
          'msdb',
          `DELETE FROM dbo.sysschedules WHERE schedule_id = @schedule
             AND NOT EXISTS (SELECT 1 FROM dbo.sysjobschedules WHERE schedule_id = @schedule)`,
          { schedule: int(schedule) },
        );
      context.instance.agent?.refresh();
      return 0;
    },
    MSDB,
  ),
  procedure(
    'sp_update_schedule',
    `@schedule_id int = null; @name sysname = null; @new_name sysname = null; @enabled tinyint = null;
     @freq_type int = null; @freq_interval int = null; @freq_subday_type int = null; @freq_subday_interval int = null;
     @freq_relative_interval int = null; @freq_recurrence_factor int = null; @active_start_date int = null;
     @active_end_date int = null; @active_start_time int = null; @active_end_time int = null;
     @owner_login_name sysname = null; @automatic_post bit = 1`,
    async (context, values) => {
      const id = values.integer('@schedule_id');
      const title = values.text('@name');
      if ((id === null) === (title === null))
        throw new SqlError(14373, 'Supply either @schedule_id or @name to identify the schedule.');
      const [row] = await context.query(
        'msdb',
        'SELECT schedule_id FROM dbo.sysschedules WHERE schedule_id = @id OR name = @name',
        { id: int(id), name: name(title) },
      );
      if (row === undefined)
        throw id === null ? unknown('@name', title ?? '') : unknown('@schedule_id', String(id));
      const set = ['date_modified = GETDATE()', 'version_number = version_number + 1'];
      for (const column of ['enabled', 'freq_type', 'active_start_date', ...NUMBERS]) {
        const value = values.integer(`@${column}`);
        if (value !== null) set.push(`${column} = ${value}`);
      }
      if (values.text('@new_name') !== null) set.push('name = @name');
      await context.query('msdb', `UPDATE dbo.sysschedules SET ${set.join(', ')} WHERE schedule_id = @id`, {
        id: int(Number(row['schedule_id'])),
        name: name(values.text('@new_name')),
      });
      context.instance.agent?.refresh();
      return 0;
    },
    MSDB,
  ),
  procedure(
    'sp_add_jobschedule',
    `@job_id uniqueidentifier = null; @job_name sysname = null; @name sysname; @enabled tinyint = 1; @freq_type int = 1;
     ${RHYTHM}; @schedule_id int = null output; @automatic_post bit = 1; @schedule_uid uniqueidentifier = null output`,
    async (context, values) => {
      const job = await findJob(context, values);
      const { id, uid } = await addSchedule(context, values, values.text('@name') ?? '');
      await attach(context, job, id);
      context.output('@schedule_id', id);
      context.output('@schedule_uid', uid);
      return 0;
    },
    MSDB,
  ),
];
