import type { FileSystemFacts, GuestFacts } from '../../journal/facts.ts';
import type { RateFacts } from '../../journal/facts-survey.ts';
import { get } from '../../journal/maps.ts';
import type { MachineState } from '../../journal/state.ts';
import { modelOfPasses } from '../../pace/model.ts';
import type { View } from '../../step/step.ts';
import type { MachineSize } from './shape.ts';

/** What is known of one machine's size and of its writers. Bytes; what nobody has seen is absent and never zero. */

export interface Held {
  readonly allocated: number;
  /** In file systems that travel, each device once; absent where nobody logs in. */
  readonly used?: number;
  readonly files?: number;
  readonly seenAt: number;
}

/** Types whose files live on the machine's own disks, as passes take them. */
const LOCAL = /^(?:ext[234]|xfs|btrfs|f2fs|jfs|reiserfs|vfat)$/;

/** Undefined before its inventory. */
export function heldBy({ plan, state }: View, name: string): Held | undefined {
  const known = get(state.machines, name);
  const observed = known?.observed;
  const disks = known?.blocks?.disks ?? observed?.domain.disks;
  if (observed === undefined || disks === undefined) return undefined;
  const own = fileSystemsOf(observed.guest, get(plan.machines, name)?.exclude ?? []);
  return {
    allocated: disks.reduce((sum, { allocation }) => sum + allocation, 0),
    ...(own.length === 0
      ? {}
      : {
          used: own.reduce((sum, { used }) => sum + used, 0),
          files: own.reduce((sum, { inodesUsed }) => sum + inodesUsed, 0),
        }),
    seenAt: known?.surveyed?.at ?? observed.at,
  };
}

function fileSystemsOf(guest: GuestFacts, exclude: readonly string[]): FileSystemFacts[] {
  const left = exclude.map(path => path.replace(/\/+$/, ''));
  const devices = new Map<string, FileSystemFacts>();
  for (const each of guest.fileSystems) {
    const { type, mountpoint } = each;
    if (!LOCAL.test(type)) continue;
    if (left.some(path => mountpoint === path || mountpoint.startsWith(`${path}/`))) continue;
    // A bind mount and a subvolume show a part of a device that is counted already.
    devices.set(each.device.replace(/\[.*$/, ''), each);
  }
  return [...devices.values()];
}

export interface Writing {
  readonly perSecond: number;
  readonly from: NonNullable<MachineSize['writtenFrom']>;
}

/** A minute of the writers' curve: what they make new in it, the same byte twice counted once. */
const CURVE_MS = 60_000;

/**
 * The best evidence there is of what its writers do, bytes per second: passes have seen what was really new; the
 * hypervisor counts every write of its disks; the guest does, too, and since its boot where nobody looked twice.
 */
export function writingOf({ plan, state }: View, name: string): Writing | undefined {
  const known = get(state.machines, name);
  const model = modelOfPasses(known?.passes ?? []);
  if (model !== undefined) return { perSecond: (model.dirtied(CURVE_MS) * 1000) / CURVE_MS, from: 'passes' };
  const source = get(plan.machines, name)?.source;
  const domains = get(state.surveys ?? {}, source?.hypervisor ?? '')?.domains ?? [];
  const outside = domains.find(each => each.name === (source?.domain ?? name))?.rates;
  const sampled = sumOf(outside, false);
  if (sampled !== undefined) return { perSecond: sampled, from: 'hypervisor' };
  const inside = ownDisks(known?.surveyed?.rates);
  const looked = sumOf(inside, false);
  if (looked !== undefined) return { perSecond: looked, from: 'guest' };
  const average = sumOf(outside, true) ?? sumOf(inside, true);
  return average === undefined ? undefined : { perSecond: average, from: 'since-boot' };
}

function sumOf(rates: readonly RateFacts[] | undefined, sinceBoot: boolean): number | undefined {
  const told = (rates ?? []).filter(each => (each.sinceBoot === true) === sinceBoot && each.seconds > 0);
  return told.length === 0 ? undefined : told.reduce((sum, { written }) => sum + Math.max(0, written), 0);
}

/** Whole disks where there are any: what lies on them (partitions, volumes) counts the same writes again. */
function ownDisks(rates: readonly RateFacts[] | undefined): readonly RateFacts[] | undefined {
  const disks = rates?.filter(({ device }) =>
    /^(?:\/dev\/)?(?:(?:[svh]|xv)d[a-z]+|nvme\d+n\d+|mmcblk\d+)$/.test(device),
  );
  return disks === undefined || disks.length === 0 ? rates : disks;
}

/** Bytes that a replica had before its first copy: what a clone or an image brought along does not travel. */
export const seededOf = (machine: MachineState | undefined): number =>
  machine?.receiver?.prepared?.seededBytes ?? 0;
