import { formatBytes } from '../../foundation/units.ts';
import type { FileSystemFacts } from '../../journal/facts.ts';
import type { View } from '../../step/step.ts';
import { mapperPath } from '../../tools/lvm.ts';
import { isFat, travelling } from '../file-systems.ts';
import { snapshotDirectory, snapshotName } from './names.ts';
import { findVolume, type Room, roomsOf, thinRefusal } from './room.ts';

/** One file system of a pass, and how it is read. */
export type Part = FromSnapshot | FromLive;

export interface FromSnapshot {
  readonly from: 'snapshot';
  readonly mountpoint: string;
  readonly kind: 'lvm' | 'lvm-thin' | 'btrfs' | 'zfs';
  /** `vg0/root`, the mount point of a subvolume, or a dataset. */
  readonly origin: string;
  readonly name: string;
  /** As the journal calls it: `vg0/landfall-storm-p3-0`. */
  readonly snapshot: string;
  /** Bytes for what production writes meanwhile; 0 where the kind needs no size. */
  readonly size: number;
  /** What is mounted, and how; empty where the snapshot can be read as it is. */
  readonly device: string;
  readonly type: string;
  readonly options: string;
  /** Where the pass reads it. */
  readonly path: string;
}

export interface FromLive {
  readonly from: 'live';
  readonly mountpoint: string;
  /** Why there is no snapshot of it; undefined where none was asked for. */
  readonly why: string | undefined;
  /** Small enough to be asked afterwards whether anything in it has changed. */
  readonly watched: boolean;
  /** Holds only what starts the machine: nothing that a hook could bring to rest. */
  readonly startsOnly: boolean;
}

/** Up to so many entries, a file system is walked after the pass to see whether anything changed meanwhile. */
const WATCHED_ENTRIES = 50_000;

/**
 * How each file system of a pass is read, in the order of the runs. From facts alone; undefined as long as inventory
 * has not recorded any file system.
 */
export function snapshotPlan(view: View, machine: string, pass: number): Part[] | undefined {
  const systems = travelling(view, machine);
  if (systems === undefined) return undefined;
  const wanted = view.plan.machines[machine]?.snapshot ?? 'none';
  const rooms = roomsOf(view, machine, systems);
  return systems.map((system, index): Part => {
    const found =
      wanted === 'none' ? undefined : offer(view, machine, { system, index, pass, wanted, rooms });
    return typeof found === 'object' ? found : live(system, found);
  });
}

/** Why file systems are read live although the plan asks for snapshots, as the end of a sentence; else empty. */
export function liveNote(view: View, machine: string, pass: number): string {
  const live = (snapshotPlan(view, machine, pass) ?? []).flatMap(part =>
    part.from === 'live' && part.why !== undefined && !part.startsOnly
      ? [`${part.mountpoint}: ${part.why}`]
      : [],
  );
  return live.length === 0 ? '' : `; no snapshot of ${live.join('; of ')}`;
}

function live(system: FileSystemFacts, why: string | undefined): FromLive {
  const { mountpoint, type, inodesUsed } = system;
  return {
    from: 'live',
    mountpoint,
    why,
    watched: inodesUsed <= WATCHED_ENTRIES && mountpoint !== '/',
    startsOnly:
      isFat(type) || mountpoint === '/boot' || mountpoint.startsWith('/boot/') || mountpoint === '/efi',
  };
}

interface Asked {
  readonly system: FileSystemFacts;
  readonly index: number;
  readonly pass: number;
  readonly wanted: 'auto' | 'lvm' | 'btrfs' | 'zfs';
  readonly rooms: ReadonlyMap<string, Room>;
}

/** The snapshot, or why there is none. */
function offer(view: View, machine: string, asked: Asked): FromSnapshot | string {
  const { system, pass, wanted } = asked;
  const trouble = view.state.machines[machine]?.snapshotTroubles?.find(
    each => each.mountpoint === system.mountpoint,
  );
  if (trouble?.pass === pass) return `its snapshot was of no use: ${trouble.why}`;
  const takes = (kind: string): boolean => wanted === 'auto' || wanted === kind;
  if (system.type === 'btrfs' && takes('btrfs')) return btrfs(view, asked);
  if (system.type === 'zfs' && takes('zfs')) return zfs(view, asked);
  if (system.type !== 'btrfs' && system.type !== 'zfs' && takes('lvm')) return lvm(view, machine, asked);
  return `a snapshot by ${wanted} of ${system.type} is impossible`;
}

function lvm(view: View, machine: string, { system, index, pass, rooms }: Asked): FromSnapshot | string {
  const found = findVolume(view, machine, system.device);
  if (found === undefined) return `${system.device} is no logical volume`;
  const { group, volume } = found;
  const name = snapshotName(view.plan.name, pass, index);
  const common = {
    from: 'snapshot',
    mountpoint: system.mountpoint,
    origin: `${group.name}/${volume.name}`,
    name,
    snapshot: `${group.name}/${name}`,
    device: mapperPath(group.name, name),
    type: system.type,
    options: mountOptions(system.type),
    path: `${snapshotDirectory(view.plan.name, machine)}/${index}`,
  } as const;
  if (volume.kind === 'thin')
    return thinRefusal(view, machine, group) ?? { ...common, kind: 'lvm-thin', size: 0 };
  if (volume.kind !== 'linear' && volume.kind !== 'striped')
    return `${common.origin} is of the kind ${volume.kind}`;
  const room = rooms.get(system.mountpoint);
  if (room === undefined) return `nobody knows how much room ${group.name} has: take a new inventory`;
  if (room.size === undefined)
    return `${group.name} has room for ${formatBytes(room.free)}, and ${formatBytes(room.least)} are needed`;
  return { ...common, kind: 'lvm', size: room.size };
}

function btrfs(view: View, { system, index, pass }: Asked): FromSnapshot {
  const name = `.${snapshotName(view.plan.name, pass, index)}`;
  const path = `${system.mountpoint === '/' ? '' : system.mountpoint}/${name}`;
  return {
    from: 'snapshot',
    mountpoint: system.mountpoint,
    kind: 'btrfs',
    origin: system.mountpoint,
    name,
    snapshot: path,
    size: 0,
    device: '',
    type: '',
    options: '',
    path,
  };
}

function zfs(view: View, { system, index, pass }: Asked): FromSnapshot {
  const name = snapshotName(view.plan.name, pass, index);
  return {
    from: 'snapshot',
    mountpoint: system.mountpoint,
    kind: 'zfs',
    origin: system.device,
    name,
    snapshot: `${system.device}@${name}`,
    size: 0,
    device: '',
    type: '',
    options: '',
    path: `${system.mountpoint === '/' ? '' : system.mountpoint}/.zfs/snapshot/${name}`,
  };
}

/**
 * LVM brings a file system to rest before it splits: its journal need not be played back (facts of the disk, 4). XFS
 * refuses a second file system of the same UUID unless it is told not to look.
 */
function mountOptions(type: string): string {
  if (type === 'xfs') return 'ro,nouuid';
  return type === 'ext3' || type === 'ext4' ? 'ro,noload' : 'ro';
}
