import type { Consistency } from '../journal/events.ts';
import { get } from '../journal/maps.ts';
import type { Resource, Step, StepContext, View } from '../step/step.ts';
import { judge } from './converge.ts';
import { clear, discard, isThere } from './follow.ts';
import { forecast } from './forecast.ts';
import type { HotPath } from './hot.ts';
import { streamLimit } from './link-limit.ts';
import { stepId } from './names.ts';
import { actionsOf, passRuns, type RunPlan } from './pass-actions.ts';
import { type RunOutcome, runOnce } from './pass-run.ts';
import { type PassPlan, settingsOf } from './plan-passes.ts';
import { LINK_RETRY } from './retry.ts';

/** How many hot paths the journal keeps for a pass. */
const HOT_KEPT = 20;

/**
 * `sync/<m>/pass-<n>`: one round over all real file systems of the source, parents first, one remote job each.
 *
 * `done` asks the journal, not the hosts: whether a pass took place cannot be seen in the replica, only how well it
 * is in step, and that is what verification asks.
 */
export function passStep(view: View, machine: string, plan: PassPlan, needs?: readonly string[]): Step {
  // The share of the link is settled once: a pass keeps the rate it began with.
  const throttle = view.state.evacuation?.throttle?.bytesPerSecond;
  const limit = streamLimit(view.plan.link, view.state.lastAt, throttle);
  const id = stepId(machine, `pass-${plan.pass}`);
  const runs = (now: View): RunPlan[] => passRuns(now, machine, plan, limit);
  return {
    id,
    phase: 'sync',
    subject: machine,
    title: titleOf(machine, plan),
    needs: needs ?? [stepId(machine, 'path')],
    resources: resourcesOf(view, machine),
    retry: LINK_RETRY,
    preview: now => actionsOf(now, machine, runs(now)),
    async done(context) {
      const pass = stateOf(context, machine, plan.pass);
      return pass?.ended !== undefined && pass.judged !== undefined;
    },
    async run(context, signal) {
      const plans = runs(context);
      if (stateOf(context, machine, plan.pass)?.ended === undefined) {
        await begin(context, machine, plan, limit);
        const outcomes = await copy(context, machine, plan, plans, signal);
        await end(context, machine, plan, outcomes);
      }
      await judged(context, machine, plan.pass);
      await Promise.all(plans.map(({ job }) => clear(context, job)));
    },
    // Nothing of it is kept: the pass begins again as a whole, so that it still is one round over the machine.
    async halt(context) {
      if (stateOf(context, machine, plan.pass)?.ended !== undefined) return;
      await Promise.all(runs(context).map(({ job }) => discard(context, job)));
    },
  };
}

/** Every pass and verification takes the replica, one stream of the link and one place on the hypervisor it reads from. */
export function resourcesOf({ plan }: View, machine: string): Resource[] {
  const hypervisor = plan.machines[machine]?.source.hypervisor;
  return [
    { key: `replica:${machine}`, units: 1 },
    { key: 'link', units: 1 },
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
 */
async function begin(
  context: StepContext,
  machine: string,
  plan: PassPlan,
  limit: number | undefined,
): Promise<void> {
  if (stateOf(context, machine, plan.pass) !== undefined) {
    // A further attempt after a failure belongs to the same round.
    if (attemptOf(context, machine, plan.pass) > 1) return;
    const runs = passRuns(context, machine, plan, limit);
    const left = await Promise.all(runs.map(({ job }) => isThere(context, job)));
    if (left.some(Boolean)) return;
  }
  // Together: each is a question or two to the source, which may be far away.
  await Promise.all(passRuns(context, machine, plan, limit).map(({ job }) => discard(context, job)));
  // A crash right after the record of the last pass may have left its jobs in the source's memory.
  const before = { ...plan, pass: plan.pass - 1 };
  if (plan.pass > 1)
    await Promise.all(passRuns(context, machine, before, limit).map(({ job }) => clear(context, job)));
  const known = context.state.machines[machine]?.passes ?? [];
  const passes = known.filter(({ pass }) => pass !== plan.pass);
  const last = passes.at(-1)?.ended;
  const gapMs = last === undefined ? 0 : Math.max(0, context.clock.now() - last.startedAt - last.ms);
  const predictedMs = plan.checksum ? undefined : forecast(passes, settingsOf(context), gapMs)?.nextMs;
  await context.emit({
    type: 'pass.started',
    machine,
    pass: plan.pass,
    kind: plan.kind,
    mover: 'files',
    reason: plan.reason,
    checksum: plan.checksum,
    ...(predictedMs === undefined ? {} : { predictedMs: Math.round(predictedMs) }),
  });
}

async function copy(
  context: StepContext,
  machine: string,
  plan: PassPlan,
  plans: readonly RunPlan[],
  signal: AbortSignal,
): Promise<RunOutcome[]> {
  const attempt = attemptOf(context, machine, plan.pass);
  const entries = plans.map(({ fileSystem }) => fileSystem.inodesUsed);
  const entriesTotal = entries.reduce((sum, count) => sum + count, 0);
  const outcomes: RunOutcome[] = [];
  let entriesBefore = 0;
  // One after the other: a child's mount point must exist before its files, and one machine is one stream.
  for (const [index, run] of plans.entries()) {
    outcomes.push(
      await runOnce(context, { machine, plan, run, attempt, entriesBefore, entriesTotal }, signal),
    );
    entriesBefore += entries[index] ?? 0;
  }
  return outcomes;
}

async function end(
  context: StepContext,
  machine: string,
  plan: PassPlan,
  outcomes: readonly RunOutcome[],
): Promise<void> {
  const now = context.clock.now();
  const startedAt = stateOf(context, machine, plan.pass)?.startedAt ?? now;
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
    consistency: consistencyOf(context, machine, startedAt),
    startedAt,
    ms: Math.max(0, now - startedAt),
    runs: outcomes.map(outcome => outcome.run),
    hot,
  });
}

/**
 * Files of a live machine are read one after the other: the copy mixes as many instants. Where everything that writes was
 * stopped in good order before the pass began, and nothing was started again since, there is only one.
 */
function consistencyOf({ state }: StepContext, machine: string, startedAt: number): Consistency {
  const quietAt = get(state.cutover?.machines ?? {}, machine)?.stopped?.quietAt;
  return quietAt !== undefined && startedAt >= quietAt ? 'application' : 'smeared';
}

async function judged(context: StepContext, machine: string, pass: number): Promise<void> {
  if (stateOf(context, machine, pass)?.judged !== undefined) return;
  const { verdict, why, help } = judge(context.state.machines[machine]?.passes ?? [], settingsOf(context));
  await context.emit({ type: 'pass.judged', machine, pass, verdict, why, help: [...help] });
}
