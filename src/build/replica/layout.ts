import { LandfallError } from '../../foundation/errors.ts';
import type { BlockFacts, DomainFacts, FileSystemFacts, GuestFacts } from '../../journal/facts.ts';
import { fact, isUnknown, type Word } from '../../step/action.ts';
import { partitionInfix, partitionNumber } from '../../tools/block-devices.ts';
import { guestDevices } from '../../tools/disk-map.ts';
import { replicaPath, replicaSerial, stepId } from '../names.ts';
import { rewriteDump } from './partition-table.ts';
import { groupsOf, type LayoutGroup } from './volume-groups.ts';

/**
 * The source's disks as they must look inside the receiver: pure, from recorded facts. Identifiers (partition GUIDs,
 * file system UUIDs, labels) are the source's own, so that fstab, boot loader and initramfs stay true as copied.
 */

export interface LayoutPartition {
  readonly number: number;
  readonly size: number;
  readonly partuuid: string | undefined;
  readonly device: Word;
}

export interface LayoutDisk {
  /** The source's target name: vda. */
  readonly disk: string;
  readonly serial: string;
  readonly capacity: number;
  /** Inside the receiver; unknown until it was looked at. */
  readonly device: Word;
  /** Input of sfdisk; undefined where the whole disk is one file system or empty. */
  readonly table: Word | undefined;
  readonly partitions: readonly LayoutPartition[];
}

/** Where something lies: a partition of a disk, the whole disk (0), or a logical volume. */
export type LayoutPlace =
  | { readonly disk: string; readonly partition: number }
  | { readonly group: string; readonly logical: string };

export interface LayoutFormat {
  readonly place: LayoutPlace;
  readonly device: Word;
  readonly fstype: string;
  readonly uuid: string;
  readonly argv: readonly Word[];
}

export interface LayoutMount {
  readonly mountpoint: string;
  /** Inside the receiver, below /mnt/t. */
  readonly path: string;
  readonly device: Word;
  readonly uuid: string;
  readonly fstype: string;
}

/** What the source has somewhere that nobody makes at the target: only a copy by blocks brings it along. */
export type LayoutLeft = Pick<LayoutFormat, 'place' | 'fstype'> & { readonly uuid: string | undefined };

export interface Layout {
  readonly disks: readonly LayoutDisk[];
  readonly groups: readonly LayoutGroup[];
  readonly formats: readonly LayoutFormat[];
  readonly left: readonly LayoutLeft[];
  /** Parents before children. */
  readonly mounts: readonly LayoutMount[];
}

/** `devices` as the receiver's kernel named them, by source disk; without it devices stay unknown words. */
export function layoutOf(
  machine: string,
  domain: DomainFacts,
  guest: GuestFacts,
  devices: Readonly<Record<string, string>> | undefined,
): Layout {
  const sources = guestDevices(domain, guest.blocks);
  const places: SourcePlace[] = [];
  const disks = domain.disks.map((disk): LayoutDisk => {
    const source = guest.blocks.find(block => block.device === sources.get(disk.target));
    if (source === undefined) throw unplaced(machine, `disk ${disk.target}`);
    const serial = replicaSerial(disk.target);
    const device = fact(devices?.[disk.target], `device with serial ${serial}`, stepId(machine, 'attach'));
    const partitions = partitionsOf(machine, guest.blocks, source, device);
    if (partitions.length === 0) places.push({ source, place: { disk: disk.target, partition: 0 }, device });
    for (const { block, layout } of partitions) {
      const place = { disk: disk.target, partition: layout.number };
      places.push({ source: block, place, device: layout.device });
    }
    const dump = guest.partitionTables[source.device];
    if (partitions.length > 0 && dump === undefined) throw unplaced(machine, `the table of ${source.device}`);
    return {
      disk: disk.target,
      serial,
      capacity: disk.capacity,
      device,
      table:
        dump === undefined || partitions.length === 0 ? undefined : tableFor(dump, source.device, device),
      partitions: partitions.map(({ layout }) => layout),
    };
  });

  const groups = groupsOf(guest.volumeGroups ?? [], places, what => unplaced(machine, what));
  for (const group of groups) {
    for (const { name, device } of group.logical) {
      const source = guest.blocks.find(block => block.device === device);
      if (source !== undefined) places.push({ source, place: { group: group.name, logical: name }, device });
    }
  }

  const formats: LayoutFormat[] = [];
  const left: LayoutLeft[] = [];
  for (const { source, place, device } of places) {
    const fs = guest.fileSystems.find(item => item.device === source.device);
    const make = fs === undefined ? makeSwap(source, device) : makeFileSystem(machine, fs, device);
    if (make !== undefined) formats.push({ place, device, ...make });
    else if (source.fstype !== undefined) left.push({ place, fstype: source.fstype, uuid: source.uuid });
  }
  const mounts = guest.fileSystems
    .map((fs): LayoutMount => {
      const place = places.find(({ source }) => source.device === fs.device);
      if (place === undefined) throw unplaced(machine, `the file system at ${fs.mountpoint}`);
      return {
        mountpoint: fs.mountpoint,
        path: replicaPath(fs.mountpoint),
        device: place.device,
        uuid: fs.uuid,
        fstype: fs.type,
      };
    })
    .sort((a, b) => byDepth(a.mountpoint, b.mountpoint));
  return { disks, groups, formats, left, mounts };
}

/** A block device of the source, and where it is to be in the replica. */
export interface SourcePlace {
  readonly source: BlockFacts;
  readonly place: LayoutPlace;
  readonly device: Word;
}

function partitionsOf(machine: string, blocks: readonly BlockFacts[], source: BlockFacts, device: Word) {
  return blocks
    .filter(block => block.type === 'part' && block.parent === source.device)
    .map(block => {
      const number = partitionNumber(source.device, block.device);
      if (number === undefined) throw unplaced(machine, `the partition ${block.device}`);
      return {
        block,
        layout: {
          number,
          size: block.size,
          partuuid: block.partuuid,
          device: partitionDevice(device, number),
        },
      };
    });
}

function partitionDevice(disk: Word, number: number): Word {
  if (!isUnknown(disk)) return `${disk}${partitionInfix(disk)}${number}`;
  return { unknown: `partition ${number} of the ${disk.unknown}`, from: disk.from };
}

function tableFor(dump: string, source: string, device: Word): Word {
  if (!isUnknown(device)) return rewriteDump(dump, source, device);
  return { unknown: `partition table of ${source} for the ${device.unknown}`, from: device.from };
}

function makeSwap(
  source: BlockFacts,
  device: Word,
): Pick<LayoutFormat, 'argv' | 'fstype' | 'uuid'> | undefined {
  if (source.fstype !== 'swap' || source.uuid === undefined) return undefined;
  return { fstype: 'swap', uuid: source.uuid, argv: ['mkswap', '-U', source.uuid, device] };
}

function makeFileSystem(
  machine: string,
  fs: FileSystemFacts,
  device: Word,
): Pick<LayoutFormat, 'argv' | 'fstype' | 'uuid'> {
  const label = (flag: string): string[] => (fs.label === undefined ? [] : [flag, fs.label]);
  const made = (argv: readonly Word[]) => ({ fstype: fs.type, uuid: fs.uuid, argv });
  switch (fs.type) {
    case 'ext2':
    case 'ext3':
    case 'ext4':
      return made([`mkfs.${fs.type}`, '-q', '-F', ...inodes(fs), '-U', fs.uuid, ...label('-L'), device]);
    case 'xfs':
      return made(['mkfs.xfs', '-q', '-f', '-m', `uuid=${fs.uuid}`, ...label('-L'), device]);
    case 'vfat':
      return made(['mkfs.vfat', '-i', fs.uuid.replace('-', ''), ...label('-n'), device]);
    default:
      throw unplaced(machine, `the ${fs.type} file system at ${fs.mountpoint}`);
  }
}

/** What mke2fs gives by itself: an inode for so many bytes. */
const BYTES_PER_INODE = 16_384;

/** A source that was made for many small files has more inodes than a file system of its size gets by itself. */
function inodes({ size, inodesUsed }: FileSystemFacts): string[] {
  const wanted = Math.ceil(inodesUsed * 1.5);
  return wanted > size / BYTES_PER_INODE ? ['-N', String(wanted)] : [];
}

/** `/` first, then by number of parts, then by name: a parent always stands before its children. */
function byDepth(a: string, b: string): number {
  const depth = (path: string): number => path.split('/').filter(part => part !== '').length;
  return depth(a) - depth(b) || (a < b ? -1 : a > b ? 1 : 0);
}

/** Inventory refuses such layouts before the build begins; reaching this is our bug. */
function unplaced(machine: string, what: string): LandfallError {
  return new LandfallError('bug', {
    what: `the layout of ${machine} cannot be planned: ${what} has no place in it`,
    next: ['report this with the journal of the evacuation; nothing was written'],
  });
}
