import type { Blocks } from '../blocks/blocks.ts';
import { machineNamed } from '../blocks/checkpoints.ts';
import type { World } from '../world/world.ts';

/** What can go wrong for whoever copies disks as blocks. */

export interface BlockFaults {
  /** QEMU of a source was killed and started again: no bitmap of before can be trusted, and a job of it is gone. */
  qemuKilled(machine: string): Promise<void>;
  /** Somebody else has a checkpoint on the machine's disks. */
  foreignCheckpoint(machine: string): void;
  foreignCheckpointGone(machine: string): void;
  /** Somebody else's backup of the machine runs. */
  foreignJob(machine: string): void;
  foreignJobDone(machine: string): void;
  /** The hypervisor of a machine has hardly any room left for pieces; `at` may be the hypervisor itself. */
  scratchFull(at: string): void;
  scratchHeal(at: string): void;
  /** The guest freezes its file systems and never says so. */
  freezeHangs(machine: string): void;
  freezeWorks(machine: string): void;
}

export const FOREIGN_CHECKPOINT = 'nightly-0001';
const LITTLE_ROOM = 96 * 1024;

export function blockFaults(
  world: World,
  { checkpoints, backups, stuck }: Pick<Blocks, 'checkpoints' | 'backups' | 'stuck'>,
): { readonly faults: BlockFaults; clear(): void; active(): string[] } {
  const foreign = new Set<string>();
  const hypervisor = (at: string): string => machineNamed(world, at)?.hypervisor ?? at;
  const faults: BlockFaults = {
    async qemuKilled(machine) {
      await backups.abort(machine);
      backups.forget(machine);
      checkpoints.breakAll(machine);
      world.frozen.delete(machine);
    },
    foreignCheckpoint(machine) {
      const facts = machineNamed(world, machine);
      if (facts === undefined || checkpoints.find(machine, FOREIGN_CHECKPOINT) !== undefined) return;
      const disks = facts.disks.filter(({ storage }) => storage === 'qcow2-1.1').map(({ target }) => target);
      checkpoints.make(machine, FOREIGN_CHECKPOINT, checkpoints.instant(machine, disks));
      foreign.add(machine);
    },
    foreignCheckpointGone(machine) {
      const found = checkpoints.find(machine, FOREIGN_CHECKPOINT);
      if (found !== undefined) checkpoints.remove(found);
      foreign.delete(machine);
    },
    foreignJob: machine => void backups.foreign.add(machine),
    foreignJobDone: machine => void backups.foreign.delete(machine),
    scratchFull: at => void world.scratchRoom.set(hypervisor(at), LITTLE_ROOM),
    scratchHeal: at => void world.scratchRoom.delete(hypervisor(at)),
    freezeHangs(machine) {
      if (!stuck.has(machine)) stuck.set(machine, new AbortController());
    },
    freezeWorks(machine) {
      stuck.get(machine)?.abort();
      stuck.delete(machine);
    },
  };
  return {
    faults,
    clear() {
      for (const machine of [...foreign]) faults.foreignCheckpointGone(machine);
      for (const machine of [...stuck.keys()]) faults.freezeWorks(machine);
      backups.foreign.clear();
      world.scratchRoom.clear();
    },
    active: () => [
      ...[...foreign].map(machine => `foreign-checkpoint ${machine}`),
      ...[...backups.foreign].map(machine => `foreign-job ${machine}`),
      ...[...world.scratchRoom.keys()].map(host => `scratch-full ${host}`),
      ...[...stuck.keys()].map(machine => `freeze-hangs ${machine}`),
    ],
  };
}
