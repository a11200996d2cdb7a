import { uncovered } from '../journal/coverage.ts';
import type { MachineState, PassState } from '../journal/state.ts';
import { moverOf } from '../step/mover.ts';
import type { View } from '../step/step.ts';
import { type ConvergeSettings, judge } from './converge.ts';
import { travelling } from './file-systems.ts';
import { nextBlocksPass } from './movers/blocks/plan.ts';

/** The next pass of a machine, from the folded journal alone. */
export interface PassPlan {
  readonly pass: number;
  readonly kind: 'full' | 'delta';
  readonly reason: string;
  /** Contents are compared, not only size and time. */
  readonly checksum: boolean;
}

/** Repairs in a row before the gate is left red: a third would end like the second. */
const REPAIRS = 2;
const REPAIR = 'repair';

/**
 * The pass that is due or under way; undefined where none is. Passes go on until they are judged converged, not
 * converging or exhausted; after that only a request or a verification with differences brings another.
 */
export function nextPass(view: View, machine: string): PassPlan | undefined {
  if (moverOf(view, machine) === 'blocks') return nextBlocksPass(view, machine);
  const state = view.state.machines[machine];
  const passes = state?.passes ?? [];
  const last = passes.at(-1);
  if (last === undefined) return firstPass(view, machine);
  if (last.mover === 'blocks') return overBlocks(view, machine, last.pass + 1);
  if (last.ended === undefined || last.judged === undefined) {
    const { pass, kind, reason, checksum } = last;
    return { pass, kind, reason, checksum };
  }

  const delta = (reason: string, checksum = false): PassPlan => ({
    pass: last.pass + 1,
    kind: 'delta',
    reason,
    checksum,
  });
  // What the passes before had copied may be gone: as much work as a first copy, without a clone below it.
  if ((state?.replica?.afterPass ?? 0) >= last.pass)
    return { ...delta('the replica was made anew'), kind: 'full' };
  if (state?.requested !== undefined) return delta(state.requested.reason);
  const lastCall = lastCallAt(view);
  if (lastCall !== undefined) {
    if (last.startedAt < lastCall) return delta('the last call: one last pass');
    return repair(state, passes, delta);
  }

  const { verdict } = judge(passes, settingsOf(view));
  if (verdict === 'first') return delta('what changed during the first copy');
  if (verdict === 'converging') return delta('until the passes converge');
  if (needsContentPass(view, machine, passes))
    return delta('times are whole seconds on one side: contents are compared once', true);

  const repairing = repair(state, passes, delta);
  if (repairing !== undefined) return repairing;
  const missing = missed(view, machine);
  if (state?.verified?.pass === last.pass && missing.length > 0)
    return delta(`the plan or the source has changed: ${missing.slice(0, 3).join(', ')} has to travel now`);
  return undefined;
}

/** Once more, contents compared, where the verification of the last pass found what no write explains. */
function repair(
  state: MachineState | undefined,
  passes: readonly PassState[],
  delta: (reason: string, checksum: boolean) => PassPlan,
): PassPlan | undefined {
  const verified = state?.verified;
  const found = verified?.pass === passes.at(-1)?.pass ? (verified?.mismatches.length ?? 0) : 0;
  if (found === 0 || isRepairedEnough(passes)) return undefined;
  return delta(
    `${REPAIR}: ${found} ${found === 1 ? 'difference' : 'differences'} that no write explains`,
    true,
  );
}

/** When the last call was ordered: from then on one more pass of each machine, and no further one by itself. */
function lastCallAt({ state }: View): number | undefined {
  const mode = state.evacuation?.mode;
  return mode?.mode === 'last-call' ? mode.at : undefined;
}

/**
 * The pass whose copy is to be verified now; undefined where no verification is due. It is due when no further pass
 * is, and the last one is newer than the last verification.
 */
export function nextVerify(view: View, machine: string): number | undefined {
  if (nextPass(view, machine) !== undefined) return undefined;
  const state = view.state.machines[machine];
  const last = state?.passes.at(-1);
  if (last?.ended === undefined) return undefined;
  return state?.verified !== undefined && state.verified.pass >= last.pass ? undefined : last.pass;
}

export function settingsOf({ plan, state }: View): ConvergeSettings {
  const deadline = state.evacuation?.deadline.earliest;
  return {
    small: plan.passes.small,
    atMost: plan.passes.at_most,
    ...(deadline === undefined ? {} : { deadline }),
  };
}

/** True where the replica began as the files of a clone. */
export const isSeeded = (view: View, machine: string): boolean =>
  (view.state.machines[machine]?.receiver?.prepared?.seededBytes ?? 0) > 0;

/** What the last verification did not cover and a pass can bring; a mount that no pass takes up would ask for ever. */
function missed(view: View, machine: string): string[] {
  const state = view.state.machines[machine];
  const own = new Set(state?.verified?.excluded);
  for (const { mountpoint } of travelling(view, machine) ?? []) own.add(mountpoint);
  return uncovered(state, view.plan.machines[machine]?.exclude ?? []).filter(path => own.has(path));
}

/**
 * The first pass of files over what blocks have left: the same disks with the same file systems, so that only what changed
 * since travels. Files that blocks brought have the source's own sizes and times, also where they are older: contents are
 * compared once. Where nothing of blocks has arrived it is a first copy.
 */
function overBlocks(view: View, machine: string, pass: number): PassPlan {
  const state = view.state.machines[machine];
  const since = state?.replica?.afterPass ?? 0;
  const passes = (state?.passes ?? []).filter(each => each.pass > since);
  const hasCopy = state?.advanced !== undefined && state.advanced.pass > since;
  if (hasCopy || passes.some(({ ended }) => ended !== undefined))
    return {
      pass,
      kind: 'delta',
      reason: 'files take over from blocks: what blocks brought is compared by contents once',
      checksum: true,
    };
  return { ...firstPass(view, machine), pass };
}

function firstPass(view: View, machine: string): PassPlan {
  // A clone's file may have the size and the time of the source's and other contents: equal looks prove nothing.
  const seeded = isSeeded(view, machine);
  return {
    pass: 1,
    kind: 'full',
    reason: seeded ? 'the first copy, over the files of the clone' : 'the first copy',
    checksum: seeded,
  };
}

/** Whole-second times hide a change within the second that was already copied, in every later pass. */
function needsContentPass(view: View, machine: string, passes: readonly PassState[]): boolean {
  const state = view.state.machines[machine];
  const source = state?.observed?.guest.rsync;
  const target = state?.receiver?.prepared?.rsync;
  if (source === undefined || target === undefined) return false;
  if (source.nanoseconds && target.nanoseconds) return false;
  return !passes.some(pass => pass.kind === 'delta' && pass.checksum);
}

function isRepairedEnough(passes: readonly PassState[]): boolean {
  const last = passes.slice(-REPAIRS);
  return last.length === REPAIRS && last.every(pass => pass.reason.startsWith(REPAIR));
}
