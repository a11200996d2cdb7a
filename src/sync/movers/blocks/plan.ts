import { get } from '../../../journal/maps.ts';
import type { MachineState, PassState } from '../../../journal/state.ts';
import type { View } from '../../../step/step.ts';
import { judge } from '../../converge.ts';
import { type PassPlan, settingsOf } from '../../plan-passes.ts';

/** The next pass of a machine that moves by blocks: whole or what has changed, and why. Pure. */

/** What a delta would build on; or why there is nothing, and the whole machine has to travel. */
export type Base =
  | { readonly checkpoint: string; readonly pass: number }
  | { readonly checkpoint?: undefined; readonly reason: string };

const REPAIR = 'repair';
const REPAIRS = 2;

/**
 * Whether the replica holds exactly what a checkpoint of ours remembers: the last pass in it came by blocks, nobody has
 * written to it since, and the same disks of the same sizes are there. Whether the bitmap is sound only the world knows.
 */
export function baseOf(view: View, machine: string): Base {
  const known = get(view.state.machines, machine);
  const whole = (reason: string): Base => ({ reason });
  const last = known?.passes.findLast(pass => pass.ended !== undefined);
  const advanced = known?.advanced;
  if (advanced === undefined)
    return whole(
      last === undefined ? 'the first copy' : 'blocks take over from files: every disk travels whole once',
    );
  if (last !== undefined && last.pass > advanced.pass && last.mover === 'files')
    return whole('files were copied into the replica since the last pass by blocks');
  if ((known?.replica?.afterPass ?? 0) >= advanced.pass) return whole('the replica was made anew');
  const prepared = known?.receiver?.prepared?.at;
  if (prepared !== undefined && prepared > advanced.at)
    return whole('the replica was mounted in a receiver since the last pass by blocks');
  const checkpoint = known?.checkpoints?.find(each => each.checkpoint === advanced.checkpoint);
  if (checkpoint === undefined)
    return whole(`the checkpoint of pass ${advanced.pass} is gone: nothing tells what was written since`);
  const other = otherDisks(known, checkpoint);
  if (other !== undefined) return whole(other);
  return { checkpoint: advanced.checkpoint, pass: advanced.pass };
}

/** In words, where the disks of now are not those that the checkpoint covers. */
function otherDisks(
  known: MachineState | undefined,
  { disks: covered, at }: NonNullable<MachineState['checkpoints']>[number],
): string | undefined {
  const now = known?.observed?.domain.disks;
  // An inventory from before the checkpoint says nothing of what has changed since.
  if (now === undefined || (known?.observed?.at ?? 0) <= at) return undefined;
  for (const { target, capacity } of now) {
    const before = covered.find(({ disk }) => disk === target);
    if (before === undefined) return `the disk ${target} is new`;
    if (before.capacity !== capacity) return `the disk ${target} has another size than at the last pass`;
  }
  const gone = covered.find(({ disk }) => !now.some(({ target }) => target === disk));
  return gone === undefined ? undefined : `the disk ${gone.disk} is gone`;
}

/** As `nextPass` of the files mover: the pass that is due or under way; undefined where none is. */
export function nextBlocksPass(view: View, machine: string): PassPlan | undefined {
  const known = get(view.state.machines, machine);
  const passes = known?.passes ?? [];
  const last = passes.at(-1);
  const base = baseOf(view, machine);
  const make = (pass: number, reason: string): PassPlan =>
    base.checkpoint === undefined
      ? { pass, kind: 'full', reason: base.reason, checksum: false }
      : { pass, kind: 'delta', reason, checksum: false };

  if (last === undefined) return make(1, 'what changed');
  const next = (reason: string): PassPlan => make(last.pass + 1, reason);
  if (last.ended === undefined || last.judged === undefined) return underWay(known, last, base, next);
  if ((known?.replica?.afterPass ?? 0) >= last.pass || last.mover !== 'blocks')
    return next('what changed since the last pass');
  if (known?.requested !== undefined) return next(known.requested.reason);

  const repairing = repair(known, passes);
  const mode = view.state.evacuation?.mode;
  if (mode?.mode === 'last-call')
    return last.startedAt < mode.at ? next('the last call: one last pass') : repairing;
  const { verdict } = judge(passes, settingsOf(view));
  if (verdict === 'first') return next('what changed during the first copy');
  if (verdict === 'converging') return next('until the passes converge');
  if (repairing !== undefined) return repairing;
  const covered = known?.checkpoints?.find(each => each.checkpoint === known.advanced?.checkpoint);
  const other = covered === undefined ? undefined : otherDisks(known, covered);
  return other === undefined ? undefined : next(other);
}

/** The pass that has begun and not ended. One that another mover began is left behind: the next one is whole. */
function underWay(
  known: MachineState | undefined,
  { pass, kind, reason, mover }: PassState,
  base: Base,
  next: (reason: string) => PassPlan,
): PassPlan {
  if (mover !== 'blocks') return next('what changed');
  // Its pieces are in the replica already: what it began with is settled.
  if (known?.advanced?.pass === pass || kind === 'full' || base.checkpoint !== undefined)
    return { pass, kind, reason, checksum: false };
  return { pass, kind: 'full', reason: base.reason, checksum: false };
}

/** What a delta brings is only what was written since: damage in the replica is cured by the whole machine alone. */
function repair(known: MachineState | undefined, passes: readonly PassState[]): PassPlan | undefined {
  const last = passes.at(-1);
  const verified = known?.verified;
  if (last === undefined || verified?.pass !== last.pass || verified.mismatches.length === 0)
    return undefined;
  const recent = passes.slice(-REPAIRS);
  if (recent.length === REPAIRS && recent.every(pass => pass.reason.startsWith(REPAIR))) return undefined;
  const count = verified.mismatches.length;
  return {
    pass: last.pass + 1,
    kind: 'full',
    reason: `${REPAIR}: ${count} ${count === 1 ? 'difference' : 'differences'} that no write explains`,
    checksum: false,
  };
}
