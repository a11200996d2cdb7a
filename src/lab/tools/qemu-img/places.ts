import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Backups } from '../../blocks/backups.ts';
import { bootOf } from '../../blocks/checkpoints.ts';
import { type ClusterView, clusterView } from '../../blocks/clusters.ts';
import { type Image, readImage, wholeBytes } from '../../blocks/image-file.ts';
import type { Instants } from '../../blocks/instants.ts';
import { mapPath } from '../../hosts/mounts.ts';
import { sourceVolume } from '../../hypervisor/domain-xml.ts';
import { allocated, userOf } from '../../hypervisor/domains.ts';
import { POOL_PATH } from '../../world/layout.ts';
import type { Storage } from '../../world/machine-sketches.ts';
import { volumeOfFile } from '../../world/volumes.ts';
import type { Disk, SimHost, Volume, World } from '../../world/world.ts';

/** What a file name means to qemu-img on a simulated hypervisor. */

export interface QemuImgParts {
  readonly world: World;
  readonly instants: Instants;
  readonly backups: Pick<Backups, 'onSocket'>;
}

export interface Bitmap {
  readonly flags: readonly string[];
  readonly name: string;
  readonly granularity: number;
}

/** An image as qemu-img sees it. */
export interface Found {
  readonly file: string;
  readonly format: 'raw' | 'qcow2';
  readonly compat: '0.10' | '1.1';
  readonly bytes: number;
  readonly allocated: number;
  readonly backing: { readonly file: string; readonly format: string } | null;
  readonly bitmaps: readonly Bitmap[];
  /** A running QEMU writes on it. */
  readonly isLocked: boolean;
  readonly volume?: Volume;
  readonly image?: Image;
  /** The disk of a source or a volume. */
  readonly disk?: { readonly key: string; readonly layout: Disk };
}

export const hostPath = (cwd: string | undefined, file: string): string => path.resolve(cwd ?? '/root', file);

/** Undefined where there is no such file; `damaged` where it is no whole image. */
export function findImage(parts: QemuImgParts, host: SimHost, file: string): Found | 'damaged' | undefined {
  const { world } = parts;
  const source = sourceDisk(world, host, file);
  if (source !== undefined) return source;
  const volume = volumeOfFile(world, host.id, file);
  if (volume !== undefined) {
    const { disk, format, backing } = volume;
    return {
      ...{ file, format, compat: '1.1', bytes: disk.bytes, allocated: allocated(disk), volume, bitmaps: [] },
      backing: backing === null ? null : { file: `${POOL_PATH}/${backing}`, format: 'qcow2' },
      isLocked: userOf(world, volume) !== undefined,
      disk: { key: `volume/${volume.id ?? volume.name}`, layout: disk },
    };
  }
  const real = mapPath(world.directory, host.mounts, file);
  if (!existsSync(real)) return undefined;
  const image = readImage(real);
  if (image === undefined || statSync(real).size < wholeBytes(image)) return 'damaged';
  return {
    ...{ file, format: 'qcow2', compat: '1.1', bytes: image.head.bytes, backing: image.head.backing, image },
    ...{ allocated: statSync(real).blocks * 512, bitmaps: [], isLocked: false },
  };
}

function sourceDisk(world: World, host: SimHost, file: string): Found | undefined {
  for (const machine of world.machines.filter(({ hypervisor }) => hypervisor === host.id)) {
    const { name } = machine;
    const found = machine.disks.find(
      ({ target, storage }) => `${POOL_PATH}/${sourceVolume(name, target, storage)}` === file,
    );
    if (found === undefined) continue;
    const { target, storage, disk } = found;
    const isRunning = world.state.sources[name]?.off !== true;
    return {
      ...{ file, bytes: disk.bytes, allocated: allocated(disk), backing: null, isLocked: isRunning },
      ...{ format: formatOfStorage(storage), compat: storage === 'qcow2-0.10' ? '0.10' : '1.1' },
      bitmaps: bitmapsOf(world, name, target, isRunning),
      disk: { key: `${name}/${target}`, layout: disk },
    };
  }
  return undefined;
}

const formatOfStorage = (storage: Storage): 'raw' | 'qcow2' => (storage === 'raw' ? 'raw' : 'qcow2');

/**
 * Bitmaps reach the file when QEMU ends; the next QEMU marks all that it finds as in use, and the marks go when it ends
 * in its turn. So a running domain shows the marks whether its bitmaps are sound or not.
 */
function bitmapsOf(world: World, machine: string, disk: string, isRunning: boolean): Bitmap[] {
  return world.state.checkpoints
    .filter(found => found.machine === machine && found.disks.some(one => one.disk === disk))
    .filter(({ bootId, broken }) => broken !== 'gone' && (!isRunning || bootId !== bootOf(world, machine)))
    .map(({ name, broken }) => ({
      flags: isRunning || broken === 'in-use' ? ['in-use', 'auto'] : ['auto'],
      name,
      granularity: 65_536,
    }));
}

/** The bytes of a disk; undefined of an image that travels, which holds only what has to be written. */
export function viewOf({ instants }: QemuImgParts, { disk }: Found): ClusterView | undefined {
  return disk === undefined
    ? undefined
    : clusterView(instants.look(disk.key, disk.layout), disk.layout, disk.layout.bytes);
}
