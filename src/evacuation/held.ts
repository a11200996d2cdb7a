import { isGivingSourceBack, isTakingBack } from '../checklist/index.ts';
import { isSourceLost } from '../cutover/index.ts';
import type { Order, State } from '../journal/state.ts';
import type { Step } from '../step/step.ts';
import { cleanStepId, linkCleanStepId } from '../sync/index.ts';
import { modeHold } from './modes.ts';

/** Why a step is not started although it could be. */
export interface Hold {
  /**
   * `paused` by an engineer, or for the sake of production: what runs stops, too; `approval`: its stage was never let go; `mode`: the way
   * in which the storm is met does not let it begin.
   */
  readonly kind: 'paused' | 'approval' | 'mode';
  /** In words: `paused by dana@jump1`, `waits for approval of build`. */
  readonly why: string;
}

/**
 * What holds a step back; undefined where nothing does. Cleaning up is never held: it is ordered by a command of its
 * own, takes away only what landfall has brought, and refuses by itself while a copy runs.
 */
export function holdOf(step: Pick<Step, 'id' | 'phase' | 'subject'>, state: State): Hold | undefined {
  if (step.id === cleanStepId(step.subject) || step.id === linkCleanStepId(step.subject)) return undefined;
  if (step.phase === 'cutover' && state.cutover?.aborted !== undefined) {
    // Whoever has said that the source is lost must not find it started by an attempt that was still waiting for it.
    if (isGivingSourceBack(step.id) && isSourceLost(state))
      return { kind: 'mode', why: 'the source is lost' };
    // Giving the sources back is held by nothing else; going forward is over.
    return isTakingBack(step.id)
      ? undefined
      : { kind: 'paused', why: `the cutover was aborted by ${state.cutover.aborted.by}` };
  }
  const everything = state.evacuation?.paused;
  if (everything !== undefined) return { kind: 'paused', why: pausedWords(everything) };
  const machine = Object.hasOwn(state.machines, step.subject) ? state.machines[step.subject] : undefined;
  if (machine?.paused !== undefined)
    return { kind: 'paused', why: `${step.subject} is ${pausedWords(machine.paused)}` };
  const cared = machine?.cared;
  if (step.phase === 'sync' && cared?.act === 'stop' && !isPastCare(state, step.subject))
    return { kind: 'paused', why: `${step.subject} is stopped for the sake of production: ${cared.why}` };
  if (state.evacuation?.held?.includes(step.phase) === true)
    return { kind: 'approval', why: `waits for approval of ${step.phase}` };
  const mode = modeHold(step, state);
  return mode === undefined ? undefined : { kind: 'mode', why: mode };
}

/** What a cutover has made quiet serves nobody any more: its last copy waits for nothing. */
export const isPastCare = ({ cutover }: State, machine: string): boolean =>
  cutover !== undefined &&
  cutover.ended === undefined &&
  Object.hasOwn(cutover.machines, machine) &&
  cutover.machines[machine]?.stopped !== undefined;

/** Whether something holds the step back now. */
export const isHeld = (step: Pick<Step, 'id' | 'phase' | 'subject'>, state: State): boolean =>
  holdOf(step, state) !== undefined;

/** `paused by dana@jump1 (maintenance of the link)`. */
export const pausedWords = ({ by, reason }: Order): string =>
  reason === undefined ? `paused by ${by}` : `paused by ${by} (${reason})`;
