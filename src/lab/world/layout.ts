import path from 'node:path';
import { seededMac, seededMachineId, seededUuid } from './random.ts';
import type { Disk, FileSystem, Partition } from './world.ts';

/** The two sites as they are before anything happens: hosts, addresses, disks. Depends on the seed only. */

const GiB = 1024 ** 3;
const MiB_SECTORS = 2048;
const LINUX_GUID = '0FC63DAF-8483-4772-8E79-3D69D8477DE4';
const SWAP_GUID = '0657FD6D-A4AB-43C4-84E5-0933C84B4F4F';
const BIOS_GUID = '21686148-6449-6E6F-744E-656564454649';

export interface SourceMount {
  readonly path: string;
  /** vda1, or vdb where the whole disk is a file system. */
  readonly device: string;
}

export interface MachineFacts {
  readonly name: string;
  readonly tier: 'critical' | 'normal';
  readonly description: string;
  readonly hypervisor: string;
  readonly address: string;
  readonly receiverAddress: string;
  readonly uuid: string;
  readonly machineId: string;
  readonly mac: string;
  readonly disks: readonly { readonly target: string; readonly disk: Disk }[];
  readonly mounts: readonly SourceMount[];
  /** Swap partitions. Swap files do not travel, so a machine with one would never compare as identical. */
  readonly swaps: readonly { readonly file: string; readonly kib: number }[];
  readonly services: readonly string[];
  /** Listening TCP ports with the process that holds them. */
  readonly sockets: readonly (readonly [address: string, port: number, process: string])[];
  readonly after: readonly string[];
}

export interface HypervisorFacts {
  readonly name: string;
  readonly site: 'source' | 'target';
  readonly address: string;
  readonly machineId: string;
  readonly network: string;
}

type PartitionKind = 'linux' | 'swap' | 'bios';

interface PartitionSketch {
  readonly kind: PartitionKind;
  readonly gib?: number;
  readonly mount?: string;
  readonly fs?: 'ext4' | 'xfs';
  readonly label?: string;
}

interface DiskSketch {
  readonly gib: number;
  readonly label: 'gpt' | 'dos' | 'none';
  readonly partitions: readonly PartitionSketch[];
}

interface MachineSketch {
  readonly tier: MachineFacts['tier'];
  readonly description: string;
  readonly hypervisor: string;
  readonly disks: readonly DiskSketch[];
  readonly services: readonly string[];
  readonly sockets: MachineFacts['sockets'];
  readonly after?: readonly string[];
}

const root = (gib?: number): PartitionSketch => ({
  kind: 'linux',
  mount: '/',
  fs: 'ext4',
  ...(gib === undefined ? {} : { gib }),
});
const bios: PartitionSketch = { kind: 'bios' };

const SKETCHES: Readonly<Record<string, MachineSketch>> = {
  db1: {
    tier: 'critical',
    description: 'Primary database of the shop',
    hypervisor: 'mia-kvm1',
    disks: [
      { gib: 20, label: 'gpt', partitions: [bios, root(16), { kind: 'swap' }] },
      {
        gib: 50,
        label: 'gpt',
        partitions: [{ kind: 'linux', mount: '/var/lib/mysql', fs: 'xfs', label: 'mysql' }],
      },
    ],
    services: ['mariadb'],
    sockets: [['0.0.0.0', 3306, 'mariadbd']],
  },
  app1: {
    tier: 'critical',
    description: 'Order service',
    hypervisor: 'mia-kvm1',
    disks: [{ gib: 20, label: 'gpt', partitions: [bios, root()] }],
    services: ['orders'],
    sockets: [['127.0.0.1', 8080, 'java']],
    after: ['db1'],
  },
  app2: {
    tier: 'critical',
    description: 'Payment service',
    hypervisor: 'mia-kvm2',
    disks: [
      {
        gib: 20,
        label: 'gpt',
        partitions: [
          bios,
          { kind: 'linux', gib: 1, mount: '/boot', fs: 'ext4', label: 'boot' },
          root(17),
          { kind: 'swap' },
        ],
      },
    ],
    services: ['payments'],
    sockets: [['127.0.0.1', 8081, 'java']],
    after: ['db1'],
  },
  mail1: {
    tier: 'normal',
    description: 'Mail relay and mailboxes',
    hypervisor: 'mia-kvm2',
    disks: [{ gib: 30, label: 'dos', partitions: [root(28), { kind: 'swap' }] }],
    services: ['postfix', 'dovecot'],
    sockets: [
      ['0.0.0.0', 25, 'master'],
      ['0.0.0.0', 993, 'dovecot'],
    ],
  },
  files1: {
    tier: 'normal',
    description: 'File shares',
    hypervisor: 'mia-kvm2',
    disks: [
      { gib: 20, label: 'gpt', partitions: [bios, root()] },
      {
        gib: 100,
        label: 'none',
        partitions: [{ kind: 'linux', mount: '/srv', fs: 'ext4', label: 'srv' }],
      },
    ],
    services: ['smbd'],
    sockets: [['0.0.0.0', 445, 'smbd']],
  },
  web1: {
    tier: 'normal',
    description: 'Public web server',
    hypervisor: 'mia-kvm1',
    disks: [{ gib: 15, label: 'gpt', partitions: [bios, root()] }],
    services: ['nginx'],
    sockets: [
      ['0.0.0.0', 80, 'nginx'],
      ['0.0.0.0', 443, 'nginx'],
    ],
    after: ['app1', 'app2'],
  },
};

export const MACHINE_NAMES: readonly string[] = Object.keys(SKETCHES);

const GUIDS: Readonly<Record<PartitionKind, string>> = {
  linux: LINUX_GUID,
  swap: SWAP_GUID,
  bios: BIOS_GUID,
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

function buildDisk(
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

/** `<lab>/hosts/<id>`: everything of one simulated host. */
export const hostDirectory = (lab: string, id: string): string => path.join(lab, 'hosts', id);

export function machineFacts(seed: number, lab: string, names: readonly string[]): MachineFacts[] {
  return names.map((name): MachineFacts => {
    const sketch = SKETCHES[name];
    if (sketch === undefined) throw new RangeError(`the lab has no machine ${name}`);
    const number = MACHINE_NAMES.indexOf(name) + 11;
    const built = sketch.disks.map((disk, index) => {
      const target = `vd${String.fromCharCode(97 + index)}`;
      return { target, ...buildDisk(seed, name, target, disk, hostDirectory(lab, name)) };
    });
    const swaps = built.flatMap(({ target, disk }) =>
      disk.partitions
        .filter(part => part.fs?.type === 'swap')
        .map(part => ({
          file: `/dev/${target}${part.number}`,
          kib: part.sectors / 2 - 4,
        })),
    );
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
      disks: built.map(({ target, disk }) => ({ target, disk })),
      mounts: built.flatMap(({ mounts }) => mounts).sort((a, b) => (a.path < b.path ? -1 : 1)),
      swaps,
      services: ['cron', 'dbus', 'qemu-guest-agent', 'ssh', 'systemd-journald', ...sketch.services].sort(),
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
