import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { removeTreeSync } from '../../foundation/remove-tree.ts';
import { copyTree } from '../trees/copy-tree.ts';
import { fileSystemsOn } from '../world/block-devices.ts';
import type { Disk, FileSystem, Volume, World } from '../world/world.ts';

/** A layer over a volume: what is written to it leaves the volume as it is, so its trees are copies. */
export async function layOver(
  world: World,
  base: Volume,
  { pool, name, bytes }: { readonly pool: string; readonly name: string; readonly bytes: number },
): Promise<Disk> {
  const home = path.join(world.directory, 'volumes', pool, name);
  removeTreeSync(home, world.directory);
  mkdirSync(home, { recursive: true });
  const copies = new Map<string, string>();
  for (const { fs } of fileSystemsOn(base.disk)) {
    if (fs.directory !== null) copies.set(fs.directory, path.join(home, String(copies.size)));
  }
  const never = new AbortController().signal;
  await Promise.all([...copies].map(([from, to]) => copyTree(from, to, never)));
  return { ...moved(base.disk, directory => copies.get(directory) ?? directory), bytes };
}

/** The same disk with its trees elsewhere. */
function moved(disk: Disk, place: (directory: string) => string): Disk {
  const fsAt = (fs: FileSystem | null): FileSystem | null => {
    if (fs === null) return null;
    const directory = fs.directory === null ? null : place(fs.directory);
    const group = fs.group && {
      ...fs.group,
      volumes: fs.group.volumes.map(volume => ({ ...volume, fs: fsAt(volume.fs) })),
    };
    return { ...fs, directory, ...(group === undefined ? {} : { group }) };
  };
  return {
    ...disk,
    fs: fsAt(disk.fs),
    partitions: disk.partitions.map(partition => ({ ...partition, fs: fsAt(partition.fs) })),
  };
}
