import { LandfallError } from '../foundation/errors.ts';
import type { Host, JobEnd, RemoteJob } from '../remote/host.ts';
import type { StepContext } from '../step/step.ts';
import { requireMounted } from './mounted.ts';
import { createOutputReader, type Progress } from './movers/files/progress.ts';
import { type Complaints, createStderrReader } from './movers/files/stderr.ts';
import type { JobAction, RunPlan } from './pass-actions.ts';

/** What a finished run left behind. */
export interface FinishedRun {
  readonly end: JobEnd;
  /** Lines of standard output that were no progress: statistics, items. */
  readonly lines: readonly string[];
  readonly complaints: Complaints;
  /** The last progress seen, if any. */
  readonly progress: Progress | undefined;
}

export interface FollowOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** Every line of standard output that is no progress, for readers that need more than the last ones. */
  readonly onOut?: (chunk: Uint8Array) => void;
}

/**
 * The job of a run: adopted where it is running or has ended, started where there is none, and started again where
 * it vanished without an exit code (the host went down, or somebody killed it). What had arrived is not sent twice.
 *
 * A job of that name which covers something else (another file system, other exclude patterns: the plan or the
 * inventory changed since) is stopped and removed: what it copied or compared is not what this run is about.
 */
export async function adoptOrStart(
  context: StepContext,
  run: RunPlan,
  signal: AbortSignal,
): Promise<RemoteJob> {
  const host = await context.host(run.job.host);
  const job = host.job(run.job.job);
  const { state } = await job.status();
  signal.throwIfAborted();
  if (state === 'running' || state === 'ended') {
    if (await covers(host, job, run)) return job;
    await discard(context, run.job);
  }
  if (state === 'lost') await job.remove();
  await requireMounted(host, run, signal);
  await context.perform(run.exclude);
  return context.perform(run.job);
}

/** Whether the job was started for this file system and these patterns: its argv names their exclude list. */
async function covers(host: Host, job: RemoteJob, run: RunPlan): Promise<boolean> {
  try {
    const argv = (await host.read(`${job.directory}/argv`)).toString('utf8');
    return argv.includes(`${run.exclude.path.slice(run.exclude.path.lastIndexOf('/'))}\n`);
  } catch (error) {
    if (error instanceof LandfallError && error.code === 'remote.file-absent') return false;
    throw error;
  }
}

/** Follows a job to its end; the connection may come and go meanwhile. */
export async function followRun(
  context: StepContext,
  job: RemoteJob,
  mountpoint: string,
  options: FollowOptions,
): Promise<FinishedRun> {
  const out = createOutputReader();
  const err = createStderrReader();
  let progress: Progress | undefined;
  const end = await job.follow({
    signal: options.signal,
    onOut(chunk) {
      const latest = out.push(chunk);
      options.onOut?.(chunk);
      if (latest === undefined) return;
      progress = latest;
      options.onProgress?.(latest);
    },
    onErr: chunk => err.push(chunk),
    onLink(state, detail) {
      const text =
        state === 'lost'
          ? `${mountpoint}: the control connection is lost, the pass goes on without it (${detail})`
          : `${mountpoint}: the control connection is back`;
      context.sample({ text });
    },
  });
  return { end, lines: out.end(), complaints: err.end(), progress };
}

/** Removes what a job left on its host; a running one is left alone, and one that is not there is fine. */
export async function clear(context: StepContext, action: JobAction): Promise<void> {
  const host = await context.host(action.host);
  const job = host.job(action.job);
  const { state } = await job.status();
  if (state === 'ended' || state === 'lost') await job.remove();
}

/** Whether a job of this name has left anything on its host. */
export async function isThere(context: StepContext, action: JobAction): Promise<boolean> {
  const host = await context.host(action.host);
  return (await host.job(action.job).status()).state !== 'absent';
}

/**
 * Makes room for a run that begins for the first time. A job of its name that exists all the same is from an earlier
 * evacuation of this name: to adopt it would count its copy as this one's.
 */
export async function discard(context: StepContext, action: JobAction): Promise<void> {
  const host = await context.host(action.host);
  const job = host.job(action.job);
  const { state } = await job.status();
  if (state === 'running') await job.stop();
  if (state !== 'absent') await job.remove();
}
