import type { NextWhenIdle } from '../../evacuation/conductor.ts';
import { passRequests, proofRequests } from '../../evacuation/evacuate.ts';
import type { EventBody } from '../../journal/events.ts';
import type { MachineState, State } from '../../journal/state.ts';
import { LAST_PASS, LAST_PROOF } from './reasons.ts';

export const isInSecondHalf = (state: State): boolean =>
  Object.values(state.machines).some(
    machine =>
      machine.requested?.reason === LAST_PASS || machine.passes.some(pass => pass.reason === LAST_PASS),
  );

/**
 * Every machine had its last pass, the newest one was compared, and a copy of it was booted; an engineer may have asked
 * for more. Rehearsals of a landfall that booted nothing are over when they have ended.
 */
export function isFinished(state: State): boolean {
  const machines = (state.evacuation?.machines ?? []).map(name => state.machines[name]);
  if (machines.length === 0 || !machines.every(hasLastCopy)) return false;
  const neverBooted = machines.every(machine => machine?.proofs === undefined && !isAsked(machine));
  return neverBooted ? state.evacuation?.phase === 'ended' : machines.every(hasBooted);
}

const hasLastCopy = (machine: MachineState | undefined): boolean =>
  machine?.passes.some(pass => pass.reason === LAST_PASS) === true &&
  machine.verified?.pass === machine.passes.at(-1)?.pass;

const isAsked = (machine: MachineState | undefined): boolean => machine?.proofRequested !== undefined;

const hasBooted = (machine: MachineState | undefined): boolean =>
  machine?.proofs?.at(-1)?.ended !== undefined && !isAsked(machine);

export interface HalvesOptions {
  /** True where an earlier rehearsal was interrupted in its second half. */
  readonly inSecondHalf: boolean;
  /** Stops the writer of the lab; called once, between the halves. */
  readonly stopWriter: () => Promise<void>;
  /** Goes on after the comparison, and after failures, until this resolves. */
  readonly stay?: (signal: AbortSignal) => Promise<void>;
  /** Ends it although something is still held: whoever should have approved it is gone. */
  readonly abandon?: () => void;
}

export interface Halves {
  readonly nextWhenIdle: NextWhenIdle;
  /** False where the first half was all there was. */
  readonly reachedSecond: boolean;
}

/**
 * A rehearsal as one evacuation: when nothing is left to do while the writer writes, the writer stops and every machine
 * gets its last pass; when nothing is left then, every file was compared, and every copy without a failure is booted
 * once. Then the rehearsal is over.
 */
export function halvesOf({ inSecondHalf, stopWriter, stay, abandon }: HalvesOptions): Halves {
  let half: 'first' | 'second' = inSecondHalf ? 'second' : 'first';
  const over = async (signal: AbortSignal): Promise<'end'> => {
    await stay?.(signal);
    return 'end';
  };
  return {
    get reachedSecond() {
      return half !== 'first';
    },
    async nextWhenIdle(outcome, state, signal) {
      if (outcome.held.length > 0) {
        await stay?.(signal);
        if (stay !== undefined) abandon?.();
        return 'wait';
      }
      // What failed needs an engineer; without one there is nothing to wait for.
      if (half === 'first' && outcome.failed.length > 0) return over(signal);
      if (half === 'first') {
        const requests = passRequests(state, LAST_PASS);
        if (requests.length === 0) return over(signal);
        await stopWriter();
        half = 'second';
        return [note('LAB: the writer has stopped; one more pass, then every file is compared'), ...requests];
      }
      const machines = (state.evacuation?.machines ?? []).filter(name => {
        const machine = state.machines[name];
        return hasLastCopy(machine) && machine?.failure === undefined && machine?.proofs === undefined;
      });
      const proofs = proofRequests(state, { machines, reason: LAST_PROOF });
      if (proofs.length > 0)
        return [note('LAB: the copies are compared; now an overlay of each is booted'), ...proofs];
      return over(signal);
    },
  };
}

const note = (text: string): EventBody => ({ type: 'note.added', text });
