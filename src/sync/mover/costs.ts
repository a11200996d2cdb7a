import { get } from '../../journal/maps.ts';
import type { MachineState, PassState } from '../../journal/state.ts';
import { measuredLink } from '../../pace/measured-link.ts';
import type { Mover } from '../../step/mover.ts';
import type { View } from '../../step/step.ts';
import { travelling } from '../file-systems.ts';
import { linkLimit } from '../link-limit.ts';
import { effectiveRate, metricsOf, scanFloor } from '../metrics.ts';

/** What a mover would have to do for a machine, from what is known now. Bytes, milliseconds. */
export interface MoverCost {
  /** What a first copy sends at most; absent as long as nobody has looked. */
  readonly firstBytes?: number;
  /** That many bytes at the rate below, and the file list; absent with them. */
  readonly firstMs?: number;
  /** What every later pass costs although nothing has changed: the scan of the files, or asking for the bitmap. */
  readonly floorMs?: number;
  /** True where the floor was seen in passes of this machine; otherwise it is reckoned from its file count. */
  readonly isFloorMeasured?: true;
}

/** The rate that times are reckoned with, bytes per second, and where it comes from. */
export interface Rate {
  readonly bytesPerSecond: number;
  readonly from: 'measured' | 'limit' | 'assumed';
}

export interface Costs {
  readonly rate: Rate;
  readonly files: MoverCost;
  readonly blocks: MoverCost;
}

/** A link of 1 Gbit/s, where neither plan nor passes say more. */
const ASSUMED_RATE = 125e6;
/** Entries that a scan over a link gets through in a second, both sides warm (facts of the disk, E5: 45 000). */
const ENTRIES_PER_SECOND = 40_000;
/** Asking for a bitmap, a checkpoint, and two logins. */
const BLOCKS_FLOOR_MS = 2_000;

/** What each mover would cost for a machine. `now` in epoch ms: limits of the link have hours. */
export function costsOf(view: View, machine: string, now: number): Costs {
  const known = get(view.state.machines, machine);
  const rate = rateOf(view, known, now);
  return {
    rate,
    files: filesCost(view, machine, known, rate),
    blocks: blocksCost(known, rate),
  };
}

function rateOf({ plan, state }: View, known: MachineState | undefined, now: number): Rate {
  const limit = state.evacuation?.throttle?.bytesPerSecond ?? linkLimit(plan.link, now);
  const measured = effectiveRate(metricsOf(known?.passes ?? []));
  if (measured !== undefined && (limit === undefined || measured <= limit))
    return { bytesPerSecond: measured, from: 'measured' };
  // Before its own first pass: what was measured of the line, unless that was held down by a limit.
  const line = measuredLink(state, now);
  if (line !== undefined && (limit === undefined || (line.atLeast !== true && line.bytesPerSecond < limit)))
    return { bytesPerSecond: line.bytesPerSecond, from: 'measured' };
  if (limit !== undefined) return { bytesPerSecond: limit, from: 'limit' };
  return { bytesPerSecond: ASSUMED_RATE, from: 'assumed' };
}

function filesCost(view: View, machine: string, known: MachineState | undefined, rate: Rate): MoverCost {
  const fileSystems = travelling(view, machine);
  if (fileSystems === undefined || fileSystems.length === 0) return {};
  const used = fileSystems.reduce((sum, each) => sum + each.used, 0);
  const entries = fileSystems.reduce((sum, each) => sum + each.inodesUsed, 0);
  // What the clone has already is compared and does not travel.
  const firstBytes = Math.max(0, used - (known?.receiver?.prepared?.seededBytes ?? 0));
  const scanMs = (entries / ENTRIES_PER_SECOND) * 1000;
  const measured = floorOf(known, 'files');
  return {
    firstBytes,
    firstMs: Math.max(timeOf(firstBytes, rate), scanMs),
    floorMs: measured ?? scanMs,
    ...(measured === undefined ? {} : { isFloorMeasured: true }),
  };
}

function blocksCost(known: MachineState | undefined, rate: Rate): MoverCost {
  const disks = known?.blocks?.disks ?? known?.observed?.domain.disks;
  if (disks === undefined || disks.length === 0) return {};
  const firstBytes = disks.reduce((sum, each) => sum + each.allocation, 0);
  const measured = floorOf(known, 'blocks');
  return {
    firstBytes,
    firstMs: timeOf(firstBytes, rate) + BLOCKS_FLOOR_MS,
    floorMs: measured ?? BLOCKS_FLOOR_MS,
    ...(measured === undefined ? {} : { isFloorMeasured: true }),
  };
}

const timeOf = (bytes: number, { bytesPerSecond }: Rate): number => (bytes / bytesPerSecond) * 1000;

/** The floor as delta passes of this mover have shown it; undefined before the first of them. */
function floorOf(known: MachineState | undefined, mover: Mover): number | undefined {
  const passes: readonly PassState[] = (known?.passes ?? []).filter(pass => pass.mover === mover);
  if (!passes.some(({ kind, ended }) => kind === 'delta' && ended !== undefined)) return undefined;
  return scanFloor(metricsOf(passes));
}
