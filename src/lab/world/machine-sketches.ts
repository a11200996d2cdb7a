import type { MachineName } from '../machine-names.ts';

/** The six machines in a few words each; layout.ts makes facts of them. */

export type PartitionKind = 'linux' | 'swap' | 'bios' | 'lvm';

export interface FileSystemSketch {
  readonly kind: 'linux' | 'swap';
  readonly mount?: string;
  readonly fs?: 'ext4' | 'xfs';
  readonly label?: string;
}

export interface GroupSketch {
  readonly name: string;
  readonly volumes: readonly (FileSystemSketch & { readonly name: string; readonly gib: number })[];
}

export interface PartitionSketch extends Omit<FileSystemSketch, 'kind'> {
  readonly kind: PartitionKind;
  readonly gib?: number;
  readonly group?: GroupSketch;
}

/** How the hypervisor keeps a disk; only a qcow2 of compat 1.1 can hold what a checkpoint needs. */
export type Storage = 'raw' | 'qcow2-0.10' | 'qcow2-1.1';

export interface DiskSketch {
  readonly gib: number;
  /** Default: raw. */
  readonly storage?: Storage;
  readonly label: 'gpt' | 'dos' | 'none';
  readonly partitions: readonly PartitionSketch[];
}

export interface MachineSketch {
  readonly tier: 'critical' | 'normal';
  readonly description: string;
  readonly hypervisor: string;
  readonly disks: readonly DiskSketch[];
  readonly services: readonly string[];
  /** Listening TCP ports with the process that holds them. */
  readonly sockets: readonly (readonly [address: string, port: number, process: string])[];
  readonly after?: readonly MachineName[];
}

const root = (gib?: number): PartitionSketch => ({
  kind: 'linux',
  mount: '/',
  fs: 'ext4',
  ...(gib === undefined ? {} : { gib }),
});
const bios: PartitionSketch = { kind: 'bios' };

export const MACHINE_SKETCHES: Readonly<Record<MachineName, MachineSketch>> = {
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
        // As the installer of Debian does it when it is asked for LVM.
        partitions: [
          bios,
          {
            kind: 'lvm',
            group: {
              name: 'app2-vg',
              volumes: [
                { name: 'root', gib: 12, kind: 'linux', mount: '/', fs: 'ext4' },
                { name: 'swap_1', gib: 1, kind: 'swap' },
                { name: 'srv', gib: 4, kind: 'linux', mount: '/srv', fs: 'ext4', label: 'srv' },
              ],
            },
          },
        ],
      },
    ],
    services: ['payments', 'celery'],
    sockets: [['127.0.0.1', 8081, 'java']],
    after: ['db1'],
  },
  mail1: {
    tier: 'normal',
    description: 'Mail relay and mailboxes',
    hypervisor: 'mia-kvm2',
    // Small: comparing disks reads every range of them, also where nothing ever was.
    disks: [{ gib: 2, storage: 'qcow2-1.1', label: 'dos', partitions: [root(1.5), { kind: 'swap' }] }],
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
    disks: [{ gib: 15, storage: 'qcow2-0.10', label: 'gpt', partitions: [bios, root()] }],
    services: ['nginx'],
    sockets: [
      ['0.0.0.0', 80, 'nginx'],
      ['0.0.0.0', 443, 'nginx'],
    ],
    after: ['app1', 'app2'],
  },
};
