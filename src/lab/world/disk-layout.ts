import path from 'node:path';
import { mapperName } from './block-devices.ts';
import type {
  DiskSketch,
  FileSystemSketch,
  GroupSketch,
  PartitionKind,
  PartitionSketch,
} from './machine-sketches.ts';
import { seededId, seededUuid } from './random.ts';
import type { Disk, FileSystem, LogicalVolume, Partition, VolumeGroup } from './world.ts';

/** Disks of the source machines: tables, partitions, volume groups, file systems. */

const GiB = 1024 ** 3;
const MiB_SECTORS = 2048;

export interface SourceMount {
  readonly path: string;
  /** /dev/vda1, /dev/vdb where the whole disk is a file system, /dev/mapper/app2--vg-root. */
  readonly device: string;
  readonly fs: FileSystem;
}

const GUIDS: Readonly<Record<PartitionKind, string>> = {
  linux: '0FC63DAF-8483-4772-8E79-3D69D8477DE4',
  swap: '0657FD6D-A4AB-43C4-84E5-0933C84B4F4F',
  bios: '21686148-6449-6E6F-744E-656564454649',
  lvm: 'E6D6D379-F507-44C2-A23C-238F2A3DF928',
};
const DOS_TYPES: Readonly<Record<PartitionKind, string>> = { linux: '83', swap: '82', bios: 'da', lvm: '8e' };

interface Builder {
  readonly seed: number;
  readonly machine: string;
  readonly hostDirectory: string;
  readonly mounts: SourceMount[];
}

/** `name` is the device's, without the directory; a root file system is `fs/root`, others are named after their device. */
function fileSystem(builder: Builder, name: string, device: string, sketch: FileSystemSketch): FileSystem {
  const uuid = seededUuid(builder.seed, `fs/${builder.machine}/${name}`);
  if (sketch.kind === 'swap') return { type: 'swap', uuid, label: null, directory: null };
  const directory = path.join(builder.hostDirectory, 'fs', sketch.mount === '/' ? 'root' : `disk-${name}`);
  const fs = { type: sketch.fs ?? 'ext4', uuid, label: sketch.label ?? null, directory };
  if (sketch.mount !== undefined) builder.mounts.push({ path: sketch.mount, device, fs });
  return fs;
}

function group(builder: Builder, sketch: GroupSketch): VolumeGroup {
  const { seed, machine } = builder;
  return {
    name: sketch.name,
    uuid: seededId(seed, `group/${machine}/${sketch.name}`),
    volumes: sketch.volumes.map((volume): LogicalVolume => {
      const name = mapperName(sketch.name, volume.name);
      return {
        name: volume.name,
        uuid: seededId(seed, `volume/${machine}/${name}`),
        bytes: volume.gib * GiB,
        fs: fileSystem(builder, name, `/dev/mapper/${name}`, volume),
      };
    }),
  };
}

function content(builder: Builder, name: string, part: PartitionSketch): FileSystem | null {
  if (part.kind === 'bios') return null;
  if (part.kind !== 'lvm') return fileSystem(builder, name, `/dev/${name}`, { ...part, kind: part.kind });
  const uuid = seededId(builder.seed, `pv/${builder.machine}/${name}`);
  const made = part.group === undefined ? null : group(builder, part.group);
  return { type: 'LVM2_member', uuid, label: null, directory: null, group: made };
}

/** A disk as its sketch says, with identifiers that depend on the seed, and what of it the machine mounts where. */
export function buildDisk(
  seed: number,
  machine: string,
  target: string,
  sketch: DiskSketch,
  hostDirectory: string,
): { disk: Disk; mounts: SourceMount[] } {
  const bytes = sketch.gib * GiB;
  const mounts: SourceMount[] = [];
  const builder: Builder = { seed, machine, hostDirectory, mounts };
  if (sketch.label === 'none') {
    const whole = sketch.partitions[0];
    if (whole === undefined) throw new RangeError('a disk without table needs one file system');
    return { disk: { bytes, table: null, partitions: [], fs: content(builder, target, whole) }, mounts };
  }
  const gpt = sketch.label === 'gpt';
  const end = bytes / 512 - (gpt ? 34 : 0);
  const id = seededUuid(seed, `table/${machine}/${target}`).toUpperCase();
  let start = MiB_SECTORS;
  const partitions = sketch.partitions.map((part, index): Partition => {
    const number = index + 1;
    const device = `${target}${number}`;
    const wanted =
      part.kind === 'bios' ? MiB_SECTORS : part.gib === undefined ? undefined : (part.gib * GiB) / 512;
    const sectors = Math.min(wanted ?? Number.POSITIVE_INFINITY, Math.floor((end - start) / 2048) * 2048);
    const made: Partition = {
      number,
      start,
      sectors,
      type: gpt ? GUIDS[part.kind] : DOS_TYPES[part.kind],
      partuuid: gpt
        ? seededUuid(seed, `part/${machine}/${device}`)
        : `${id.slice(0, 8).toLowerCase()}-${String(number).padStart(2, '0')}`,
      ...(gpt || part.mount !== '/' ? {} : { bootable: true }),
      fs: content(builder, device, part),
    };
    start += sectors;
    return made;
  });
  const table = {
    label: sketch.label,
    id: gpt ? id : `0x${id.slice(0, 8).toLowerCase()}`,
    firstLba: gpt ? 34 : 0,
  };
  const boot = mounts.find(({ path: at }) => at === '/boot') ?? mounts.find(({ path: at }) => at === '/');
  return { disk: { bytes, table, partitions, fs: null, bootCode: boot?.fs.uuid ?? null }, mounts };
}
