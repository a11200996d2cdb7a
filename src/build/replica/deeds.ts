import type { Action, Word } from '../../step/action.ts';
import type { View } from '../../step/step.ts';
import { evacuationOf, receiverHost, runtimeDirectory } from '../names.ts';
import type { Layout, LayoutDisk, LayoutFormat, LayoutMount } from './layout.ts';
import { type LayoutGroup, type LayoutPhysical, lvmConfig } from './volume-groups.ts';

/** What is done to the replica's disks inside the receiver, as actions. */

type ExecAction = Action & { kind: 'exec' };
type WriteAction = Action & { kind: 'write' };

/** In the receiver. A run that was killed may have left a mkfs behind, which the next run must not meet. */
const LOCK = '/run/landfall-build.lock';
const LOCK_PATIENCE_S = '600';

/** Waits for whoever changes the layout of a disk in the receiver, and then keeps others out until it ends. */
const alone = (...argv: readonly Word[]): readonly Word[] => ['flock', '-w', LOCK_PATIENCE_S, LOCK, ...argv];

/** LVM complains about a descriptor that it inherits. */
const aloneClosed = (...argv: readonly Word[]): readonly Word[] => [
  'flock',
  '-o',
  '-w',
  LOCK_PATIENCE_S,
  LOCK,
  ...argv,
];

/** Ends when no earlier run changes disks any more: only then is what lsblk shows the truth. */
export const QUIET = ['flock', '-w', LOCK_PATIENCE_S, LOCK, 'true'] as const;

export function partitionAction(host: string, disk: LayoutDisk): ExecAction | undefined {
  if (disk.table === undefined) return undefined;
  return {
    kind: 'exec',
    host,
    argv: alone('sfdisk', '--wipe', 'always', disk.device),
    stdin: disk.table,
    note: `the partition table of ${disk.disk}`,
  };
}

export const formatAction = (host: string, format: LayoutFormat): ExecAction => ({
  kind: 'exec',
  host,
  argv: alone(...format.argv),
});

/** All that makes one volume group again with the identifiers of the source. */
export interface GroupDeeds {
  readonly backup: WriteAction;
  /** One for each physical volume, in the order of the group. */
  readonly create: readonly { readonly physical: LayoutPhysical; readonly action: ExecAction }[];
  readonly restore: ExecAction;
  readonly activate: ExecAction;
  readonly deactivate: ExecAction;
}

export function groupDeeds(view: View, machine: string, layout: Layout, group: LayoutGroup): GroupDeeds {
  const host = receiverHost(machine);
  const file = `${runtimeDirectory(evacuationOf(view))}/lvm-${group.name}`;
  const config = lvmConfig(layout.groups);
  const lvm = (argv: readonly Word[], note?: string): ExecAction => ({
    kind: 'exec',
    host,
    argv,
    ...(note === undefined ? {} : { note }),
  });
  return {
    backup: { kind: 'write', host, path: file, mode: 0o600, content: group.backup },
    create: group.physical.map(physical => ({
      physical,
      action: lvm(
        aloneClosed(
          'pvcreate',
          '--config',
          config,
          '--yes',
          '--uuid',
          physical.uuid,
          '--restorefile',
          file,
          physical.device,
        ),
        `a physical volume of ${group.name}, with the UUID of the source's`,
      ),
    })),
    restore: lvm(
      aloneClosed('vgcfgrestore', '--config', config, '--file', file, group.name),
      `the volume group ${group.name} with all UUIDs of the source`,
    ),
    activate: lvm(['vgchange', '--config', config, '-ay', group.name]),
    // By name, wherever its disks are now: the receiver has no other group of that name (`lvmTwins`).
    deactivate: lvm(['vgchange', '--config', 'devices{use_devicesfile=0}', '-an', group.name]),
  };
}

export const directoryAction = (host: string, mount: LayoutMount): ExecAction => ({
  kind: 'exec',
  host,
  argv: ['mkdir', '-p', mount.path],
});

/** By device, never by UUID. XFS refuses a second file system of one UUID, which the receiver's own root may have. */
export const mountAction = (
  host: string,
  mount: LayoutMount,
  shared: readonly string[] | undefined,
): ExecAction => {
  const isTwin = mount.fstype === 'xfs' && (shared ?? []).some(name => sameName(name, mount.uuid));
  const options = isTwin ? ['-o', 'nouuid'] : [];
  return { kind: 'exec', host, argv: ['mount', ...options, mount.device, mount.path] };
};

const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
