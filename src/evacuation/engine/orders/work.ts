import { didYouMean } from '../../../foundation/spelling.ts';
import { counted, formatBitRate } from '../../../foundation/units.ts';
import type { EventBody } from '../../../journal/events.ts';
import { linkLimit } from '../../../sync/index.ts';
import { holdOf } from '../../held.ts';
import type { CommandOf } from '../command.ts';
import {
  type Decision,
  type Desktop,
  failedSteps,
  isRunning,
  machineState,
  machinesOf,
  nothingToDo,
  reasonOf,
  refuse,
  requireMachine,
  retryEvents,
  stepsAbout,
} from './decision.ts';

/** One more pass, failed steps once more, and how fast. */

export function sync({ machine, reason }: CommandOf<'sync'>, desk: Desktop): Decision {
  const machines = machinesOf(desk, machine);
  const begun = machines.filter(name =>
    machineState(desk, name)?.passes.some(({ ended }) => ended !== undefined),
  );
  const asked = begun.filter(name => machineState(desk, name)?.requested === undefined);
  const failed = failedSteps(desk, machine);
  const why = reason ?? `ordered by ${desk.by}`;
  const parts = [
    ...(asked.length > 0 ? [`one more pass of ${counted(asked.length, 'machine')}`] : []),
    ...(begun.length > asked.length ? [`${begun.length - asked.length} had been asked for already`] : []),
    ...(failed.length > 0 ? [`${counted(failed.length, 'failed step')} tried again`] : []),
    ...(machines.length > begun.length
      ? [`${counted(machines.length - begun.length, 'machine')} still before the end of the first pass`]
      : []),
    ...waiting(desk, asked),
  ];
  const events: EventBody[] = asked.map(name => ({ type: 'pass.requested', machine: name, reason: why }));
  return {
    events: [...events, ...retryEvents(failed)],
    retry: failed,
    // A replica that was built days ago is looked at before more is copied into it; not under a copy that runs.
    recheck: asked.filter(name => !stepsAbout(desk, name).some(isRunning)),
    said: `${parts.join('; ')}.`,
  };
}

function waiting(desk: Desktop, machines: readonly string[]): string[] {
  const held = machines.filter(
    name => holdOf({ id: `sync/${name}/pass`, phase: 'sync', subject: name }, desk.state) !== undefined,
  );
  if (held.length === 0) return [];
  return [
    `${held.length === machines.length ? 'they wait' : `${held.length} of them wait`} until what holds them is lifted`,
  ];
}

export function retry({ machine, step }: CommandOf<'retry'>, desk: Desktop): Decision {
  // Steps of a database are tried again as those of a machine are.
  if (machine !== undefined && !Object.hasOwn(desk.plan.databases, machine)) requireMachine(desk, machine);
  const retrying = stepsAbout(desk, machine).filter(({ status }) => status === 'retrying');
  const candidates = [...failedSteps(desk, machine), ...retrying.map(({ id }) => id)];
  const chosen = step === undefined ? candidates : candidates.filter(id => id === step);
  if (chosen.length === 0) {
    if (step !== undefined && candidates.length > 0)
      throw refuse(`no failed step is called ${step}`, [
        didYouMean(step, candidates) ?? 'look at the list of steps',
      ]);
    return nothingToDo(
      `nothing ${machine === undefined ? '' : `of ${machine} `}has failed: there is nothing to try again.`,
    );
  }
  // A step that waits for its next attempt has not failed yet: it is only hurried.
  const failed = chosen.filter(id => desk.state.steps[id]?.status === 'failed');
  return {
    events: retryEvents(failed),
    retry: chosen,
    said: `${counted(chosen.length, 'step')} ${chosen.length === 1 ? 'is' : 'are'} tried again; what they need is looked at first.`,
  };
}

/** Bytes per second. */
const LEAST_RATE = 1024;
const MOST_RATE = 1e12;

export function throttle({ bytesPerSecond, reason }: CommandOf<'throttle'>, desk: Desktop): Decision {
  const { plan, state, now } = desk;
  if (bytesPerSecond !== null && !(bytesPerSecond >= LEAST_RATE && bytesPerSecond <= MOST_RATE))
    throw refuse(
      `a limit lies between ${formatBitRate(LEAST_RATE)} and ${formatBitRate(MOST_RATE)}`,
      ['give a rate between them, or pause what is not to be copied'],
      'rsync counts in whole kilobytes a second, and takes no limit beyond',
    );
  const before = state.evacuation?.throttle;
  if (bytesPerSecond === null && before === undefined)
    return nothingToDo(`the link is not throttled; the plan's limit holds: ${ofPlan(desk)}.`);
  const running = Object.values(state.steps).filter(each => each.phase === 'sync' && isRunning(each)).length;
  const limit = linkLimit(plan.link, now);
  const above = bytesPerSecond !== null && limit !== undefined && bytesPerSecond > limit;
  const rate =
    bytesPerSecond === null
      ? `the throttle is lifted and the plan's limit holds again, ${ofPlan(desk)}`
      : `the link is limited to ${formatBitRate(bytesPerSecond)}${above ? `, more than the plan's ${formatBitRate(limit)}` : ''}`;
  return {
    events: [{ type: 'link.throttled', bytesPerSecond, ...reasonOf(reason) }],
    said: `${rate}, for passes that begin from now on${
      running === 0
        ? ''
        : `; ${counted(running, 'step')} that ${running === 1 ? 'copies' : 'copy'} now ${running === 1 ? 'keeps its' : 'keep their'} rate: pause and resume applies it at once`
    }.`,
  };
}

function ofPlan({ plan, now }: Desktop): string {
  const limit = linkLimit(plan.link, now);
  return limit === undefined ? 'none' : formatBitRate(limit);
}
