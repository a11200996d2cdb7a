import { LandfallError } from '../../foundation/errors.ts';
import type { BlockFacts } from '../../journal/facts.ts';
import type { MachineState } from '../../journal/state.ts';
import { partitionNumber } from '../../tools/block-devices.ts';
import { replicaSerial } from '../names.ts';
import type { Layout, LayoutDisk, LayoutFormat, LayoutPlace } from './layout.ts';
import type { LayoutGroup, LayoutPhysical } from './volume-groups.ts';

/** Where the receiver's kernel put each replica disk, by serial; refused where one is not there or not itself. */
export function replicaDevices(
  disks: readonly { readonly disk: string; readonly capacity: number }[],
  blocks: readonly BlockFacts[],
  host: string,
): Record<string, string> {
  return Object.fromEntries(
    disks.map(({ disk, capacity }): [string, string] => {
      const serial = replicaSerial(disk);
      const found = blocks.filter(block => block.type === 'disk' && block.serial === serial);
      const [first] = found;
      if (first !== undefined && found.length === 1 && first.size >= capacity) return [disk, first.device];
      throw new LandfallError('identity.mismatch', {
        what:
          first === undefined
            ? `the receiver has no disk with the serial ${serial}`
            : `the disk with the serial ${serial} in the receiver is not the replica of ${disk}`,
        why: 'landfall writes only to a disk that bears the serial it gave it',
        where: { host, command: 'lsblk' },
        evidence: blocks
          .filter(block => block.type === 'disk')
          .map(block => `${block.device}: serial ${block.serial ?? 'none'}, ${block.size} bytes`),
        next: [
          'see that the receiver has all replica disks: virsh domblklist, virsh dumpxml',
          'if the source disk has grown since, remove the receiver and the replica volume and run again',
        ],
      });
    }),
  );
}

export interface Remaining {
  readonly partition: readonly LayoutDisk[];
  /** Physical volumes that are not there yet, each with its group. */
  readonly physical: readonly { readonly group: LayoutGroup; readonly physical: LayoutPhysical }[];
  /** File systems and swap; those on logical volumes as far as the volumes are up. */
  readonly format: readonly LayoutFormat[];
}

const LVM_MEMBER = 'LVM2_member';

/**
 * What is still to be made, by what the receiver's disks show now. A disk is empty, or already exactly as wanted, or
 * half of that by our own hand; anything else on it is refused with `build.foreign-object`.
 */
export function remaining(layout: Layout, blocks: readonly BlockFacts[], host: string): Remaining {
  const partition: LayoutDisk[] = [];
  const physical: Remaining['physical'][number][] = [];
  const format: LayoutFormat[] = [];
  for (const disk of layout.disks) {
    const device = String(disk.device);
    const shown = blocks.find(block => block.device === device);
    const parts = partsOf(blocks, device);
    const isEmpty = parts.length === 0 && shown?.fstype === undefined;
    if (disk.table !== undefined && isEmpty) partition.push(disk);
    else refuseOtherPartitions(disk, device, shown, parts, host);
    refuseUnplannedSignatures(layout, disk, device, parts, host);
  }
  for (const group of layout.groups) {
    for (const wanted of group.physical) {
      const there = shownAt(layout, blocks, wanted.place);
      const isMade = isThere(host, there, { fstype: LVM_MEMBER, uuid: wanted.uuid });
      if (!isMade) physical.push({ group, physical: wanted });
    }
  }
  for (const wanted of layout.formats) {
    const there = shownAt(layout, blocks, wanted.place, wanted);
    if (!isThere(host, there, wanted)) format.push(wanted);
  }
  return { partition, physical, format };
}

/** A disk's partitions; logical volumes on a whole disk are its children, too. */
const partsOf = (blocks: readonly BlockFacts[], disk: string): BlockFacts[] =>
  blocks.filter(block => block.parent === disk && block.type === 'part');

function shownAt(
  layout: Layout,
  blocks: readonly BlockFacts[],
  place: LayoutPlace,
  wanted?: LayoutFormat,
): BlockFacts | undefined {
  if (!('disk' in place)) return blocks.find(block => block.device === wanted?.device);
  const device = String(layout.disks.find(disk => disk.disk === place.disk)?.device);
  if (place.partition === 0) return blocks.find(block => block.device === device);
  return partsOf(blocks, device).find(part => numberOf(device, part) === place.partition);
}

/** False where nothing is there yet; refused where something else is. */
function isThere(
  host: string,
  there: BlockFacts | undefined,
  wanted: { readonly fstype: string; readonly uuid: string },
): boolean {
  if (there?.fstype === undefined) return false;
  if (there.fstype === wanted.fstype && sameUuid(there.uuid, wanted.uuid)) return true;
  throw foreign(host, there.device, `${there.fstype} ${there.uuid ?? ''}`, `${wanted.fstype} ${wanted.uuid}`);
}

/**
 * A replica into which a pass has written is never partitioned or formatted, whatever lsblk shows: it asks udev, which
 * may not have looked yet, and an empty answer would cost the copy.
 */
export function refuseOverCopy(machine: MachineState | undefined, todo: Remaining, host: string): void {
  const last = machine === undefined ? undefined : lastWritten(machine);
  if (last === undefined) return;
  const made = [...todo.partition, ...todo.physical.map(({ physical }) => physical), ...todo.format];
  const devices = [...new Set(made.map(({ device }) => String(device)))];
  if (devices.length === 0) return;
  throw new LandfallError('build.foreign-object', {
    what: `${devices.join(', ')} in the receiver shows nothing, although pass ${last} has written to this replica`,
    why: 'formatting it would destroy the copy',
    where: { host },
    next: [
      `look past udev, inside the receiver: blkid -p ${devices.join(' ')}`,
      'if the file systems are there: udevadm trigger --settle, then run the same command again',
      'if the copy is really gone: remove the receiver and the replica volumes, then run again: it is copied anew',
    ],
  });
}

/**
 * The newest pass that has written to the replica as it is now; undefined where none has. One of files writes from its
 * beginning. The first of blocks lands beside the replica, and is in it when it has ended or said so.
 */
function lastWritten({ passes, replica, advanced }: MachineState): number | undefined {
  return passes.findLast(
    ({ pass, mover, ended }) =>
      pass > (replica?.afterPass ?? 0) &&
      (mover === 'files' || ended !== undefined || advanced?.pass === pass),
  )?.pass;
}

function refuseOtherPartitions(
  disk: LayoutDisk,
  device: string,
  shown: BlockFacts | undefined,
  parts: readonly BlockFacts[],
  host: string,
): void {
  if (disk.table !== undefined && shown?.fstype !== undefined) {
    throw foreign(host, device, `a ${shown.fstype} file system on the whole disk`, 'a partition table');
  }
  const isAsWanted =
    parts.length === disk.partitions.length &&
    disk.partitions.every(wanted => {
      const part = parts.find(item => numberOf(device, item) === wanted.number);
      return (
        part?.size === wanted.size &&
        (!wanted.partuuid || !part.partuuid || sameUuid(part.partuuid, wanted.partuuid))
      );
    });
  if (isAsWanted) return;
  const list = (items: readonly { number: number | undefined; size: number }[]): string =>
    items.map(item => `${item.number}: ${item.size}`).join(', ') || 'no partition';
  throw foreign(
    host,
    device,
    list(parts.map(part => ({ number: numberOf(device, part), size: part.size }))),
    list(disk.partitions),
  );
}

/** A partition that is empty on the source (a boot loader's) must not hold a file system here; one that is not, only its own. */
function refuseUnplannedSignatures(
  layout: Layout,
  disk: LayoutDisk,
  device: string,
  parts: readonly BlockFacts[],
  host: string,
): void {
  const places = [...layout.formats, ...layout.groups.flatMap(group => group.physical)].map(
    item => item.place,
  );
  const planned = new Set(
    places.flatMap(place => ('disk' in place && place.disk === disk.disk ? [place.partition] : [])),
  );
  const isSources = (part: BlockFacts): boolean =>
    layout.left.some(
      ({ place, fstype, uuid }) =>
        'disk' in place &&
        place.disk === disk.disk &&
        place.partition === numberOf(device, part) &&
        part.fstype === fstype &&
        (uuid === undefined || sameUuid(part.uuid, uuid)),
    );
  const odd = parts.find(
    part => part.fstype !== undefined && !planned.has(numberOf(device, part) ?? -1) && !isSources(part),
  );
  if (odd !== undefined) throw foreign(host, odd.device, `${odd.fstype}`, 'nothing');
}

const numberOf = (disk: string, part: BlockFacts): number | undefined => partitionNumber(disk, part.device);

const sameUuid = (a: string | undefined, b: string): boolean => a?.toLowerCase() === b.toLowerCase();

function foreign(host: string, device: string, found: string, wanted: string): LandfallError {
  return new LandfallError('build.foreign-object', {
    what: `${device} in the receiver holds something that landfall did not put there`,
    why: 'landfall formats only empty disks',
    where: { host },
    evidence: [`found:  ${found}`, `wanted: ${wanted}`],
    next: [
      `look at it inside the receiver: lsblk -f ${device}`,
      'if it may go: remove the receiver and the replica volume, then run the same command again',
    ],
  });
}
