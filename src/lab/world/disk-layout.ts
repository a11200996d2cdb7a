import path from 'node:path';
import type { DiskSketch, PartitionKind, PartitionSketch } from './machine-sketches.ts';
import { seededUuid } from './random.ts';
import type { Disk, FileSystem, Partition } from './world.ts';

/** Disks of the source machines: tables, partitions, file systems. */

const GiB = 1024 ** 3;
const MiB_SECTORS = 2048;

export interface SourceMount {
  readonly path: string;
  /** vda1, or vdb where the whole disk is a file system. */
  readonly device: string;
}

const GUIDS: Readonly<Record<PartitionKind, string>> = {
  linux: '0FC63DAF-8483-4772-8E79-3D69D8477DE4',
  swap: '0657FD6D-A4AB-43C4-84E5-0933C84B4F4F',
  bios: '21686148-6449-6E6F-744E-656564454649',
};
const DOS_TYPES: Readonly<Record<PartitionKind, string>> = { linux: '83', swap: '82', bios: 'da' };

function fileSystem(
  seed: number,
  name: string,
  sketch: PartitionSketch,
  directory: string,
): FileSystem | null {
  if (sketch.kind === 'bios') return null;
  const uuid = seededUuid(seed, `fs/${name}`);
  if (sketch.kind === 'swap') return { type: 'swap', uuid, label: null, directory: null };
  return { type: sketch.fs ?? 'ext4', uuid, label: sketch.label ?? null, directory };
}

/** A root file system is `fs/root`; others are named after their device. */
const fsDirectory = (hostDirectory: string, sketch: PartitionSketch, device: string): string =>
  path.join(hostDirectory, 'fs', sketch.mount === '/' ? 'root' : `disk-${device}`);

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
  if (sketch.label === 'none') {
    const whole = sketch.partitions[0];
    if (whole === undefined) throw new RangeError('a disk without table needs one file system');
    if (whole.mount !== undefined) mounts.push({ path: whole.mount, device: target });
    const directory = fsDirectory(hostDirectory, whole, target);
    const fs = fileSystem(seed, `${machine}/${target}`, whole, directory);
    return { disk: { bytes, table: null, partitions: [], fs }, mounts };
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
    if (part.mount !== undefined) mounts.push({ path: part.mount, device });
    const made: Partition = {
      number,
      start,
      sectors,
      type: gpt ? GUIDS[part.kind] : DOS_TYPES[part.kind],
      partuuid: gpt
        ? seededUuid(seed, `part/${machine}/${device}`)
        : `${id.slice(0, 8).toLowerCase()}-${String(number).padStart(2, '0')}`,
      ...(gpt || part.mount !== '/' ? {} : { bootable: true }),
      fs: fileSystem(seed, `${machine}/${device}`, part, fsDirectory(hostDirectory, part, device)),
    };
    start += sectors;
    return made;
  });
  const table = {
    label: sketch.label,
    id: gpt ? id : `0x${id.slice(0, 8).toLowerCase()}`,
    firstLba: gpt ? 34 : 0,
  };
  return { disk: { bytes, table, partitions, fs: null }, mounts };
}
