import path from 'node:path';
import { MACHINE_NAMES, type MachineName } from '../machine-names.ts';
import { mapperName } from './block-devices.ts';
import { buildDisk, type SourceMount } from './disk-layout.ts';
import { MACHINE_SKETCHES, type MachineSketch, type Storage } from './machine-sketches.ts';
import { seededMac, seededMachineId, seededUuid } from './random.ts';
import type { Disk } from './world.ts';

/** The two sites as they are before anything happens: hosts, addresses, disks. Depends on the seed only. */

export interface MachineFacts {
  readonly name: string;
  readonly tier: MachineSketch['tier'];
  readonly description: string;
  readonly hypervisor: string;
  readonly address: string;
  readonly receiverAddress: string;
  readonly uuid: string;
  readonly machineId: string;
  readonly mac: string;
  readonly disks: readonly { readonly target: string; readonly storage: Storage; readonly disk: Disk }[];
  readonly mounts: readonly SourceMount[];
  /** Swap partitions. Swap files do not travel, so a machine with one would never compare as identical. */
  readonly swaps: readonly { readonly file: string; readonly kib: number }[];
  readonly services: readonly string[];
  /** Those of the services that are this machine's own. */
  readonly daemons: readonly string[];
  readonly sockets: MachineSketch['sockets'];
  readonly after: readonly string[];
}

export interface HypervisorFacts {
  readonly name: string;
  readonly site: 'source' | 'target';
  readonly address: string;
  readonly machineId: string;
  readonly network: string;
}

/** `<lab>/hosts/<id>`: everything of one simulated host. */
export const hostDirectory = (lab: string, id: string): string => path.join(lab, 'hosts', id);

function swapsOn(target: string, disk: Disk): MachineFacts['swaps'] {
  return disk.partitions.flatMap(({ number, sectors, fs }) => {
    if (fs?.type === 'swap') return [{ file: `/dev/${target}${number}`, kib: sectors / 2 - 4 }];
    const { name = '', volumes = [] } = fs?.group ?? {};
    return volumes
      .filter(volume => volume.fs?.type === 'swap')
      .map(volume => ({
        file: `/dev/mapper/${mapperName(name, volume.name)}`,
        kib: volume.bytes / 1024 - 4,
      }));
  });
}

export function machineFacts(seed: number, lab: string, names: readonly MachineName[]): MachineFacts[] {
  return names.map((name): MachineFacts => {
    const sketch = MACHINE_SKETCHES[name];
    const number = MACHINE_NAMES.indexOf(name) + 11;
    const built = sketch.disks.map((disk, index) => {
      const target = `vd${String.fromCharCode(97 + index)}`;
      return {
        target,
        storage: disk.storage ?? 'raw',
        ...buildDisk(seed, name, target, disk, hostDirectory(lab, name)),
      };
    });
    const swaps = built.flatMap(({ target, disk }) => swapsOn(target, disk));
    return {
      name,
      tier: sketch.tier,
      description: sketch.description,
      hypervisor: sketch.hypervisor,
      address: `127.77.1.${number}`,
      receiverAddress: `127.77.2.${number}`,
      uuid: seededUuid(seed, `domain/${name}`),
      machineId: seededMachineId(seed, name),
      mac: seededMac(seed, name),
      disks: built.map(({ target, storage, disk }) => ({ target, storage, disk })),
      mounts: built.flatMap(({ mounts }) => mounts).sort((a, b) => (a.path < b.path ? -1 : 1)),
      swaps,
      services: ['cron', 'dbus', 'qemu-guest-agent', 'ssh', 'systemd-journald', ...sketch.services].sort(),
      daemons: sketch.services,
      sockets: [['0.0.0.0', 22, 'sshd'], ...sketch.sockets],
      after: (sketch.after ?? []).filter(other => names.includes(other)),
    };
  });
}

export function hypervisorFacts(seed: number): HypervisorFacts[] {
  const of = (
    name: string,
    site: 'source' | 'target',
    address: string,
    network: string,
  ): HypervisorFacts => ({
    name,
    site,
    address,
    machineId: seededMachineId(seed, name),
    network,
  });
  return [
    of('mia-kvm1', 'source', '127.77.1.1', 'mia-servers'),
    of('mia-kvm2', 'source', '127.77.1.2', 'mia-servers'),
    of('dal-kvm1', 'target', '127.77.2.1', 'dal-servers'),
  ];
}

export const GOLDEN_VOLUME = 'golden-debian12.qcow2';
export const POOL = 'default';
export const POOL_PATH = '/var/lib/libvirt/images';
/** Connections that come from here and go to a target host are the link between the sites. */
export const SOURCE_PREFIX = '127.77.1.';
export const TARGET_PREFIX = '127.77.2.';
/** The kernel of every machine, and what it calls the network card behind the first root port. */
export const KERNEL = '6.1.0-32-amd64';
export const KERNEL_NIC = 'enp1s0';
