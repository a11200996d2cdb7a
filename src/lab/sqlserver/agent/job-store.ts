import type { Instance } from '../server/instance.ts';
import { moment, text } from './literals.ts';
import { dateNumber, durationNumber, type Schedule, timeNumber } from './schedule.ts';
import type { JobStep } from './subsystem.ts';

/** A job with its steps as the agent runs it. */
export interface Job {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly startStep: number;
  readonly deleteLevel: number;
  readonly steps: readonly RunnableStep[];
}

export interface RunnableStep extends JobStep {
  /** 1 quit with success, 2 quit with failure, 3 next step, 4 go to a step. */
  readonly onSuccess: number;
  readonly onSuccessStep: number;
  readonly onFailure: number;
  readonly onFailureStep: number;
  readonly retryAttempts: number;
  /** Minutes. */
  readonly retryInterval: number;
}

/** 0 failed, 1 succeeded, 2 retried, 3 cancelled. */
export type Outcome = 0 | 1 | 2 | 3;

export interface HistoryRow {
  readonly jobId: string;
  readonly stepId: number;
  readonly stepName: string;
  readonly messageId: number;
  readonly severity: number;
  readonly message: string;
  readonly outcome: Outcome;
  /** Milliseconds since the epoch. */
  readonly started: number;
  readonly ended: number;
  readonly retries: number;
}

const asText = (value: unknown): string => (value === null || value === undefined ? '' : String(value));
const asNumber = (value: unknown): number => Number(value ?? 0);

/** What the agent reads from msdb and writes into it. */
export class JobStore {
  readonly #instance: Instance;
  /** Its row in syssessions. */
  #session = 0;

  constructor(instance: Instance) {
    this.#instance = instance;
  }

  #run(batch: string): Promise<readonly (readonly unknown[])[]> {
    return this.#instance.run('msdb', batch, { application: 'SQLAgent - Generic Refresher' });
  }

  async begin(now: number): Promise<void> {
    const [row] = await this.#run(
      `INSERT INTO dbo.syssessions (agent_start_date) VALUES (${moment(now)}); SELECT CONVERT(int, SCOPE_IDENTITY());`,
    );
    this.#session = asNumber(row?.[0]);
    await this.#run(
      `INSERT INTO dbo.sysjobactivity (session_id, job_id) SELECT ${this.#session}, job_id FROM dbo.sysjobs;`,
    );
  }

  async job(id: string): Promise<Job | undefined> {
    const [row] = await this.#run(
      `SELECT name, enabled, start_step_id, delete_level FROM dbo.sysjobs WHERE job_id = '${id}'`,
    );
    if (row === undefined) return undefined;
    const name = asText(row[0]);
    const steps = await this.#run(
      `SELECT step_id, step_name, subsystem, command, database_name, server, on_success_action, on_success_step_id,
         on_fail_action, on_fail_step_id, retry_attempts, retry_interval
       FROM dbo.sysjobsteps WHERE job_id = '${id}' ORDER BY step_id`,
    );
    return {
      id,
      name,
      enabled: asNumber(row[1]) === 1,
      startStep: asNumber(row[2]),
      deleteLevel: asNumber(row[3]),
      steps: steps.map(step => ({
        jobId: id,
        jobName: name,
        stepId: asNumber(step[0]),
        name: asText(step[1]),
        subsystem: asText(step[2]),
        command: asText(step[3]),
        databaseName: asText(step[4]) || 'master',
        server: step[5] === null || step[5] === undefined ? null : asText(step[5]),
        onSuccess: asNumber(step[6]),
        onSuccessStep: asNumber(step[7]),
        onFailure: asNumber(step[8]),
        onFailureStep: asNumber(step[9]),
        retryAttempts: asNumber(step[10]),
        retryInterval: asNumber(step[11]),
      })),
    };
  }

  /** Schedules of enabled jobs that this server runs. */
  async schedules(): Promise<readonly { readonly jobId: string; readonly schedule: Schedule }[]> {
    const rows = await this.#run(
      `SELECT js.job_id, s.enabled, s.freq_type, s.freq_interval, s.freq_subday_type, s.freq_subday_interval,
         s.freq_recurrence_factor, s.active_start_date, s.active_end_date, s.active_start_time, s.active_end_time
       FROM dbo.sysjobschedules AS js JOIN dbo.sysschedules AS s ON s.schedule_id = js.schedule_id
       JOIN dbo.sysjobs AS j ON j.job_id = js.job_id JOIN dbo.sysjobservers AS v ON v.job_id = j.job_id WHERE j.enabled = 1`,
    );
    return rows.map(row => ({
      jobId: asText(row[0]).toUpperCase(),
      schedule: {
        enabled: asNumber(row[1]) === 1,
        frequencyType: asNumber(row[2]),
        frequencyInterval: asNumber(row[3]),
        subdayType: asNumber(row[4]),
        subdayInterval: asNumber(row[5]),
        recurrenceFactor: asNumber(row[6]),
        startDate: asNumber(row[7]),
        endDate: asNumber(row[8]),
        startTime: asNumber(row[9]),
        endTime: asNumber(row[10]),
      },
    }));
  }

  async requested(jobId: string, now: number, source: string): Promise<void> {
    await this.#run(
      `DELETE FROM dbo.sysjobactivity WHERE session_id = ${this.#session} AND job_id = '${jobId}';
       INSERT INTO dbo.sysjobactivity (session_id, job_id, run_requested_date, run_requested_source, start_execution_date)
       VALUES (${this.#session}, '${jobId}', ${moment(now)}, ${text(source)}, ${moment(now)});`,
    );
  }

  async stepped(jobId: string, stepId: number, now: number): Promise<void> {
    await this.#run(
      `UPDATE dbo.sysjobactivity SET last_executed_step_id = ${stepId}, last_executed_step_date = ${moment(now)}
       WHERE session_id = ${this.#session} AND job_id = '${jobId}';`,
    );
  }

  /** Adds a row of history and gives its instance_id. */
  async history(row: HistoryRow): Promise<number> {
    const [added] = await this.#run(
      `INSERT INTO dbo.sysjobhistory (job_id, step_id, step_name, sql_message_id, sql_severity, message, run_status, run_date, run_time,
         run_duration, operator_id_emailed, operator_id_netsent, operator_id_paged, retries_attempted, server)
       VALUES ('${row.jobId}', ${row.stepId}, ${text(row.stepName)}, ${row.messageId}, ${row.severity}, ${text(row.message.slice(0, 4000))},
         ${row.outcome}, ${dateNumber(row.started)}, ${timeNumber(row.started)}, ${durationNumber(row.ended - row.started)}, 0, 0, 0,
         ${row.retries}, ${text(this.#instance.name)});
       SELECT CONVERT(int, SCOPE_IDENTITY());`,
    );
    if (row.stepId > 0)
      await this.#run(
        `UPDATE dbo.sysjobsteps SET last_run_outcome = ${row.outcome}, last_run_duration = ${durationNumber(row.ended - row.started)},
           last_run_retries = ${row.retries}, last_run_date = ${dateNumber(row.started)}, last_run_time = ${timeNumber(row.started)}
         WHERE job_id = '${row.jobId}' AND step_id = ${row.stepId};`,
      );
    return asNumber(added?.[0]);
  }

  async ended(row: HistoryRow, historyId: number): Promise<void> {
    await this.#run(
      `UPDATE dbo.sysjobactivity SET stop_execution_date = ${moment(row.ended)}, job_history_id = ${historyId}
       WHERE session_id = ${this.#session} AND job_id = '${row.jobId}';
       UPDATE dbo.sysjobservers SET last_run_outcome = ${row.outcome}, last_outcome_message = ${text(row.message.slice(0, 4000))},
         last_run_date = ${dateNumber(row.started)}, last_run_time = ${timeNumber(row.started)},
         last_run_duration = ${durationNumber(row.ended - row.started)} WHERE job_id = '${row.jobId}';`,
    );
  }

  async remove(job: Job): Promise<void> {
    await this.#run(`EXEC msdb.dbo.sp_delete_job @job_id = '${job.id}';`);
  }
}
