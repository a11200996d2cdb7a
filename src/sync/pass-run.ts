import type { PassRun } from '../journal/events.ts';
import { describe } from '../step/action.ts';
import type { StepContext } from '../step/step.ts';
import { adoptOrStart, clear, type FinishedRun, followRun } from './follow.ts';
import { createHotCollector, type HotPath } from './hot.ts';
import { createMeter } from './meter.ts';
import { failureOf, type RunEnd, reactionTo, troublesOf, unreadable } from './movers/files/failure.ts';
import { parseItem } from './movers/files/items.ts';
import { createLineCutter } from './movers/files/lines.ts';
import { parseStats, type Stats } from './movers/files/stats.ts';
import { itemLog } from './names.ts';
import type { RunPlan } from './pass-actions.ts';
import { passLog } from './pass-log.ts';
import type { PassPlan } from './plan-passes.ts';

export interface RunOutcome {
  readonly run: PassRun;
  readonly hot: readonly HotPath[];
}

export interface RunRequest {
  readonly machine: string;
  readonly plan: PassPlan;
  readonly run: RunPlan;
  /** Which attempt at the step this is, from 1. */
  readonly attempt: number;
  /** Entries of the file systems already done, and of all: for the share that is shown. */
  readonly entriesBefore: number;
  readonly entriesTotal: number;
}

/**
 * One file system in one pass, from start or adoption to the figures for the journal. A run that failed is cleared
 * away before the error is thrown, so that the next attempt starts a new one; a run that ended well stays until the
 * pass is recorded, so that a crash in between costs nothing.
 */
export async function runOnce(
  context: StepContext,
  request: RunRequest,
  signal: AbortSignal,
): Promise<RunOutcome> {
  const { machine, plan, run } = request;
  const { mountpoint } = run.fileSystem;
  const meter = createMeter(context, request);
  const job = await adoptOrStart(context, run, signal);
  const finished = await followRun(context, job, mountpoint, { signal, onProgress: meter.show });
  const { end, lines, complaints } = finished;

  const runEnd: RunEnd = {
    code: end.code,
    complaints,
    attempt: request.attempt,
    machine,
    host: machine,
    mountpoint,
    command: describe(run.job),
    bytesMissing: missing(request, finished),
  };
  const stats = parseStats(lines);
  const reaction = reactionTo(runEnd);
  const isGood = reaction === 'ok' || reaction === 'ok-vanished' || reaction === 'next-pass';
  const hot = isGood && plan.kind === 'delta' ? await hotPaths(context, request, signal) : [];
  await context.keepLog(`${run.job.job}.log`, passLog(run, finished, hot));
  if (!isGood) {
    await clear(context, run.job);
    throw failureOf(runEnd);
  }
  if (stats === undefined) {
    await clear(context, run.job);
    throw unreadable(runEnd, lines);
  }
  return { run: figures(run, finished, stats), hot };
}

function figures({ fileSystem, job }: RunPlan, { end, complaints }: FinishedRun, stats: Stats): PassRun {
  return {
    mountpoint: fileSystem.mountpoint,
    job: job.job,
    code: end.code,
    startedAt: end.startedAtMs,
    files: stats.files,
    filesTransferred: stats.filesTransferred,
    filesDeleted: stats.filesDeleted,
    totalBytes: stats.totalBytes,
    transferredBytes: stats.transferredBytes,
    literalBytes: stats.literalBytes,
    matchedBytes: stats.matchedBytes,
    sentBytes: stats.sentBytes,
    receivedBytes: stats.receivedBytes,
    listSeconds: stats.listSeconds,
    ms: Math.max(0, end.endedAtMs - end.startedAtMs),
    vanished: complaints.count('vanished'),
    troubles: troublesOf({ code: end.code, complaints }),
  };
}

/** The expensive paths of a delta pass, read from its item log as a stream. */
async function hotPaths(
  context: StepContext,
  { machine, run }: RunRequest,
  signal: AbortSignal,
): Promise<HotPath[]> {
  const collector = createHotCollector();
  const cutter = createLineCutter({
    ends: 'newline',
    onLine(line) {
      const item = parseItem(line);
      if (item !== undefined) collector.add(run.fileSystem.mountpoint, item);
    },
  });
  const host = await context.host(machine);
  // A missing log is no reason to fail a pass whose data arrived: then no path is known to be hot.
  await host.stream(['cat', itemLog(context.plan.name, run.job.job)], { onStdout: cutter.push, signal });
  cutter.end();
  return collector.top();
}

/** A lower bound for what does not fit, known only for a first copy: later passes replace files. */
function missing({ plan, run }: RunRequest, { progress }: FinishedRun): number | undefined {
  if (plan.kind !== 'full' || progress === undefined) return undefined;
  const rest = run.fileSystem.used - progress.bytes;
  return rest > 0 ? rest : undefined;
}
