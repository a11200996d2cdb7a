import { LandfallError } from '../foundation/errors.ts';
import type { Resource, Step, StepContext, View } from '../step/step.ts';
import {
  dropHold,
  type Hold,
  keeperActions,
  liveNote,
  PASS_RETRY,
  type Released,
  takeHold,
} from './consistency/index.ts';
import { judge } from './converge.ts';
import { isThere } from './follow.ts';
import { predictionOf } from './forecast.ts';
import type { HotPath } from './hot.ts';
import { requireMounted } from './mounted.ts';
import { reopen, reopenActions } from './movers/files/path.ts';
import { surveyBefore } from './movers/files/survey.ts';
import { stepId } from './names.ts';
import { Pacer } from './pacer.ts';
import { clearStream, discardStream } from './parts.ts';
import { actionsOf, type Pace, passRuns, type RunPlan } from './pass-actions.ts';
import { type RunOutcome, runOnce } from './pass-run.ts';
import { type PassPlan, settingsOf } from './plan-passes.ts';
import { streamsOf } from './rate.ts';

/** How many hot paths the journal keeps for a pass. */
const HOT_KEPT = 20;

/**
 * `sync/<m>/pass-<n>`: one round over all real file systems of the source, parents first, one remote job each.
 *
 * `done` asks the journal, not the hosts: whether a pass took place cannot be seen in the replica, only how well it
 * is in step, and that is what verification asks.
 */
export function passStep(view: View, machine: string, plan: PassPlan, needs?: readonly string[]): Step {
  const pacer = new Pacer(machine, view);
  // How long a pass takes is not asked of a clock that somebody may set meanwhile, where this process began it.
  let begun: number | undefined;
  const id = stepId(machine, `pass-${plan.pass}`);
  const runs = (now: View): RunPlan[] => passRuns(now, machine, plan, pacer.pace);
  return {
    id,
    phase: 'sync',
    subject: machine,
    title: titleOf(machine, plan) + liveNote(view, machine, plan.pass),
    needs: [...(needs ?? [stepId(machine, 'path')]), ...surveyBefore(view, machine, plan)],
    resources: resourcesOf(view, machine, streamsOf(view, machine)),
    retry: PASS_RETRY,
    preview: now => [
      ...(attemptOf(now, machine, plan.pass) > 1 ? reopenActions(now, machine) : []),
      ...keeperActions(now, machine, plan.pass),
      ...actionsOf(now, machine, runs(now)),
    ],
    async done(context) {
      const pass = stateOf(context, machine, plan.pass);
      return pass?.ended !== undefined && pass.judged !== undefined;
    },
    async run(context, signal) {
      if (stateOf(context, machine, plan.pass)?.ended === undefined) {
        const resumes = await begin(context, machine, plan, runs(context));
        if (!resumes) begun = context.clock.monotonic();
        const attempt = attemptOf(context, machine, plan.pass);
        if (attempt > 1) await reopen(context, machine, signal);
        const hold = await takeHold(
          context,
          { machine, pass: plan.pass, attempt },
          async () => void (await Promise.all(runs(context).map(run => discardStream(context, run)))),
          signal,
        );
        const outcomes = await held(hold, signal, () =>
          copy(context, { machine, plan, runs, pacer, resumes }, signal),
        );
        const startedAt = stateOf(context, machine, plan.pass)?.startedAt ?? context.clock.now();
        const released = await hold.release(startedAt, signal);
        const now = context.clock.now();
        const ms = begun === undefined ? now - startedAt : context.clock.monotonic() - begun;
        const caught = { ...released, startedAt, ms, instantOf: hold.instantOf };
        await end(context, machine, plan, outcomes, caught);
        if (released.problem !== undefined) throw released.problem;
      }
      await judged(context, machine, plan.pass);
      await Promise.all(runs(context).map(run => clearStream(context, run)));
    },
    // Nothing of it is kept: the pass begins again as a whole, so that it still is one round over the machine.
    async halt(context) {
      if (stateOf(context, machine, plan.pass)?.ended !== undefined) return;
      await Promise.all(runs(context).map(run => discardStream(context, run)));
      await dropHold(context, machine, plan.pass);
    },
  };
}

/** What holds the source in one instant is let go, too, where the copy breaks off. */
async function held<T>(hold: Hold, signal: AbortSignal, copying: () => Promise<T>): Promise<T> {
  try {
    return await copying();
  } catch (error) {
    await hold.drop(error, signal);
    throw error;
  }
}

/** Every pass and verification takes the replica, its streams of the link and one place on the hypervisor it reads from. */
export function resourcesOf({ plan }: View, machine: string, streams = 1): Resource[] {
  const hypervisor = plan.machines[machine]?.source.hypervisor;
  return [
    { key: `replica:${machine}`, units: 1 },
    { key: 'link', units: streams },
    ...(hypervisor === undefined ? [] : [{ key: `host:${hypervisor}`, units: 1 }]),
  ];
}

function titleOf(machine: string, { pass, kind, checksum, reason }: PassPlan): string {
  const how = checksum ? ', comparing contents' : '';
  return `pass ${pass} of ${machine}, ${kind}${how}: ${reason}`;
}

const stateOf = ({ state }: View, machine: string, pass: number) =>
  state.machines[machine]?.passes.find(known => known.pass === pass);

const attemptOf = ({ state }: View, machine: string, pass: number): number =>
  state.steps[stepId(machine, `pass-${pass}`)]?.attempts ?? 1;

/**
 * Once per pass: one whose jobs are found again goes on, and exposure counts from its first beginning. One of which
 * nothing is left on the source (it was paused, or the source was restarted) begins anew under its number.
 * True where the pass goes on from what is there.
 */
async function begin(
  context: StepContext,
  machine: string,
  plan: PassPlan,
  runs: readonly RunPlan[],
): Promise<boolean> {
  if (stateOf(context, machine, plan.pass) !== undefined) {
    // A further attempt after a failure belongs to the same round.
    if (attemptOf(context, machine, plan.pass) > 1) return true;
    const left = await Promise.all(runs.map(({ job, stream }) => isThere(context, { ...job, job: stream })));
    if (left.some(Boolean)) return true;
  }
  // Together: each is a question or two to the source, which may be far away.
  await Promise.all(runs.map(run => discardStream(context, run)));
  // A crash right after the record of the last pass may have left its jobs in the source's memory.
  const before = { ...plan, pass: plan.pass - 1 };
  const pace: Pace = { rate: undefined, parts: new Map() };
  if (plan.pass > 1)
    await Promise.all(passRuns(context, machine, before, pace).map(run => clearStream(context, run)));
  await context.emit({
    type: 'pass.started',
    machine,
    pass: plan.pass,
    kind: plan.kind,
    mover: 'files',
    reason: plan.reason,
    checksum: plan.checksum,
    ...predictionOf(context, machine, plan, context.clock.now()),
  });
  return false;
}

interface Copying {
  readonly machine: string;
  readonly plan: PassPlan;
  readonly runs: (now: View) => RunPlan[];
  readonly pacer: Pacer;
  readonly resumes: boolean;
}

async function copy(
  context: StepContext,
  { machine, plan, runs, pacer, resumes }: Copying,
  signal: AbortSignal,
): Promise<RunOutcome[]> {
  pacer.settle(context, context.clock.now());
  const attempt = attemptOf(context, machine, plan.pass);
  const groups = [...Map.groupBy(runs(context), ({ fileSystem }) => fileSystem.mountpoint).values()];
  const entries = groups.map(([first]) => first?.fileSystem.inodesUsed ?? 0);
  const entriesTotal = entries.reduce((sum, count) => sum + count, 0);
  const planned = (stream: string): RunPlan => {
    const run = runs(context).find(each => each.stream === stream);
    if (run === undefined) throw new RangeError(`the pass has no stream ${stream} any more`);
    return run;
  };
  const over = new AbortController();
  const watching = pacer.watch(context, AbortSignal.any([signal, over.signal]));
  const outcomes: RunOutcome[] = [];
  let entriesBefore = 0;
  try {
    // One after the other: a child's mount point must exist before its files.
    for (const [index, streams] of groups.entries()) {
      const shared = { machine, plan, planned, pacer, attempt, resumes };
      outcomes.push(await runOnce(context, { ...shared, streams, entriesBefore, entriesTotal }, signal));
      await requireStillMounted(context, streams, signal);
      entriesBefore += entries[index] ?? 0;
    }
  } finally {
    over.abort();
    await watching;
  }
  return outcomes;
}

/**
 * What was unmounted between the look at it and the first read of rsync was copied as an empty directory: such a pass
 * counts for nothing. The root cannot go away.
 */
async function requireStillMounted(
  context: StepContext,
  streams: readonly RunPlan[],
  signal: AbortSignal,
): Promise<void> {
  const [first] = streams;
  if (first === undefined || first.fileSystem.mountpoint === '/') return;
  try {
    await requireMounted(await context.host(first.job.host), first, signal);
  } catch (error) {
    if (error instanceof LandfallError && error.code === 'sync.source-suspicious')
      await Promise.all(streams.map(run => discardStream(context, run)));
    throw error;
  }
}

async function end(
  context: StepContext,
  machine: string,
  plan: PassPlan,
  outcomes: readonly RunOutcome[],
  caught: Released & {
    readonly startedAt: number;
    readonly ms: number;
    readonly instantOf: Hold['instantOf'];
  },
): Promise<void> {
  const { startedAt, ms, consistency, instantOf } = caught;
  const hot: HotPath[] = outcomes
    .flatMap(outcome => outcome.hot)
    .toSorted((a, b) => b.bytes - a.bytes)
    .slice(0, HOT_KEPT);
  await context.emit({
    type: 'pass.ended',
    machine,
    pass: plan.pass,
    kind: plan.kind,
    mover: 'files',
    consistency,
    startedAt,
    ms: Math.max(0, Math.round(ms)),
    // What was written after the instant of a snapshot is newer than the copy, however early rsync began.
    runs: outcomes.map(({ run }) => ({ ...run, startedAt: instantOf(run.mountpoint) ?? run.startedAt })),
    hot,
  });
}

async function judged(context: StepContext, machine: string, pass: number): Promise<void> {
  if (stateOf(context, machine, pass)?.judged !== undefined) return;
  const { verdict, why, help } = judge(context.state.machines[machine]?.passes ?? [], settingsOf(context));
  await context.emit({ type: 'pass.judged', machine, pass, verdict, why, help: [...help] });
}
