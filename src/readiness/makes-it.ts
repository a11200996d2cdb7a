import type { MachineState } from '../journal/state.ts';
import type { View } from '../step/step.ts';
import { endedPasses, newestEnded, openPass, own, passAfter, passUnderWay, safeCopy } from './copy.ts';

/** Whether a machine has a verified copy before the earliest credible loss: a forecast, never evidence. */
export interface MakesIt {
  readonly machine: string;
  readonly verdict: 'will-make-it' | 'at-risk' | 'cannot-say';
  /** Time to the deadline, less the remaining work. */
  readonly spareMs?: number;
  readonly remainingMs?: number;
  readonly why: string;
}

/** Forecasts from one or two passes are rough: the work must fit this many times into the time left. */
const SAFETY = 1.5;

export function makesIt(view: View, name: string, now: number): MakesIt {
  const deadline = deadlineOf(view);
  const say = (verdict: MakesIt['verdict'], why: string, remainingMs?: number): MakesIt => ({
    machine: name,
    verdict,
    why,
    ...(remainingMs === undefined || deadline === undefined
      ? {}
      : { remainingMs, spareMs: deadline - now - remainingMs }),
  });
  if (deadline === undefined) return say('cannot-say', 'the evacuation has not begun: no deadline is fixed');
  const left = deadline - now;
  if (!Number.isFinite(left)) return say('cannot-say', 'the deadline is no point in time');
  if (left <= 0) return say('at-risk', 'the earliest credible loss has passed');
  const machine = own(view.state.machines, name);
  if (machine?.failure !== undefined) return say('at-risk', `${machine.failure.step} failed: fix that first`);

  const copy = safeCopy(machine);
  const open = openPass(machine);
  const newest = newestEnded(machine);
  if (copy.kind === 'verified' && open === undefined && passAfter(machine, copy.pass) === undefined) {
    return say('will-make-it', `pass ${copy.pass} is verified; later passes only make it fresher`, 0);
  }
  const remaining = remainingWork(machine, now);
  if (remaining === undefined) {
    const which = newest === undefined ? 'no pass' : `no pass by ${machine?.mover?.mover ?? 'it'}`;
    return say('cannot-say', `${which} has been measured yet, so there is nothing to forecast from`);
  }
  if (remaining * SAFETY > left) return say('at-risk', 'the remaining work hardly fits', remaining);
  if (newest?.judged?.verdict === 'not-converging' && copy.kind === 'none') {
    return say('at-risk', `it does not converge: ${newest.judged.why}`, remaining);
  }
  return say('will-make-it', 'the remaining work fits', remaining);
}

/** The rest of the running pass (or one more of the last kind), and one verification after it. */
function remainingWork(machine: MachineState | undefined, now: number): number | undefined {
  const open = passUnderWay(machine);
  const newest = newestEnded(machine);
  const predicted = nextPassMs(machine);
  if (predicted === undefined) return undefined;
  const running = open === undefined ? 0 : Math.max(0, now - open.startedAt);
  const unverified =
    newest !== undefined && machine?.verified?.pass !== newest.pass && openPass(machine) === undefined;
  // A pass that has overrun its forecast is given as long again as it overran.
  const rest = unverified ? 0 : running > predicted ? running - predicted : predicted - running;
  // A verification reads everything, like a full pass does.
  const full = endedPasses(machine).find(pass => pass.kind === 'full')?.ended.ms;
  const verification = machine?.verified?.ms ?? full ?? predicted;
  return rest + verification;
}

/**
 * How long the pass that is under way was said to take, otherwise how long the last one took, milliseconds. Undefined
 * without either, and where another mover has the machine since: what its passes take nobody has seen.
 */
export function nextPassMs(machine: MachineState | undefined): number | undefined {
  const newest = newestEnded(machine);
  const isOfAnother = machine?.mover !== undefined && newest?.mover !== machine.mover.mover;
  return passUnderWay(machine)?.predictedMs ?? (isOfAnother ? undefined : newest?.ended.ms);
}

/** The earliest credible loss, epoch ms: as fixed when the evacuation began, or as the plan says it. */
export function deadlineOf(view: View): number | undefined {
  const planned = view.plan.deadline.earliest;
  return view.state.evacuation?.deadline.earliest ?? (planned.kind === 'at' ? planned.epochMs : undefined);
}
