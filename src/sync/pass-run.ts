import { asLandfallError } from '../foundation/errors.ts';
import type { PassRun } from '../journal/events.ts';
import type { StepContext } from '../step/step.ts';
import type { HotPath } from './hot.ts';
import { createMeter } from './meter.ts';
import { troublesOf } from './movers/files/failure.ts';
import type { Pacer } from './pacer.ts';
import { discardStream } from './parts.ts';
import type { RunPlan } from './pass-actions.ts';
import type { PassPlan } from './plan-passes.ts';
import { LINK_RETRY } from './retry.ts';
import { runStream, type StreamOutcome } from './stream-run.ts';

export interface RunOutcome {
  readonly run: PassRun;
  readonly hot: readonly HotPath[];
}

export interface RunRequest {
  readonly machine: string;
  readonly plan: PassPlan;
  /** The streams of one file system. */
  readonly streams: readonly RunPlan[];
  /** The same stream as it is to go on now. */
  readonly planned: (stream: string) => RunPlan;
  readonly pacer: Pacer;
  /** Which attempt at the step this is, from 1. */
  readonly attempt: number;
  readonly resumes: boolean;
  /** Entries of the file systems already done, and of all: for the share that is shown. */
  readonly entriesBefore: number;
  readonly entriesTotal: number;
}

/** One file system in one pass: all its streams side by side, and what they amount to for the journal. */
export async function runOnce(
  context: StepContext,
  request: RunRequest,
  signal: AbortSignal,
): Promise<RunOutcome> {
  const { streams } = request;
  const meter = createMeter(context, request);
  const together = new AbortController();
  const either = AbortSignal.any([signal, together.signal]);
  let failure: { readonly thrown: unknown } | undefined;
  const results = await Promise.allSettled(
    streams.map(async ({ stream }) => {
      const { onProgress, onPart } = meter.stream(stream);
      const parts = {
        ...request,
        stream,
        of: streams.length,
        planned: () => request.planned(stream),
        onProgress,
        onPart,
      };
      try {
        return await runStream(context, parts, either);
      } catch (thrown) {
        // The first failure is the cause; what the others say of it are echoes.
        failure ??= { thrown };
        together.abort();
        throw thrown;
      }
    }),
  );
  if (failure !== undefined) {
    await leave(context, streams, failure.thrown, signal);
    throw failure.thrown;
  }
  return merged(
    request,
    results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : [])),
  );
}

/** What the other streams have going stays for a next attempt, which joins them; where there is none, it is stopped. */
async function leave(
  context: StepContext,
  streams: readonly RunPlan[],
  thrown: unknown,
  signal: AbortSignal,
): Promise<void> {
  if (streams.length < 2 || signal.aborted || LINK_RETRY.transient(asLandfallError(thrown))) return;
  await Promise.all(streams.map(run => discardStream(context, run)));
}

function merged({ plan }: RunRequest, outcomes: readonly StreamOutcome[]): RunOutcome {
  const [first] = outcomes;
  if (first === undefined) throw new RangeError('a run without streams');
  const sum = (value: (outcome: StreamOutcome) => number): number =>
    outcomes.reduce((total, outcome) => total + value(outcome), 0);
  const counts = new Map(outcomes.map(outcome => [outcome, countsOf(plan, outcome)]));
  const count = (value: (counts: Counts) => number): number =>
    [...counts.values()].reduce((total, each) => total + value(each), 0);
  const codes = outcomes.map(({ finished }) => finished.end.code);
  return {
    run: {
      mountpoint: first.run.fileSystem.mountpoint,
      job: first.run.stream,
      code: codes.find(code => code !== 0 && code !== 24) ?? codes.find(code => code === 24) ?? 0,
      startedAt: Math.min(...outcomes.map(startOf)),
      files: sum(({ stats }) => stats.files),
      filesTransferred: count(each => each.files),
      filesDeleted: sum(({ stats }) => stats.filesDeleted),
      totalBytes: sum(({ stats }) => stats.totalBytes),
      transferredBytes: count(each => each.transferred),
      literalBytes: count(each => each.literal),
      matchedBytes: sum(({ stats }) => stats.matchedBytes),
      sentBytes: count(each => each.sent),
      receivedBytes: sum(({ stats }) => stats.receivedBytes),
      listSeconds: Math.max(...outcomes.map(({ stats }) => stats.listSeconds)),
      ms: Math.max(
        ...outcomes.map(({ finished, before }) => lasted(finished) + total(before, part => part.ms)),
      ),
      vanished: sum(({ finished }) => finished.complaints.count('vanished')),
      troubles: outcomes.flatMap(({ finished: { end, complaints } }) =>
        troublesOf({ code: end.code, complaints }),
      ),
      ...(outcomes.length === 1 ? {} : { streams: outcomes.length }),
    },
    hot: outcomes.flatMap(({ hot }) => hot),
  };
}

interface Counts {
  readonly files: number;
  readonly transferred: number;
  readonly literal: number;
  readonly sent: number;
}

/**
 * A stream over all its parts. What an ended part had brought is an estimate: a file that was on its way then is counted
 * where it was completed, from what was left of it, and a first copy never counts more than there is.
 */
function countsOf({ kind }: PassPlan, { stats, before }: StreamOutcome): Counts {
  const bytes = total(before, part => part.bytes);
  const most = kind === 'full' ? Math.max(stats.totalBytes, stats.literalBytes) : Number.POSITIVE_INFINITY;
  const ratio = stats.literalBytes > 0 ? Math.min(1, stats.sentBytes / stats.literalBytes) : 1;
  const earlier = Math.min(bytes, most - stats.literalBytes);
  return {
    files: stats.filesTransferred + total(before, part => part.files),
    transferred: stats.transferredBytes + earlier,
    literal: stats.literalBytes + earlier,
    sent: stats.sentBytes + Math.round(earlier * ratio),
  };
}

const lasted = ({ end }: StreamOutcome['finished']): number => Math.max(0, end.endedAtMs - end.startedAtMs);

const startOf = ({ finished, before }: StreamOutcome): number =>
  before[0]?.startedAt ?? finished.end.startedAtMs;

const total = <T>(list: readonly T[], value: (item: T) => number): number =>
  list.reduce((sum, item) => sum + value(item), 0);
