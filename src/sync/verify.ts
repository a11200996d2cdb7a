import { LandfallError } from '../foundation/errors.ts';
import type { PassState } from '../journal/state.ts';
import { type Action, describe } from '../step/action.ts';
import { type Mover, moverOf } from '../step/mover.ts';
import type { Step, StepContext, View } from '../step/step.ts';
import {
  type Classified,
  changeTimesArgv,
  changeTimesInput,
  classify,
  createDifferenceList,
  type Difference,
  type DifferenceList,
  parseChangeTimes,
} from './differences.ts';
import { adoptOrStart, clear, discard, type FinishedRun, followRun } from './follow.ts';
import { verifyBlocksStep } from './movers/blocks/compare/verify.ts';
import { failureOf, type RunEnd, reactionTo, troublesOf, unreadable } from './movers/files/failure.ts';
import { parseItem } from './movers/files/items.ts';
import { createLineCutter } from './movers/files/lines.ts';
import { reopen, reopenActions } from './movers/files/path.ts';
import { parseStats } from './movers/files/stats.ts';
import { stepId } from './names.ts';
import { actionsOf, type RunPlan, verifyRuns } from './pass-actions.ts';
import { passLog } from './pass-log.ts';
import { resourcesOf } from './passes.ts';
import { LINK_RETRY } from './retry.ts';
import { clockSetBack, setBackBy } from './verify/clock.ts';
import { type Contents, compareContents, takeAway } from './verify/contents.ts';
import { DAMAGED_SHARE, detection, nextRotation, type Rotation } from './verify/sample.ts';
import { type SumsPlan, sumsActions, sumsPlan } from './verify/sums.ts';

/** Mismatches that the journal names; the rest is counted in one more line. */
const NAMED = 100;
/** Paths asked for in one command: a few seconds of work on a busy host. */
const BATCH = 2000;

/**
 * `sync/<m>/verify-<n>`: compares every byte of the replica with the source after pass n, and holds every difference
 * against the source's own change times. A difference that no write explains is not an error of this step: it is in
 * the event, where the gate and the next pass see it.
 */
export function verifyStep(view: View, machine: string, pass: number, needs?: readonly string[]): Step {
  if (travelledBy(view, machine, pass) === 'blocks') return verifyBlocksStep(view, machine, pass, needs);
  return {
    id: stepId(machine, `verify-${pass}`),
    phase: 'sync',
    subject: machine,
    title: titleOf(view, machine, pass),
    needs: needs ?? [stepId(machine, 'path')],
    resources: resourcesOf(view, machine),
    retry: LINK_RETRY,
    preview: now => {
      const runs = verifyRuns(now, machine, pass, !isApart(now));
      return [
        ...(attemptOf(now, machine, pass) > 1 ? reopenActions(now, machine) : []),
        ...actionsOf(now, machine, runs),
        ...(isApart(now) ? sums(now, machine, pass, runs).flatMap(sumsActions) : []),
        ...runs.map(run => timesAction(machine, run)),
      ];
    },
    // Whether a comparison took place is known only from its record.
    async done(context) {
      return (context.state.machines[machine]?.verified?.pass ?? 0) >= pass;
    },
    async run(context, signal) {
      if (attemptOf(context, machine, pass) > 1) await reopen(context, machine, signal);
      await verify(context, machine, pass, signal);
    },
    async halt(context) {
      const runs = verifyRuns(context, machine, pass, !isApart(context));
      await Promise.all(runs.map(({ job }) => discard(context, job)));
      if (isApart(context))
        await Promise.all(sums(context, machine, pass, runs).map(plan => takeAway(context, plan)));
    },
  };
}

const attemptOf = ({ state }: View, machine: string, pass: number): number =>
  state.steps[stepId(machine, `verify-${pass}`)]?.attempts ?? 1;

/**
 * Whether contents are compared by sums of their own, after names, sizes and times were: rsync can neither take a sample
 * nor be held back while it reads.
 */
const isApart = ({ plan }: View): boolean => plan.verify.share < 1 || plan.verify.limit !== undefined;

const sums = (view: View, machine: string, pass: number, runs: readonly RunPlan[]): SumsPlan[] =>
  runs.map((run, index) => sumsPlan(view, machine, pass, index, run));

function titleOf({ plan }: View, machine: string, pass: number): string {
  const what =
    plan.verify.share < 1
      ? `names, sizes and times of ${machine}'s replica, and the contents of a sample,`
      : `every byte of ${machine}'s replica`;
  return `compare ${what} with the source, after pass ${pass}`;
}

/** Who has brought what is compared; before there is a pass of that number, who would. */
const travelledBy = (view: View, machine: string, pass: number): Mover =>
  view.state.machines[machine]?.passes.find(known => known.pass === pass)?.mover ?? moverOf(view, machine);

async function verify(
  context: StepContext,
  machine: string,
  pass: number,
  signal: AbortSignal,
): Promise<void> {
  const last = context.state.machines[machine]?.passes.find(known => known.pass === pass);
  if (last?.ended === undefined) throw new RangeError(`pass ${pass} of ${machine} has not ended`);
  const began = context.clock.monotonic();
  const plans = verifyRuns(context, machine, pass, !isApart(context));
  const apart = isApart(context) ? sums(context, machine, pass, plans) : [];
  const rotation = nextRotation(
    context.state.machines[machine]?.verified,
    context.plan.verify.share,
    context.random,
  );
  const verdicts: RunVerdict[] = [];
  for (const [index, plan] of plans.entries()) {
    const since = beginningOf(last, plan);
    await discardOlder(context, plan, since);
    const request = { machine, pass, plan, last: last.ended, since, sums: apart[index], rotation };
    verdicts.push(await verifyRun(context, request, signal));
  }

  const sum = (value: (verdict: RunVerdict) => number): number =>
    verdicts.reduce((total, verdict) => total + value(verdict), 0);
  await context.emit({
    type: 'replica.verified',
    machine,
    pass,
    passStartedAt: last.ended.startedAt,
    ms: Math.round(context.clock.monotonic() - began),
    filesCompared: sum(verdict => verdict.files),
    bytesCompared: sum(verdict => verdict.bytes),
    live: sum(verdict => verdict.live),
    livePaths: verdicts.flatMap(verdict => verdict.livePaths).slice(0, NAMED),
    mismatches: named(verdicts.flatMap(verdict => verdict.mismatches)),
    mountpoints: plans.map(({ fileSystem }) => fileSystem.mountpoint),
    excluded: [...(context.plan.machines[machine]?.exclude ?? [])],
    ...(rotation === undefined
      ? {}
      : {
          sample: {
            compared: sum(verdict => verdict.files),
            of: sum(verdict => verdict.of),
            unit: 'file' as const,
            damagedShare: DAMAGED_SHARE,
            detection: detection(sum(verdict => verdict.drawn)),
            rotation,
          },
        }),
  });
  await Promise.all(plans.map(({ job }) => clear(context, job)));
}

interface RunRequest {
  readonly machine: string;
  readonly pass: number;
  readonly plan: RunPlan;
  readonly last: PassState['ended'];
  /** When the pass began to read this file system, by the source's clock. */
  readonly since: number;
  /** Where contents are compared apart. */
  readonly sums: SumsPlan | undefined;
  readonly rotation: Rotation | undefined;
}

interface RunVerdict extends Classified {
  readonly files: number;
  readonly bytes: number;
  /** Of a sample: files of the replica, and those that were drawn. */
  readonly of: number;
  readonly drawn: number;
}

/** One file system. A comparison that failed is cleared away, so that a retry starts anew. */
async function verifyRun(
  context: StepContext,
  request: RunRequest,
  signal: AbortSignal,
): Promise<RunVerdict> {
  const { machine, plan } = request;
  const { mountpoint } = plan.fileSystem;
  const { list, finished } = await compare(context, plan, signal);
  const end: RunEnd = {
    code: finished.end.code,
    complaints: finished.complaints,
    attempt: attemptOf(context, machine, request.pass),
    machine,
    host: machine,
    mountpoint,
    command: describe(plan.job),
  };
  const reaction = reactionTo(end);
  if (reaction === 'retry' || reaction === 'ask' || reaction === 'fatal') {
    await clear(context, plan.job);
    throw failureOf(end);
  }
  const stats = parseStats(finished.lines);
  if (stats === undefined) {
    await clear(context, plan.job);
    throw unreadable(end, finished.lines);
  }
  const contents = await contentsOf(context, request, list.differences, signal);
  const differences = [...list.differences, ...(contents?.differences ?? [])];
  const back = setBackBy(request.last, mountpoint, finished.end.startedAtMs);
  if (back > 0 && differences.length > 0) {
    await clear(context, plan.job);
    throw clockSetBack(machine, request.pass, back, differences.length);
  }
  const { live, livePaths, mismatches } = await explain(context, request, differences, signal);
  return {
    files: contents?.compared ?? stats.regularFiles,
    bytes: contents?.bytes ?? stats.totalBytes,
    of: contents?.of ?? stats.regularFiles,
    drawn: contents?.drawn ?? stats.regularFiles,
    live,
    livePaths,
    mismatches: [
      ...mismatches,
      ...(list.uncounted > 0 ? [`${mountpoint}: ${list.uncounted} more differences, not looked into`] : []),
      // What could not be read was not compared: silence about it would be a false proof.
      ...troublesOf(end).map(line => `not compared: ${line}`),
    ],
  };
}

/** What names, sizes and times do not tell, where that is asked for apart. */
async function contentsOf(
  context: StepContext,
  { plan, sums, rotation }: RunRequest,
  found: readonly Difference[],
  signal: AbortSignal,
): Promise<Contents | undefined> {
  if (sums === undefined) return undefined;
  const known = new Set(found.map(({ name }) => name.toString('latin1')));
  const { mountpoint } = plan.fileSystem;
  return compareContents(context, { mountpoint, plan: sums, rotation, known }, signal);
}

async function compare(
  context: StepContext,
  plan: RunPlan,
  signal: AbortSignal,
): Promise<{ readonly list: DifferenceList; readonly finished: FinishedRun }> {
  const list = createDifferenceList();
  const cutter = createLineCutter({
    ends: 'newline',
    onLine(line) {
      const item = parseItem(line);
      if (item !== undefined) list.add(item);
    },
  });
  const what = isApart(context) ? 'names, sizes and times' : 'every byte';
  context.sample({ text: `comparing ${what} of ${plan.fileSystem.mountpoint}` });
  const job = await adoptOrStart(context, plan, signal);
  const finished = await followRun(context, job, plan.fileSystem.mountpoint, { signal, onOut: cutter.push });
  cutter.end();
  await context.keepLog(`${plan.job.job}.log`, passLog(plan, finished, []));
  return { list, finished };
}

/** Asks the source when the differing paths were last changed, a batch at a time. */
async function explain(
  context: StepContext,
  { machine, plan, since }: RunRequest,
  differences: readonly Difference[],
  signal: AbortSignal,
): Promise<Classified> {
  const { mountpoint } = plan.fileSystem;
  let live = 0;
  const livePaths: string[] = [];
  const mismatches: string[] = [];
  for (let from = 0; from < differences.length; from += BATCH) {
    const batch = differences.slice(from, from + BATCH);
    const { stdout } = await context.perform(timesAction(machine, plan), {
      stdin: changeTimesInput(batch),
      signal,
    });
    const times = parseChangeTimes(stdout.toString('latin1'), batch.length);
    if (times === undefined) {
      throw new LandfallError('remote.answer-unreadable', {
        what: `${machine} did not give one change time for each of ${batch.length} paths`,
        where: { host: machine, machine },
        next: ['run the same command again', `check that stat and xargs work on ${machine}`],
      });
    }
    const part = classify(mountpoint, batch, times, since);
    live += part.live;
    livePaths.push(...part.livePaths.slice(0, NAMED - livePaths.length));
    mismatches.push(...part.mismatches);
  }
  return { live, livePaths, mismatches };
}

/** The names arrive on standard input when they are known; the command is the same before and after. */
const timesAction = (machine: string, { fileSystem }: RunPlan): Action & { kind: 'exec' } => ({
  kind: 'exec',
  host: machine,
  argv: changeTimesArgv(fileSystem.mountpoint),
  reads: true,
  note: 'when the paths that differ were last changed; their names come on standard input',
});

function beginningOf({ ended, startedAt }: PassState, { fileSystem }: RunPlan): number {
  const run = ended?.runs.find(({ mountpoint }) => mountpoint === fileSystem.mountpoint);
  return run?.startedAt ?? ended?.startedAt ?? startedAt;
}

/** A comparison older than the pass is from an earlier evacuation of this name, and proves nothing. */
async function discardOlder(context: StepContext, plan: RunPlan, since: number): Promise<void> {
  const host = await context.host(plan.job.host);
  const status = await host.job(plan.job.job).status();
  if (status.state !== 'absent' && status.startedAtMs < since) await discard(context, plan.job);
}

const named = (mismatches: readonly string[]): string[] =>
  mismatches.length <= NAMED
    ? [...mismatches]
    : [...mismatches.slice(0, NAMED), `and ${mismatches.length - NAMED} more`];
