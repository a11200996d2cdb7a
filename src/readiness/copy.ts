import type { MachineState, PassState } from '../journal/state.ts';

/** Which copy of a machine can be relied on: the one place where this is decided. */

export type EndedPass = PassState & { readonly ended: NonNullable<PassState['ended']> };

/** A record's own entry: names come from people, and `constructor` is a valid machine name. */
export function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

const isEnded = (pass: PassState): pass is EndedPass => pass.ended !== undefined;

/** Completed passes, lowest number first. */
export function endedPasses(machine: MachineState | undefined): EndedPass[] {
  return (machine?.passes ?? []).filter(isEnded).sort((a, b) => a.pass - b.pass);
}

/** The last `count` of them, lowest number first, without sorting them all. */
export function lastEnded(machine: MachineState | undefined, count: number): EndedPass[] {
  const passes = machine?.passes ?? [];
  const last: EndedPass[] = [];
  // From the end: there the highest numbers nearly always are, so that the rest costs one comparison each.
  for (let index = passes.length - 1; index >= 0; index -= 1) {
    const pass = passes[index];
    if (pass === undefined || !isEnded(pass)) continue;
    if (last.length === count && pass.pass <= (last[0]?.pass ?? 0)) continue;
    const at = last.findIndex(each => each.pass >= pass.pass);
    last.splice(at < 0 ? last.length : at, 0, pass);
    if (last.length > count) last.shift();
  }
  return last;
}

/** The last of them, without sorting: screens ask for every machine, every second. */
export function newestEnded(machine: MachineState | undefined): EndedPass | undefined {
  return highest(machine, isEnded);
}

/** The pass with the highest number among those that the condition takes; of equal ones the later. */
function highest(
  machine: MachineState | undefined,
  takes: (pass: PassState) => pass is EndedPass,
): EndedPass | undefined {
  let found: EndedPass | undefined;
  for (const pass of machine?.passes ?? []) {
    if (takes(pass) && (found === undefined || pass.pass >= found.pass)) found = pass;
  }
  return found;
}

const endedPass = (machine: MachineState | undefined, number: number): EndedPass | undefined =>
  machine?.passes.find((each): each is EndedPass => each.pass === number && isEnded(each));

/** True where `a` wrote to the replica after `b` did; a clock that was set back must not hide it, so either order counts. */
const isAfter = (a: PassState, b: PassState): boolean => a.pass > b.pass || a.startedAt > b.startedAt;

/** A pass that began and did not end, and that no later pass has repaired: the replica is between two states. */
export function openPass(machine: MachineState | undefined): PassState | undefined {
  const begun = machine?.passes.filter(pass => pass.ended === undefined) ?? [];
  if (begun.length === 0) return undefined;
  const newest = newestEnded(machine);
  return begun.findLast(pass => newest === undefined || isAfter(pass, newest));
}

/**
 * True for a pass that does not go on: another mover has the machine since, or a later pass has begun. What it had begun to
 * write is brought to its end before that.
 */
export function isGivenUp(machine: MachineState | undefined, pass: PassState): boolean {
  if (machine === undefined || pass.ended !== undefined) return false;
  const last = machine.passes.at(-1);
  if (last !== undefined && last.pass > pass.pass) return true;
  return machine.mover !== undefined && machine.mover.mover !== pass.mover;
}

/** The open pass, where it goes on or will. */
export function passUnderWay(machine: MachineState | undefined): PassState | undefined {
  const open = openPass(machine);
  return open === undefined || isGivenUp(machine, open) ? undefined : open;
}

/** The completed pass that was written over the given one last. */
export function passAfter(machine: MachineState | undefined, number: number): EndedPass | undefined {
  const pass = endedPass(machine, number);
  if (pass === undefined) return undefined;
  return highest(machine, (each): each is EndedPass => isEnded(each) && isAfter(each, pass));
}

export function literalBytes(pass: EndedPass): number {
  return pass.ended.runs.reduce((sum, run) => sum + run.literalBytes, 0);
}

export function sentBytes(pass: EndedPass): number {
  return pass.ended.runs.reduce((sum, run) => sum + run.sentBytes, 0);
}

export type SafeCopy =
  | { readonly kind: 'none'; readonly why: string }
  | {
      readonly kind: 'verified';
      readonly pass: number;
      /** When that pass began, epoch ms: by the earliest of the clocks that recorded it. */
      readonly since: number;
      readonly verifiedAt: number;
      /** Differences that the living source made after the pass. */
      readonly live: number;
    };

const none = (why: string): SafeCopy => ({ kind: 'none', why });

/** The last copy that was compared with its source and found equal; anything doubtful is no copy at all. */
export function safeCopy(machine: MachineState | undefined): SafeCopy {
  if (newestEnded(machine) === undefined) return none('no pass has been completed yet');
  const verified = machine?.verified;
  if (machine === undefined || verified === undefined) return none('no copy has been verified yet');
  if (verified.mismatches.length > 0) {
    const count = verified.mismatches.length;
    return none(`the last verification found ${count} ${count === 1 ? 'difference' : 'differences'}`);
  }
  const pass = endedPass(machine, verified.pass);
  if (pass === undefined) return none(`the verification names pass ${verified.pass}, which never ended`);
  if (verified.at <= pass.startedAt) {
    return none(`pass ${verified.pass} was copied again after it had been verified`);
  }
  const { replica } = machine;
  if (replica !== undefined && (replica.at > verified.at || (replica.afterPass ?? 0) >= verified.pass)) {
    return none('the replica was made anew after the last verification');
  }
  return {
    kind: 'verified',
    pass: verified.pass,
    // A pass is timed by its host, the journal by this machine: the earlier time is the safe one.
    since: Math.min(verified.passStartedAt, pass.startedAt, verified.at),
    verifiedAt: verified.at,
    live: verified.live,
  };
}

/** True where the newest completed pass was compared with its source; one that is open now is not looked at. */
export function isVerified(machine: MachineState | undefined): boolean {
  const copy = safeCopy(machine);
  return copy.kind === 'verified' && passAfter(machine, copy.pass) === undefined;
}

/** True where the last verification speaks for what the replica holds now. */
export function vouches(machine: MachineState | undefined): boolean {
  return isVerified(machine) && openPass(machine) === undefined;
}
