import { closeSync, openSync, readSync } from 'node:fs';
import { fileSystemsOn } from '../world/block-devices.ts';
import type { Disk } from '../world/world.ts';
import type { Change } from './change.ts';
import { clusterLength, type ReadCluster } from './image-file.ts';
import { CLUSTER } from './manifest.ts';

/** Reads clusters from the trees of a disk, one file open at a time. */
export function diskReader(disk: Disk): { readonly cluster: ReadCluster } {
  const directories = new Map(fileSystemsOn(disk).map(({ place, fs }) => [place, fs.directory]));
  return {
    cluster(place: string, { entry }: Change, cluster: number): Buffer {
      const directory = directories.get(place) ?? '';
      const file = Buffer.concat([Buffer.from(`${directory}/`), Buffer.from(entry.path, 'latin1')]);
      const bytes = Buffer.alloc(clusterLength(entry.bytes, cluster));
      const fd = openSync(file, 'r');
      try {
        readSync(fd, bytes, 0, bytes.length, cluster * CLUSTER);
      } finally {
        closeSync(fd);
      }
      return bytes;
    },
  };
}
