import { listed } from '../../../foundation/spelling.ts';
import { counted, formatDuration } from '../../../foundation/units.ts';
import type { Order } from '../../../journal/state.ts';
import { pausedWords } from '../../held.ts';
import type { CommandOf } from '../command.ts';
import {
  canBeStopped,
  type Decision,
  type Desktop,
  failedSteps,
  isRunning,
  machineState,
  nothingToDo,
  reasonOf,
  requireMachine,
  retryEvents,
  stepsAbout,
} from './decision.ts';

/** Pausing and resuming, of one machine or of everything. */

const since = (order: Order, now: number): string => formatDuration(Math.max(0, now - order.at));

const orderOf = (desk: Desktop, machine: string | undefined): Order | undefined =>
  machine === undefined ? desk.state.evacuation?.paused : machineState(desk, machine)?.paused;

export function pause({ machine, reason }: CommandOf<'pause'>, desk: Desktop): Decision {
  if (machine !== undefined) requireMachine(desk, machine);
  const before = orderOf(desk, machine);
  const what = machine ?? 'the evacuation';
  if (before !== undefined)
    return nothingToDo(`${what} is ${pausedWords(before)} already, for ${since(before, desk.now)}.`);
  const running = stepsAbout(desk, machine).filter(isRunning);
  const stoppable = new Set(desk.steps.filter(canBeStopped).map(({ id }) => id));
  const stopped = running.filter(({ id }) => stoppable.has(id)).length;
  return {
    events: [
      machine === undefined
        ? { type: 'evacuation.paused', ...reasonOf(reason) }
        : { type: 'machine.paused', machine, ...reasonOf(reason) },
    ],
    interrupt: `paused by ${desk.by}`,
    said: `${what} is paused; ${whatBecomesOf(stopped, running.length - stopped)}.`,
  };
}

function whatBecomesOf(stopped: number, ending: number): string {
  const parts = [
    ...(stopped === 0
      ? []
      : [
          `${counted(stopped, 'running step')} ${stopped === 1 ? 'is' : 'are'} being stopped, and what has arrived stays`,
        ]),
    ...(ending === 0
      ? []
      : [
          `${counted(ending, stopped === 0 ? 'running step' : 'more step')} ${ending === 1 ? 'comes' : 'come'} to ${ending === 1 ? 'its' : 'their'} end first`,
        ]),
  ];
  return parts.length === 0 ? 'nothing of it was running' : parts.join('; ');
}

export function resume({ machine }: CommandOf<'resume'>, desk: Desktop): Decision {
  if (machine !== undefined) requireMachine(desk, machine);
  const paused = orderOf(desk, machine);
  if (paused === undefined) return nothingToDo(notPaused(machine, desk));
  // What failed while it was being paused stood in the way of nothing else.
  const failed = failedSteps(desk, machine).filter(
    step => (desk.state.steps[step]?.endedAt ?? 0) >= paused.at,
  );
  return {
    events: [
      machine === undefined ? { type: 'evacuation.resumed' } : { type: 'machine.resumed', machine },
      ...retryEvents(failed),
    ],
    retry: failed,
    said: `${machine ?? 'the evacuation'} goes on after ${since(paused, desk.now)}${afterwards(machine, desk)}.`,
  };
}

function notPaused(machine: string | undefined, desk: Desktop): string {
  if (machine === undefined) return `the evacuation is not paused${afterwards(machine, desk)}.`;
  const all = desk.state.evacuation?.paused;
  return all === undefined
    ? `${machine} is not paused.`
    : `${machine} is not paused by itself: the whole evacuation is ${pausedWords(all)}.`;
}

/** What stays paused all the same. */
function afterwards(machine: string | undefined, desk: Desktop): string {
  if (machine !== undefined) {
    const all = desk.state.evacuation?.paused;
    return all === undefined ? '' : `, as soon as the evacuation does, which is ${pausedWords(all)}`;
  }
  const still = Object.keys(desk.plan.machines).filter(
    name => machineState(desk, name)?.paused !== undefined,
  );
  if (still.length === 0) return '';
  return `; ${listed(still)} ${still.length === 1 ? 'stays' : 'stay'} paused, each by an order of its own`;
}
