import type { MachineFacts } from '../world/layout.ts';
import type { Storage } from '../world/machine-sketches.ts';
import type { Checkpoint, Disk, SimHost, World } from '../world/world.ts';
import { changeBetween, dirtyBytes } from './change.ts';
import type { Instants } from './instants.ts';
import type { Manifest } from './manifest.ts';

/** Checkpoints of the source domains, and what their bitmaps know. */

/** A disk at the instant in which a command reached it. */
export interface Tracked {
  readonly disk: string;
  readonly storage: Storage;
  readonly layout: Disk;
  readonly manifest: Manifest;
  /** Id of this instant. */
  readonly instant: string;
}

/** What a disk held when a checkpoint was made. */
export interface Base {
  readonly instant: string;
  readonly manifest: Manifest;
}

export interface Checkpoints {
  of(machine: string): readonly Checkpoint[];
  find(machine: string, name: string): Checkpoint | undefined;
  /** The disks as they are now, all at one instant. */
  instant(machine: string, disks: readonly string[]): Tracked[];
  make(machine: string, name: string, disks: readonly Tracked[]): void;
  /** Its bitmaps go into those of the one before it. */
  remove(checkpoint: Checkpoint): void;
  /** What a disk held at the checkpoint; undefined where its bitmap is broken or was never there. */
  base(checkpoint: Checkpoint, disk: string): Base | undefined;
  /** Bytes of a disk that were written since, as the bitmap counts; undefined as above. */
  dirty(checkpoint: Checkpoint, disk: string): number | undefined;
  /** QEMU was killed: bitmaps that were in memory are gone, those in the files cannot be trusted. */
  breakAll(machine: string): void;
}

export const machineNamed = (world: World, name: string): MachineFacts | undefined =>
  world.machines.find(found => found.name === name);

export function hypervisorOf(world: World, machine: string): SimHost | undefined {
  const name = machineNamed(world, machine)?.hypervisor;
  return name === undefined ? undefined : world.hosts.get(name);
}

export const bootOf = (world: World, machine: string): string =>
  world.state.sources[machine]?.bootId ?? 'first';

export function createCheckpoints(world: World, instants: Instants): Checkpoints {
  const { state } = world;
  const look = (machine: string, disk: string) => {
    const found = machineNamed(world, machine)?.disks.find(({ target }) => target === disk);
    return found && { ...found, manifest: instants.look(`${machine}/${disk}`, found.disk) };
  };

  /** An instant is kept as long as a checkpoint begins there. */
  const forgetUnused = (ids: readonly string[]): void => {
    const used = new Set(state.checkpoints.flatMap(({ disks }) => disks.map(({ instant }) => instant)));
    for (const id of ids) if (!used.has(id)) instants.forget(id);
  };

  const checkpoints: Checkpoints = {
    of: machine => state.checkpoints.filter(found => found.machine === machine),
    find: (machine, name) =>
      state.checkpoints.find(found => found.machine === machine && found.name === name),
    instant(machine, disks) {
      return disks.flatMap((disk): Tracked[] => {
        const found = look(machine, disk);
        if (found === undefined) return [];
        state.counter += 1;
        const { storage, manifest } = found;
        return [
          { disk, storage, layout: found.disk, manifest, instant: `${machine}-${disk}-${state.counter}` },
        ];
      });
    },
    make(machine, name, disks) {
      for (const { instant, manifest } of disks) instants.keep(instant, manifest);
      state.checkpoints.push({
        ...{ machine, name, parent: checkpoints.of(machine).at(-1)?.name ?? null },
        created: Math.floor(world.clock.now() / 1000),
        disks: disks.map(({ disk, instant }) => ({ disk, instant })),
        bootId: bootOf(world, machine),
      });
      world.changed();
    },
    remove(checkpoint) {
      state.checkpoints = state.checkpoints.filter(found => found !== checkpoint);
      for (const found of checkpoints.of(checkpoint.machine))
        if (found.parent === checkpoint.name) found.parent = checkpoint.parent;
      forgetUnused(checkpoint.disks.map(({ instant }) => instant));
      world.changed();
    },
    base(checkpoint, disk) {
      const instant = checkpoint.disks.find(found => found.disk === disk)?.instant;
      const manifest = instant === undefined ? undefined : instants.find(instant);
      return instant === undefined || manifest === undefined || checkpoint.broken !== undefined
        ? undefined
        : { instant, manifest };
    },
    dirty(checkpoint, disk) {
      const base = checkpoints.base(checkpoint, disk);
      const now = base && look(checkpoint.machine, disk)?.manifest;
      return base === undefined || now === undefined
        ? undefined
        : dirtyBytes(changeBetween(base.manifest, now));
    },
    breakAll(machine) {
      for (const checkpoint of checkpoints.of(machine)) {
        const isInFile = checkpoint.broken === 'in-use' || checkpoint.bootId !== bootOf(world, machine);
        checkpoint.broken = isInFile ? 'in-use' : 'gone';
      }
      world.changed();
    },
  };
  return checkpoints;
}
