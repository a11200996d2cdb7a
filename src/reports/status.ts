import { harmless } from '../foundation/text.ts';
import type { CutoverMachineState, CutoverState, MachineState, State } from '../journal/state.ts';
import { isGivenUp, isVerified, newestEnded, openPass, own } from '../readiness/copy.ts';
import { bootFailed, openProof } from '../readiness/proofs.ts';
import type { Status } from './shape.ts';

/** What is going on around a machine, as far as its status depends on it. */
export interface Surroundings {
  /** A step of this machine is under way. */
  readonly running: boolean;
  /** The whole evacuation is paused. */
  readonly paused: boolean;
  /** What a cutover has done to it; absent where none has, or where it was taken back. */
  readonly cutover?: CutoverMachineState;
}

export function surroundingsOf(state: State, name: string, running: boolean): Surroundings {
  const cutover = cutoverOf(state.cutover, name);
  return {
    running,
    paused: state.evacuation?.paused !== undefined,
    ...(cutover === undefined ? {} : { cutover }),
  };
}

const cutoverOf = (cutover: CutoverState | undefined, name: string): CutoverMachineState | undefined =>
  cutover === undefined ? undefined : own(cutover.machines, name);

/** Where the machine stands on its walk, in two words. It never says `ready`: that is the verdict's word. */
export function statusOf(
  machine: MachineState | undefined,
  { running, paused, cutover }: Surroundings,
): Status {
  if (machine === undefined) return { kind: 'unknown', word: 'not begun' };
  if (machine.failure !== undefined) return { kind: 'bad', word: failureWord(machine.failure.error.code) };
  const over = overOf(cutover);
  if (over !== undefined) return over;
  const pass = openPass(machine);
  const open = pass !== undefined;
  if ((machine.verified?.mismatches.length ?? 0) > 0 && !open) return { kind: 'bad', word: 'copy differs' };
  // A pause takes hold when what runs has stopped; until then the work itself is the news.
  if ((paused || machine.paused !== undefined) && !running) return { kind: 'warn', word: 'paused' };
  if (machine.cared?.act === 'stop' && !running) return { kind: 'warn', word: 'source spared' };
  if (open && isGivenUp(machine, pass))
    return running ? { kind: 'busy', word: 'changing mover' } : { kind: 'warn', word: 'pass given up' };
  if (open) return { kind: 'busy', word: 'copying' };
  const newest = newestEnded(machine);
  if (newest === undefined) return beforePasses(machine);
  const judged = newest.judged?.verdict;
  if (judged === 'not-converging') return { kind: 'warn', word: 'not converging' };
  if (judged === 'exhausted') return { kind: 'warn', word: 'passes used up' };
  // A proof detaches the disks and puts them back: nothing else goes on meanwhile.
  if (running && openProof(machine) !== undefined) return { kind: 'busy', word: 'proving' };
  if (bootFailed(machine)) return { kind: 'bad', word: 'does not boot' };
  if (isVerified(machine)) return { kind: 'ok', word: 'verified' };
  return judged === 'converged'
    ? { kind: 'busy', word: 'to be verified' }
    : { kind: 'busy', word: 'converging' };
}

function beforePasses(machine: MachineState): Status {
  if (machine.observed === undefined) return { kind: 'unknown', word: 'no inventory' };
  if (machine.replica === undefined) return { kind: 'unknown', word: 'not built' };
  // Blocks need no receiver that is prepared: their volumes are all there is to build.
  const isPrepared = machine.receiver?.prepared !== undefined || machine.mover?.mover === 'blocks';
  if (!isPrepared) return { kind: 'busy', word: 'building' };
  return { kind: 'busy', word: 'built' };
}

/** `sync.target-full` reads `target full`. */
function failureWord(code: string): string {
  const last = code.split('.').at(-1) ?? '';
  return last === '' ? 'failed' : harmless(last.replaceAll('-', ' '));
}

/** From the power-off on nothing that a pass or a proof would say is news. */
function overOf(cutover: CutoverMachineState | undefined): Status | undefined {
  if (cutover === undefined) return undefined;
  const { committedAt, started, overlaid, poweredOff } = cutover;
  if (committedAt !== undefined) return { kind: 'ok', word: 'cut over' };
  if (started !== undefined) return { kind: 'busy', word: 'standby runs' };
  if (overlaid !== undefined) return { kind: 'busy', word: 'standby starts' };
  return poweredOff === undefined ? undefined : { kind: 'busy', word: 'source off' };
}
