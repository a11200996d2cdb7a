import { SqlError } from '../errors.ts';
import type { Instance } from '../server/instance.ts';
import type { HistoryRow, Job, JobStore, Outcome, RunnableStep } from './job-store.ts';
import type { Subsystem } from './subsystem.ts';

export interface JobRun {
  readonly job: Job;
  /** `User sa`, `Schedule 3 (nightly)`. */
  readonly source: string;
  readonly firstStep: number;
  readonly signal: AbortSignal;
  /** Called as each step begins. */
  readonly onStep: (stepId: number) => void;
}

interface StepResult {
  readonly outcome: Outcome;
  readonly retries: number;
}

/** Runs the steps of a job one after the other as their actions say, and writes its history. */
export async function runJob(
  run: JobRun,
  instance: Instance,
  store: JobStore,
  subsystems: ReadonlyMap<string, Subsystem>,
): Promise<Outcome> {
  const { job } = run;
  const started = instance.clock.now();
  let step = job.steps.find(each => each.stepId === run.firstStep);
  let last = step;
  let outcome: Outcome = 1;
  while (step !== undefined) {
    last = step;
    run.onStep(step.stepId);
    await store.stepped(job.id, step.stepId, instance.clock.now());
    const result = await runStep(run, step, instance, store, subsystems);
    if (result.outcome === 3) {
      outcome = 3;
      break;
    }
    const next = followUp(job, step, result.outcome === 1);
    outcome = next.outcome;
    step = next.step;
  }
  const row: HistoryRow = {
    jobId: job.id,
    stepId: 0,
    stepName: '(Job outcome)',
    messageId: 0,
    severity: 0,
    message: outcomeMessage(run, outcome, last),
    outcome,
    started,
    ended: instance.clock.now(),
    retries: 0,
  };
  await store.ended(row, await store.history(row));
  return outcome;
}

/** What comes after a step, and the job's outcome if it is nothing. */
function followUp(
  job: Job,
  step: RunnableStep,
  succeeded: boolean,
): { readonly outcome: Outcome; readonly step: RunnableStep | undefined } {
  const action = succeeded ? step.onSuccess : step.onFailure;
  const target = succeeded ? step.onSuccessStep : step.onFailureStep;
  if (action === 1) return { outcome: 1, step: undefined };
  if (action === 2) return { outcome: 0, step: undefined };
  const wanted = action === 4 ? target : step.stepId + 1;
  return {
    outcome: succeeded ? 1 : 0,
    step: job.steps.find(each => each.stepId === wanted),
  };
}

async function runStep(
  run: JobRun,
  step: RunnableStep,
  instance: Instance,
  store: JobStore,
  subsystems: ReadonlyMap<string, Subsystem>,
): Promise<StepResult> {
  for (let retries = 0; ; retries++) {
    const started = instance.clock.now();
    const lines: string[] = [];
    const failure = await attempt(run, step, instance, subsystems, lines);
    const cancelled = run.signal.aborted;
    const again = failure !== undefined && !cancelled && retries < step.retryAttempts;
    const outcome: Outcome = cancelled ? 3 : failure === undefined ? 1 : again ? 2 : 0;
    await store.history({
      jobId: run.job.id,
      stepId: step.stepId,
      stepName: step.name,
      messageId: failure instanceof SqlError ? failure.number : 0,
      severity: failure instanceof SqlError ? failure.severity : 0,
      message: stepMessage(lines, failure, outcome),
      outcome,
      started,
      ended: instance.clock.now(),
      retries,
    });
    if (!again) return { outcome, retries };
    try {
      await instance.clock.sleep(step.retryInterval * 60_000, run.signal);
    } catch (error) {
      if (!run.signal.aborted) throw error;
      return { outcome: 3, retries };
    }
  }
}

/** The fault of one attempt, undefined where it succeeded. */
async function attempt(
  run: JobRun,
  step: RunnableStep,
  instance: Instance,
  subsystems: ReadonlyMap<string, Subsystem>,
  lines: string[],
): Promise<Error | undefined> {
  const subsystem = subsystems.get(step.subsystem.toLowerCase());
  if (subsystem === undefined)
    return new Error(`The ${step.subsystem} subsystem failed to load; the job has been suspended.`);
  try {
    await subsystem.run(step, instance, run.signal, { add: line => lines.push(line) });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function stepMessage(lines: readonly string[], failure: Error | undefined, outcome: Outcome): string {
  const fault =
    failure === undefined || outcome === 3
      ? []
      : [
          failure instanceof SqlError
            ? `${failure.message} [SQLSTATE 42000] (Error ${failure.number})`
            : failure.message,
        ];
  const end =
    outcome === 1
      ? 'The step succeeded.'
      : outcome === 3
        ? 'The step was cancelled (stopped) as the result of a stop job request.'
        : 'The step failed.';
  return [...lines, ...fault, end].join('  ');
}

function outcomeMessage(run: JobRun, outcome: Outcome, last: RunnableStep | undefined): string {
  const said = outcome === 1 ? 'succeeded' : outcome === 3 ? 'was stopped prior to completion' : 'failed';
  const step = last === undefined ? '' : `  The last step to run was step ${last.stepId} (${last.name}).`;
  return `The job ${said}.  The Job was invoked by ${run.source}.${step}`;
}
