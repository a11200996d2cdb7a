import type { ProcedureContext, ProcedureValues, SystemProcedure } from '../../system/procedure.ts';
import { procedure } from '../../system/procedures/define.ts';
import { nvarchar } from '../../values/types.ts';
import { newGuid } from '../guid.ts';
import { exists, type FoundJob, findJob, guid, int, invalid, MSDB, name, outside } from './find.ts';

/** Subsystems of SQL Server Agent: a step of one the double cannot run fails when it is run. */
const SUBSYSTEMS = [
  'TSQL',
  'ActiveScripting',
  'CmdExec',
  'Snapshot',
  'LogReader',
  'Distribution',
  'Merge',
  'QueueReader',
  'ANALYSISQUERY',
  'ANALYSISCOMMAND',
  'SSIS',
  'PowerShell',
];

const subsystemOf = (given: string): string => {
  const found = SUBSYSTEMS.find(each => each.toLowerCase() === given.toLowerCase());
  if (found === undefined) throw invalid('@subsystem', 'sp_enum_sqlagent_subsystems');
  return found;
};

async function stepCount(context: ProcedureContext, job: FoundJob): Promise<number> {
  const [row] = await context.query(
    'msdb',
    'SELECT COUNT(*) AS steps FROM dbo.sysjobsteps WHERE job_id = @id',
    {
      id: guid(job.id),
    },
  );
  return Number(row?.['steps'] ?? 0);
}

async function requireNewStep(
  context: ProcedureContext,
  job: FoundJob,
  step: string,
  except: number,
): Promise<void> {
  const found = await context.query(
    'msdb',
    'SELECT 1 AS found FROM dbo.sysjobsteps WHERE job_id = @id AND step_name = @name AND step_id <> @except',
    { id: guid(job.id), name: name(step), except: int(except) },
  );
  if (found.length > 0) throw exists('@step_name', step);
}

function requireActions(values: ProcedureValues): void {
  for (const action of ['@on_success_action', '@on_fail_action']) {
    const value = values.integer(action);
    if (value !== null && (value < 1 || value > 4)) throw outside(action, '1, 2, 3, 4');
  }
}

const touched = (context: ProcedureContext, job: FoundJob) =>
  context.query(
    'msdb',
    'UPDATE dbo.sysjobs SET date_modified = GETDATE(), version_number = version_number + 1 WHERE job_id = @id',
    { id: guid(job.id) },
  );

const NUMBERS = [
  'cmdexec_success_code',
  'on_success_action',
  'on_success_step_id',
  'on_fail_action',
  'on_fail_step_id',
  'retry_attempts',
  'retry_interval',
  'os_run_priority',
  'flags',
];

export const STEP_PROCEDURES: readonly SystemProcedure[] = [
  procedure(
    'sp_add_jobstep',
    `@job_id uniqueidentifier = null; @job_name sysname = null; @step_id int = null; @step_name sysname;
     @subsystem nvarchar(40) = TSQL; @command nvarchar(max) = null; @additional_parameters nvarchar(max) = null;
     @cmdexec_success_code int = 0; @on_success_action tinyint = 1; @on_success_step_id int = 0; @on_fail_action tinyint = 2;
     @on_fail_step_id int = 0; @server sysname = null; @database_name sysname = null; @database_user_name sysname = null;
     @retry_attempts int = 0; @retry_interval int = 0; @os_run_priority int = 0; @output_file_name nvarchar(200) = null;
     @flags int = 0; @proxy_id int = null; @proxy_name sysname = null; @step_uid uniqueidentifier = null output`,
    async (context, values) => {
      const job = await findJob(context, values);
      const subsystem = subsystemOf(values.text('@subsystem') ?? 'TSQL');
      requireActions(values);
      const count = await stepCount(context, job);
      const id = values.integer('@step_id') ?? count + 1;
      if (id < 1 || id > count + 1) throw outside('@step_id', `1..${count + 1}`);
      await requireNewStep(context, job, values.text('@step_name') ?? '', 0);
      const uid = newGuid(context.instance.random);
      await context.query(
        'msdb',
        `UPDATE dbo.sysjobsteps SET step_id = step_id + 1 WHERE job_id = @id AND step_id >= @step;
         INSERT INTO dbo.sysjobsteps (job_id, step_id, step_name, subsystem, command, ${NUMBERS.join(', ')}, additional_parameters, server, database_name,
           database_user_name, output_file_name, last_run_outcome, last_run_duration, last_run_retries, last_run_date, last_run_time,
           proxy_id, step_uid)
         VALUES (@id, @step, @name, @subsystem, @command, ${NUMBERS.map(each => values.integer(`@${each}`) ?? 0).join(', ')}, @parameters, @server,
           @database, @user, @output, 0, 0, 0, 0, 0, @proxy, @uid);`,
        {
          id: guid(job.id),
          step: int(id),
          name: name(values.text('@step_name')),
          subsystem: name(subsystem),
          command: { type: nvarchar('max'), value: values.text('@command') },
          parameters: { type: nvarchar('max'), value: values.text('@additional_parameters') },
          server: name(values.text('@server')),
          database: name(values.text('@database_name') ?? (subsystem === 'TSQL' ? 'master' : null)),
          user: name(values.text('@database_user_name')),
          output: { type: nvarchar(200), value: values.text('@output_file_name') },
          proxy: int(values.integer('@proxy_id')),
          uid: guid(uid),
        },
      );
      await touched(context, job);
      context.output('@step_uid', uid);
      return 0;
    },
    MSDB,
  ),
  procedure(
    'sp_update_jobstep',
    `@job_id uniqueidentifier = null; @job_name sysname = null; @step_id int; @step_name sysname = null;
     @subsystem nvarchar(40) = null; @command nvarchar(max) = null; @additional_parameters nvarchar(max) = null;
     @cmdexec_success_code int = null; @on_success_action tinyint = null; @on_success_step_id int = null;
     @on_fail_action tinyint = null; @on_fail_step_id int = null; @server sysname = null; @database_name sysname = null;
     @database_user_name sysname = null; @retry_attempts int = null; @retry_interval int = null;
     @os_run_priority int = null; @output_file_name nvarchar(200) = null; @flags int = null; @proxy_id int = null;
     @proxy_name sysname = null`,
    async (context, values) => {
      const job = await findJob(context, values);
      const step = values.integer('@step_id') ?? 0;
      const count = await stepCount(context, job);
      if (step < 1 || step > count) throw outside('@step_id', `1..${count}`);
      requireActions(values);
      const renamed = values.text('@step_name');
      if (renamed !== null) await requireNewStep(context, job, renamed, step);
      const subsystem = values.text('@subsystem');
      const set = ['step_id = step_id'];
      for (const column of NUMBERS) {
        const value = values.integer(`@${column}`);
        if (value !== null) set.push(`${column} = ${value}`);
      }
      if (renamed !== null) set.push('step_name = @name');
      if (subsystem !== null) set.push('subsystem = @subsystem');
      for (const column of ['command', 'server', 'database_name', 'output_file_name'])
        if (values.text(`@${column}`) !== null) set.push(`${column} = @${column}`);
      await context.query(
        'msdb',
        `UPDATE dbo.sysjobsteps SET ${set.join(', ')} WHERE job_id = @id AND step_id = @step`,
        {
          id: guid(job.id),
          step: int(step),
          name: name(renamed),
          subsystem: name(subsystem === null ? null : subsystemOf(subsystem)),
          command: { type: nvarchar('max'), value: values.text('@command') },
          server: name(values.text('@server')),
          database_name: name(values.text('@database_name')),
          output_file_name: { type: nvarchar(200), value: values.text('@output_file_name') },
        },
      );
      await touched(context, job);
      return 0;
    },
    MSDB,
  ),
  procedure(
    'sp_delete_jobstep',
    '@job_id uniqueidentifier = null; @job_name sysname = null; @step_id int',
    async (context, values) => {
      const job = await findJob(context, values);
      const step = values.integer('@step_id') ?? 0;
      const count = await stepCount(context, job);
      if (step < 0 || step > count) throw outside('@step_id', `0 (all steps) ..${count}`);
      await context.query(
        'msdb',
        step === 0
          ? 'DELETE FROM dbo.sysjobsteps WHERE job_id = @id'
          : `DELETE FROM dbo.sysjobsteps WHERE job_id = @id AND step_id = @step;
             UPDATE dbo.sysjobsteps SET step_id = step_id - 1 WHERE job_id = @id AND step_id > @step;`,
        { id: guid(job.id), step: int(step) },
      );
      await touched(context, job);
      return 0;
    },
    MSDB,
  ),
];
