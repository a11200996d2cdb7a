import { SqlError } from '../../errors.ts';
import type { ProcedureContext, SystemProcedure } from '../../system/procedure.ts';
import { procedure } from '../../system/procedures/define.ts';
import { findJob, guid, MSDB, name, unknown } from './find.ts';

const agentError = (text: string): SqlError => new SqlError(22022, `SQLServerAgent Error: ${text}`);

const notRunning = (): SqlError =>
  new SqlError(22022, 'SQLServerAgent is not currently running so it cannot be notified of this action.');

const who = (context: ProcedureContext): string => `User ${context.session.login}`;

export const CONTROL_PROCEDURES: readonly SystemProcedure[] = [
  procedure(
    'sp_start_job',
    `@job_name sysname = null; @job_id uniqueidentifier = null; @error_flag int = 1; @server_name sysname = null;
     @step_name sysname = null; @output_flag int = 1`,
    async (context, values) => {
      const job = await findJob(context, values);
      const [facts] = await context.query(
        'msdb',
        `SELECT (SELECT COUNT(*) FROM dbo.sysjobservers WHERE job_id = @id) AS servers,
           (SELECT COUNT(*) FROM dbo.sysjobsteps WHERE job_id = @id) AS steps,
           (SELECT MIN(step_id) FROM dbo.sysjobsteps WHERE job_id = @id AND step_name = @step) AS first`,
        { id: guid(job.id), step: name(values.text('@step_name')) },
      );
      if (Number(facts?.['servers']) === 0)
        throw new SqlError(
          14256,
          `Cannot start job "${job.name}" (ID ${job.id}) because it does not have any job server or servers associated with it. Associate the job with a job server by calling sp_add_jobserver.`,
        );
      const step = values.text('@step_name');
      if (step !== null && facts?.['first'] === null) throw unknown('@step_name', step);
      const { agent } = context.instance;
      if (!agent?.running) throw notRunning();
      if (Number(facts?.['steps']) === 0)
        throw agentError(
          `Request to run job ${job.name} (from ${who(context)}) refused because the job has no job steps.`,
        );
      const first = step === null ? undefined : Number(facts?.['first']);
      if (!agent.startJob(job.id, who(context), first))
        throw agentError(
          `Request to run job ${job.name} (from ${who(context)}) refused because the job is already running from a request by ${who(context)}.`,
        );
      if (values.integer('@output_flag') !== 0)
        context.message(`Job '${job.name}' started successfully.`, { number: 14243 });
      return 0;
    },
    MSDB,
  ),
  procedure(
    'sp_stop_job',
    `@job_name sysname = null; @job_id uniqueidentifier = null; @originating_server sysname = null;
     @server_name sysname = null`,
    async (context, values) => {
      const job = await findJob(context, values);
      const { agent } = context.instance;
      if (!agent?.running) throw notRunning();
      if (!(await agent.stopJob(job.id, who(context))))
        throw agentError(
          `Request to stop job ${job.name} (from ${who(context)}) refused because the job is not currently running.`,
        );
      context.message(`Job '${job.name}' stopped successfully.`, { number: 14254 });
      return 0;
    },
    MSDB,
  ),
];
