import { describe } from '../step/action.ts';
import type { Step, StepContext, View } from '../step/step.ts';
import { adoptOrStart, clear, discard, followRun } from './follow.ts';
import { failureOf, type RunEnd, reactionTo, unreadable } from './movers/files/failure.ts';
import { parseStats, type Stats } from './movers/files/stats.ts';
import { stepId } from './names.ts';
import { actionsOf, measureRuns, type RunPlan } from './pass-actions.ts';
import { passLog } from './pass-log.ts';
import { resourcesOf } from './passes.ts';
import { WAITING_RETRY } from './retry.ts';

/** Whether there is a copy against which a machine can be measured. */
export const canMeasure = ({ state }: View, machine: string): boolean =>
  Object.hasOwn(state.machines, machine) &&
  state.machines[machine]?.passes.some(({ ended }) => ended !== undefined) === true;

/** `sync/<m>/measure`, while somebody waits for its answer. */
export function measureSteps(view: View, machine: string): Step[] {
  const asked = view.state.machines[machine]?.measureRequested;
  return asked === undefined || !canMeasure(view, machine) ? [] : [measureStep(view, machine)];
}

/**
 * Counts what the next pass would bring, by the very comparison that it would make, and copies nothing: the exposure of
 * that moment. It waits for a pass that runs, and takes no share of the link: only names and times travel.
 */
export function measureStep(view: View, machine: string): Step {
  return {
    id: stepId(machine, 'measure'),
    phase: 'sync',
    subject: machine,
    title: `count what the next pass of ${machine} would bring; nothing is copied`,
    needs: [stepId(machine, 'path')],
    resources: resourcesOf(view, machine).filter(({ key }) => key !== 'link'),
    retry: WAITING_RETRY,
    repeats: true,
    preview: now => actionsOf(now, machine, measureRuns(now, machine)),
    // It is done when it was answered: what was counted once says nothing of now.
    async done({ state }) {
      return state.machines[machine]?.measureRequested === undefined;
    },
    run: (context, signal) => measure(context, machine, signal),
    async halt(context) {
      await Promise.all(measureRuns(context, machine).map(({ job }) => discard(context, job)));
    },
  };
}

async function measure(context: StepContext, machine: string, signal: AbortSignal): Promise<void> {
  const startedAt = context.clock.now();
  const plans = measureRuns(context, machine);
  const counted: Stats[] = [];
  for (const plan of plans) {
    // One that was left behind had counted an earlier moment.
    await discard(context, plan.job);
    counted.push(await measureRun(context, machine, plan, signal));
  }
  const sum = (value: (stats: Stats) => number): number =>
    counted.reduce((total, stats) => total + value(stats), 0);
  await context.emit({
    type: 'exposure.measured',
    machine,
    startedAt,
    files: sum(stats => stats.filesTransferred),
    bytes: sum(stats => stats.transferredBytes),
    deletions: sum(stats => stats.filesDeleted),
  });
  await Promise.all(plans.map(({ job }) => clear(context, job)));
}

async function measureRun(
  context: StepContext,
  machine: string,
  plan: RunPlan,
  signal: AbortSignal,
): Promise<Stats> {
  const { mountpoint } = plan.fileSystem;
  context.sample({ text: `counting what differs in ${mountpoint}` });
  const job = await adoptOrStart(context, plan, signal);
  const finished = await followRun(context, job, mountpoint, { signal });
  await context.keepLog(`${plan.job.job}.log`, passLog(plan, finished, []));
  const end: RunEnd = {
    code: finished.end.code,
    complaints: finished.complaints,
    attempt: context.state.steps[stepId(machine, 'measure')]?.attempts ?? 1,
    machine,
    host: machine,
    mountpoint,
    command: describe(plan.job),
  };
  const reaction = reactionTo(end);
  const stats = parseStats(finished.lines);
  // Paths that could not be read were not counted: less than all is no measurement.
  if ((reaction === 'ok' || reaction === 'ok-vanished') && stats !== undefined) return stats;
  await clear(context, plan.job);
  throw reaction === 'ok' || reaction === 'ok-vanished' ? unreadable(end, finished.lines) : failureOf(end);
}
