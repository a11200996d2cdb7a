import { databasesOn } from '../../journal/database-processes.ts';
import { get } from '../../journal/maps.ts';
import type { MachineState } from '../../journal/state.ts';
import { hasLogin } from '../../plan/login.ts';
import type { Mover } from '../../step/mover.ts';
import type { View } from '../../step/step.ts';
import { unsupportedLayout } from '../../tools/unsupported.ts';
import { recurring } from '../hot.ts';
import { metricsOf } from '../metrics.ts';
import { type Costs, costsOf } from './costs.ts';

/** All that a choice of the mover rests on. */
export interface Situation {
  readonly machine: string;
  readonly planned: 'auto' | Mover;
  /** An engineer's order that nothing has answered yet. */
  readonly ordered?: 'auto' | Mover;
  /** By whom its copies have travelled so far; absent before the first pass has begun. */
  readonly copiedBy?: Mover;
  /** Why a mover cannot move it; empty where it can. */
  readonly impossible: Readonly<Record<Mover, readonly string[]>>;
  /** False as long as nobody has asked the hypervisor: then nothing is said of blocks for certain. */
  readonly isLookedAt: boolean;
  readonly costs: Costs;
  /** Milliseconds until the earliest loss; absent where no deadline is fixed. */
  readonly leftMs?: number;
  /** Databases that run on it, and files that every pass sends again. */
  readonly databases: readonly string[];
  readonly hot: readonly string[];
  /** Files passes were judged as not converging, and why. */
  readonly stuck?: string;
  /** Whether file systems can stand still for an instant: the guest agent answers, and the plan lets it. */
  readonly canFreeze: boolean;
}

/** What is known of a machine, for `decide`. `now` in epoch ms. */
export function situationOf(view: View, machine: string, now: number): Situation {
  const known = get(view.state.machines, machine);
  const plan = get(view.plan.machines, machine);
  const observed = known?.observed;
  const last = known?.passes.at(-1);
  const byFiles = (known?.passes ?? []).filter(({ mover }) => mover === 'files');
  const filesJudged = byFiles.findLast(({ judged }) => judged !== undefined);
  const earliest = view.state.evacuation?.deadline.earliest;
  return {
    machine,
    planned: plan?.mover ?? 'auto',
    ...(known?.moverOrdered === undefined ? {} : { ordered: known.moverOrdered.mover }),
    ...(last === undefined ? {} : { copiedBy: last.mover }),
    impossible: { files: noFiles(view, machine, known), blocks: noBlocks(known) },
    isLookedAt: known?.blocks !== undefined,
    costs: costsOf(view, machine, now),
    ...(earliest === undefined || !Number.isFinite(earliest) ? {} : { leftMs: earliest - now }),
    databases: observed === undefined ? [] : databasesOn(observed.guest),
    hot: recurring(metricsOf(byFiles)).map(({ path }) => path),
    ...(filesJudged?.judged?.verdict === 'not-converging' ? { stuck: filesJudged.judged.why } : {}),
    canFreeze: known?.blocks?.agent === true && plan?.freeze !== false,
  };
}

/** Why its files cannot be copied: nobody may log in, or the replica's file systems cannot be made. */
function noFiles(view: View, machine: string, known: MachineState | undefined): string[] {
  if (!hasLogin(view.plan, machine)) return ['the plan says that nobody logs in there'];
  if (known?.observed === undefined) return [];
  // What has been built and copied by files can be; a layout that changes later is refused by the inventory.
  const isBuilt = known.receiver?.prepared !== undefined;
  if (isBuilt && known.passes.some(({ mover, ended }) => mover === 'files' && ended !== undefined)) return [];
  const { domain, guest } = known.observed;
  if (guest.rsync === undefined)
    return ['rsync is not installed there, and landfall installs nothing on a source'];
  return unsupportedLayout(domain, guest).map(
    ({ found }) => `it cannot be built again file by file: ${found}`,
  );
}

/** Why its blocks cannot be copied, as its hypervisor says; with nothing asked nothing speaks against it. */
function noBlocks(known: MachineState | undefined): string[] {
  const { refusals = [], disks = [] } = known?.blocks ?? {};
  return [
    ...refusals,
    ...disks.flatMap(({ target, refusal }) => (refusal === undefined ? [] : [`${target}: ${refusal}`])),
  ];
}
