import { existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { writeWhole } from '../directory/write-whole.ts';
import type { Sources } from '../hosts/sources.ts';
import { sourceTrees } from '../trees/comparison.ts';
import { hostDirectory } from '../world/layout.ts';
import type { Mount, World } from '../world/world.ts';

/** What can happen to a source while it is copied. */

export interface SourceFaults {
  /** It was reset: what is in memory only is gone, with every process, and it comes up again with another boot id. */
  reboot(machine: string): Promise<void>;
  /** Its last file system beside the root is unmounted: below the mount point there is an empty directory. False where it has none. */
  unmount(machine: string): boolean;
  mountAgain(machine: string): void;
  /** Somebody plugs an empty disk into it; answers what the domain calls it. */
  plugDisk(machine: string): string | undefined;
  unplugDisk(machine: string): void;
  /** rsync cannot read one of its files. */
  unreadable(machine: string, file: string): void;
  readable(machine: string): void;
}

const PLUGGED_BYTES = 10 * 1024 ** 3;

export function sourceFaults(
  world: World,
  sources: Pick<Sources, 'reset'>,
): { readonly faults: SourceFaults; clear(): void; active(): string[] } {
  const unmounted = new Map<string, Mount>();
  const unread = new Set<string>();
  const plugged = new Map<string, string>();
  const marker = (machine: string): string =>
    path.join(hostDirectory(world.directory, machine), 'lib', 'unreadable');

  const faults: SourceFaults = {
    reboot: machine => sources.reset(machine),
    unmount(machine) {
      const host = world.hosts.get(machine);
      const points = sourceTrees(world, machine).map(({ mountpoint }) => mountpoint);
      const mount = host?.mounts.findLast(({ path: at }) => at !== '/' && points.includes(at));
      if (host === undefined || mount === undefined || unmounted.has(machine)) return false;
      const root = host.mounts.find(({ path: at }) => at === '/');
      if (root !== undefined) mkdirSync(path.join(root.directory, mount.path), { recursive: true });
      host.mounts = host.mounts.filter(each => each !== mount);
      unmounted.set(machine, mount);
      world.changed(machine);
      return true;
    },
    mountAgain(machine) {
      const mount = unmounted.get(machine);
      const host = world.hosts.get(machine);
      unmounted.delete(machine);
      if (mount === undefined || host === undefined || host.mounts.some(each => each.path === mount.path))
        return;
      host.mounts = [...host.mounts, mount];
      world.changed(machine);
    },
    plugDisk(machine) {
      const host = world.hosts.get(machine);
      if (host === undefined || plugged.has(machine)) return undefined;
      const target = `vd${String.fromCharCode('a'.charCodeAt(0) + host.disks.length)}`;
      const disk = { bytes: PLUGGED_BYTES, table: null, partitions: [], fs: null };
      host.disks = [...host.disks, { target, serial: null, disk }];
      plugged.set(machine, target);
      world.changed(machine);
      return target;
    },
    unplugDisk(machine) {
      const host = world.hosts.get(machine);
      const target = plugged.get(machine);
      plugged.delete(machine);
      if (host === undefined || target === undefined) return;
      host.disks = host.disks.filter(each => each.target !== target);
      world.changed(machine);
    },
    unreadable(machine, file) {
      mkdirSync(path.dirname(marker(machine)), { recursive: true });
      writeWhole(marker(machine), `${file}\n`);
      unread.add(machine);
    },
    readable(machine) {
      if (existsSync(marker(machine))) rmSync(marker(machine));
      unread.delete(machine);
    },
  };
  return {
    faults,
    clear() {
      for (const machine of [...unmounted.keys()]) faults.mountAgain(machine);
      for (const machine of [...unread]) faults.readable(machine);
      for (const machine of [...plugged.keys()]) faults.unplugDisk(machine);
    },
    active: () => [
      ...[...unmounted.keys()].map(machine => `unmounted ${machine}`),
      ...[...unread].map(machine => `unreadable ${machine}`),
      ...[...plugged.keys()].map(machine => `disk-added ${machine}`),
    ],
  };
}
