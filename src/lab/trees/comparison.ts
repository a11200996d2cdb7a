import { standbyId } from '../machine-names.ts';
import { fileSystemsOn } from '../world/block-devices.ts';
import type { World } from '../world/world.ts';

/** Where a machine's files are, and where their copies should be, for whoever compares them. */

export interface SourceTree {
  readonly mountpoint: string;
  readonly sourceDirectory: string;
}
export interface ReplicaTree extends SourceTree {
  /** Undefined where no replica file system exists yet. */
  readonly replicaDirectory: string | undefined;
}

export interface StandbyTree extends SourceTree {
  readonly standbyDirectory: string;
}

/** What a running standby has mounted where its source mounts something; empty where it does not run. */
export function standbyTrees(world: World, machine: string): StandbyTree[] {
  const mounts = world.hosts.get(standbyId(machine))?.mounts ?? [];
  return replicaTrees(world, machine).flatMap(({ mountpoint, sourceDirectory }) => {
    const mount = mounts.find(found => found.path === mountpoint);
    return mount === undefined ? [] : [{ mountpoint, sourceDirectory, standbyDirectory: mount.directory }];
  });
}

export function sourceTrees(world: World, machine: string): SourceTree[] {
  return replicaTrees(world, machine).map(({ mountpoint, sourceDirectory }) => ({
    mountpoint,
    sourceDirectory,
  }));
}

export function replicaTrees(world: World, machine: string): ReplicaTree[] {
  const facts = world.machines.find(({ name }) => name === machine);
  if (facts === undefined) throw new RangeError(`the lab has no machine ${machine}`);
  return facts.mounts.map(({ path, fs }) => {
    const placed = facts.disks
      .flatMap(({ target, disk }) => fileSystemsOn(disk).map(found => ({ target, ...found })))
      .find(found => found.fs === fs);
    const volume = world.state.volumes.find(
      ({ name, replicaOf }) =>
        replicaOf?.machine === machine && replicaOf.disk === placed?.target && !name.endsWith('.incoming'),
    );
    const copy = volume && fileSystemsOn(volume.disk).find(found => found.place === placed?.place);
    return {
      mountpoint: path,
      sourceDirectory: fs.directory ?? '',
      replicaDirectory: copy?.fs.directory ?? undefined,
    };
  });
}
