import type { RemoteJob } from '../remote/host.ts';
import { describe } from '../step/action.ts';
import type { StepContext } from '../step/step.ts';
import { adoptOrStart, clear, type FinishedRun, followRun } from './follow.ts';
import { createHotCollector, type HotPath } from './hot.ts';
import { failureOf, type RunEnd, reactionTo, unreadable } from './movers/files/failure.ts';
import { parseItem } from './movers/files/items.ts';
import { createLineCutter } from './movers/files/lines.ts';
import type { Progress } from './movers/files/progress.ts';
import { parseStats, type Stats } from './movers/files/stats.ts';
import { itemLog, partJob } from './names.ts';
import type { Pacer } from './pacer.ts';
import type { RunPlan } from './pass-actions.ts';
import { passLog } from './pass-log.ts';
import type { PassPlan } from './plan-passes.ts';
import { roomIn } from './room.ts';

/** What a part that was ended for another rate had brought by then. */
export interface PartFigures {
  readonly startedAt: number;
  readonly ms: number;
  readonly files: number;
  readonly bytes: number;
}

export interface StreamOutcome {
  readonly run: RunPlan;
  readonly finished: FinishedRun;
  readonly stats: Stats;
  /** The parts before the last one, in their order. */
  readonly before: readonly PartFigures[];
  readonly hot: readonly HotPath[];
}

export interface StreamRequest {
  readonly machine: string;
  readonly plan: PassPlan;
  readonly stream: string;
  /** The run as it is to go on now: rate and part change. */
  readonly planned: () => RunPlan;
  readonly pacer: Pacer;
  /** Which attempt at the step this is, from 1. */
  readonly attempt: number;
  /** Where jobs of it may lie on the source: another process, or an attempt before this one, began it. */
  readonly resumes: boolean;
  readonly onProgress: (progress: Progress) => void;
  /** A part of it is over, and another one follows. */
  readonly onPart: (figures: PartFigures) => void;
  /** Streams of the file system, this one included. */
  readonly of: number;
}

/**
 * One stream of a pass, from start or adoption to its figures. A run that failed is cleared away before the error is
 * thrown, so that the next attempt starts a new one; what ended well stays until the pass is recorded, so that a crash in
 * between costs nothing.
 */
export async function runStream(
  context: StepContext,
  request: StreamRequest,
  signal: AbortSignal,
): Promise<StreamOutcome> {
  const { plan, stream, pacer } = request;
  const hot = createHotCollector();
  const before: PartFigures[] = request.resumes ? await earlierParts(context, request, hot, signal) : [];
  for (;;) {
    const run = request.planned();
    const job = await adoptOrStart(context, run, signal);
    if (request.resumes) pacer.adopted(await rateOfJob(context, run, job, request.of));
    pacer.started(stream, job);
    const finished = await follow(context, request, run, job, signal).finally(() => pacer.ended(stream));
    if (finished.end.code !== 0 && pacer.hasStopped(job)) {
      const figures = await partFigures(context, request, run, finished, hot, signal);
      before.push(figures);
      request.onPart(figures);
      pacer.goOnWith(stream, pacer.partOf(stream) + 1);
      continue;
    }
    const hottest = async (): Promise<readonly HotPath[]> => {
      if (plan.kind === 'delta') await items(context, request, run, hot, signal);
      return hot.top();
    };
    const stats = await settled(context, request, run, finished, hottest, signal);
    return { run, finished, stats, before, hot: hot.top() };
  }
}

/** The rate of all streams together at which this one was started, maybe by an earlier process. */
async function rateOfJob(
  context: StepContext,
  run: RunPlan,
  job: RemoteJob,
  of: number,
): Promise<number | undefined> {
  const host = await context.host(run.job.host);
  const argv = (await host.read(`${job.directory}/argv`)).toString('latin1');
  const limit = /^\d+ --bwlimit=(\d+)$/m.exec(argv)?.[1];
  return limit === undefined ? undefined : Number(limit) * 1024 * of;
}

const follow = (
  context: StepContext,
  { onProgress }: StreamRequest,
  run: RunPlan,
  job: RemoteJob,
  signal: AbortSignal,
): Promise<FinishedRun> => followRun(context, job, run.fileSystem.mountpoint, { signal, onProgress });

/** The statistics of a run that did its work; its failure as an error. Keeps its log in both cases. */
async function settled(
  context: StepContext,
  request: StreamRequest,
  run: RunPlan,
  finished: FinishedRun,
  hotOf: () => Promise<readonly HotPath[]>,
  signal: AbortSignal,
): Promise<Stats> {
  const { machine, plan, attempt } = request;
  const { end, lines, complaints } = finished;
  const runEnd: RunEnd = {
    code: end.code,
    complaints,
    attempt,
    machine,
    host: machine,
    mountpoint: run.fileSystem.mountpoint,
    command: describe(run.job),
    bytesMissing: missing(plan, run, finished),
  };
  const stats = parseStats(lines);
  const reaction = reactionTo(runEnd);
  const isGood = reaction === 'ok' || reaction === 'ok-vanished' || reaction === 'next-pass';
  await context.keepLog(`${run.stream}.log`, passLog(run, finished, isGood ? await hotOf() : []));
  if (isGood && stats !== undefined) return stats;
  await clear(context, run.job);
  if (isGood) throw unreadable(runEnd, lines);
  const failure = failureOf(runEnd);
  // A full replica is out of bytes or out of inodes, and rsync says the same of both.
  throw failure.code === 'sync.target-full'
    ? failureOf({ ...runEnd, room: await roomIn(context, machine, run.fileSystem.mountpoint, signal) })
    : failure;
}

/** A lower bound for what does not fit, known only for a first copy: later passes replace files. */
function missing(plan: PassPlan, run: RunPlan, { progress }: FinishedRun): number | undefined {
  if (plan.kind !== 'full' || progress === undefined) return undefined;
  const rest = run.fileSystem.used - progress.bytes;
  return rest > 0 ? rest : undefined;
}

/** rsync's code for "told to stop"; a part that ended so was ended by us, or goes on in the same way. */
const TOLD_TO_STOP = 20;

/** The parts that an earlier process has left behind; the stream goes on with the newest that has an end to wait for. */
async function earlierParts(
  context: StepContext,
  request: StreamRequest,
  hot: ReturnType<typeof createHotCollector>,
  signal: AbortSignal,
): Promise<PartFigures[]> {
  const { machine, stream, pacer } = request;
  const host = await context.host(machine);
  let part = 0;
  let isStopped = false;
  for (;;) {
    const status = await host.job(partJob(stream, part + 1)).status();
    if (status.state === 'absent') break;
    part += 1;
    isStopped = status.state === 'ended' && status.code === TOLD_TO_STOP;
  }
  const current = Math.max(1, isStopped ? part + 1 : part);
  const figures: PartFigures[] = [];
  for (let earlier = 1; earlier < current; earlier += 1) {
    pacer.goOnWith(stream, earlier);
    const run = request.planned();
    const finished = await followRun(context, host.job(run.job.job), run.fileSystem.mountpoint, { signal });
    figures.push(await partFigures(context, request, run, finished, hot, signal));
  }
  pacer.goOnWith(stream, current);
  return figures;
}

/** rsync that was told to stop writes no statistics: its item log tells, or the last progress of a first copy. */
async function partFigures(
  context: StepContext,
  request: StreamRequest,
  run: RunPlan,
  { end, progress }: FinishedRun,
  hot: ReturnType<typeof createHotCollector>,
  signal: AbortSignal,
): Promise<PartFigures> {
  const counted =
    request.plan.kind === 'delta'
      ? await items(context, request, run, hot, signal)
      : { files: progress?.transferred ?? 0, bytes: progress?.bytes ?? 0 };
  return { startedAt: end.startedAtMs, ms: Math.max(0, end.endedAtMs - end.startedAtMs), ...counted };
}

/** Reads the item log of a delta run as a stream: its expensive paths, and what it sent in all. */
async function items(
  context: StepContext,
  { machine }: StreamRequest,
  run: RunPlan,
  hot: ReturnType<typeof createHotCollector>,
  signal: AbortSignal,
): Promise<{ files: number; bytes: number }> {
  let files = 0;
  let bytes = 0;
  const cutter = createLineCutter({
    ends: 'newline',
    onLine(line) {
      const item = parseItem(line);
      if (item === undefined) return;
      hot.add(run.fileSystem.mountpoint, item);
      if (item.isDeletion || item.isDirectory || !/^[<>]f/.test(item.change)) return;
      files += 1;
      bytes += Math.max(0, item.bytes);
    },
  });
  const host = await context.host(machine);
  // A missing log is no reason to fail a pass whose data arrived: then no path is known to be hot.
  await host.stream(['cat', itemLog(context.plan.name, run.job.job)], { onStdout: cutter.push, signal });
  cutter.end();
  return { files, bytes };
}
