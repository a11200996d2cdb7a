import { LandfallError } from '../../foundation/errors.ts';
import { tailLines } from '../../foundation/text.ts';
import type { Host } from '../../remote/host.ts';
import { type Action, fact, isUnknown } from '../../step/action.ts';
import { moverOf } from '../../step/mover.ts';
import type { StepContext, View } from '../../step/step.ts';
import { lookAtBlocks, lookAtMounts } from '../../tools/look.ts';
import { type MountRow, parseProcMounts } from '../../tools/mounts.ts';
import { REPLICA_ROOT, receiverHost } from '../names.ts';
import { directoryAction, groupDeeds, mountAction } from './deeds.ts';
import type { Layout, LayoutMount } from './layout.ts';
import { observeDevices, plannedLayout, settle } from './observe.ts';

/** The replica's tree at /mnt/t of the receiver: mounted for passes and fix-ups, unmounted before its disks go out. */

type ExecAction = Action & { kind: 'exec' };

/** A receiver that has taken a pass may have gigabytes to write back. */
const FLUSH_TIMEOUT_MS = 600_000;
/** LVM's only failure code; a group whose disks are not in cannot be taken down, and need not. */
const LVM_FAILED = 5;

/** Everything that `mountReplica` may perform, for a preview: volume groups come up, then each file system, by device. */
export function mountActions(view: View, machine: string): Action[] {
  const host = receiverHost(machine);
  const layout = plannedLayout(view, machine);
  if (layout === undefined) {
    const each = (what: string) => fact(undefined, what, `inventory/${machine}`);
    return [
      { kind: 'exec', host, argv: ['mkdir', '-p', each('place of each file system below /mnt/t')] },
      { kind: 'exec', host, argv: ['mount', each('device of that file system'), each('its place')] },
    ];
  }
  const shared = view.state.machines[machine]?.sharedIdentifiers;
  return [
    ...layout.groups.map(group => groupDeeds(view, machine, layout, group).activate),
    ...layout.mounts.flatMap(mount => [directoryAction(host, mount), mountAction(host, mount, shared)]),
  ];
}

/** Everything that `unmountReplica` may perform, for a preview: deepest first, then the volume groups go down. */
export function unmountActions(view: View, machine: string): Action[] {
  const host = receiverHost(machine);
  const layout = plannedLayout(view, machine);
  return [
    syncAction(host),
    unmountAction(host),
    ...(layout?.groups.map(group => groupDeeds(view, machine, layout, group).deactivate) ?? []),
  ];
}

const syncAction = (host: string): ExecAction => ({ kind: 'exec', host, argv: ['sync'] });

/** With all below it, deepest first, a left-over chroot's /proc and /dev too. */
const unmountAction = (host: string): ExecAction => ({
  kind: 'exec',
  host,
  argv: ['umount', '-R', REPLICA_ROOT],
});

/**
 * Mounts what was plugged in at its places below /mnt/t, volume groups first; what is mounted rightly stays. The disks
 * must be in the receiver (`plug`). Gives back the layout with the devices as the receiver has them now.
 */
export async function mountReplica(
  context: StepContext,
  machine: string,
  signal: AbortSignal,
): Promise<Layout> {
  const receiver = await context.host(receiverHost(machine));
  const layout = await observeDevices(context, machine, signal);
  if (layout.groups.length > 0) {
    for (const group of layout.groups) {
      await context.perform(groupDeeds(context, machine, layout, group).activate, { signal });
    }
    await settle(receiver, signal);
  }
  await mountAll(context, machine, await presentIn(context, machine, layout, receiver, signal), signal);
  return layout;
}

/** A disk that came after the last copy by blocks is empty in it: what it will hold is not mounted, everything else is. */
async function presentIn(
  context: StepContext,
  machine: string,
  layout: Layout,
  receiver: Host,
  signal: AbortSignal,
): Promise<Layout> {
  if (moverOf(context, machine) === 'files') return layout;
  const blocks = await lookAtBlocks(receiver, signal);
  const isThere = ({ mountpoint, device }: LayoutMount): boolean =>
    mountpoint === '/' || blocks.some(block => block.device === device && block.fstype !== undefined);
  return { ...layout, mounts: layout.mounts.filter(isThere) };
}

/** Mounts what is not mounted yet; volume groups must be up. */
export async function mountAll(
  context: StepContext,
  machine: string,
  layout: Layout,
  signal: AbortSignal,
): Promise<void> {
  const receiver = await context.host(receiverHost(machine));
  const rows = await lookAtMounts(receiver, signal);
  const shared = context.state.machines[machine]?.sharedIdentifiers;
  for (const mount of layout.mounts) {
    if (isMounted(rows, mount)) continue;
    const other = rows.findLast(row => row.target === mount.path);
    if (other !== undefined) throw otherMount(receiver.id, mount, other);
    await context.perform(directoryAction(receiver.id, mount), { signal });
    await context.perform(mountAction(receiver.id, mount, shared), { signal });
  }
}

/**
 * Unmounts everything at and below /mnt/t in the receiver, whatever run mounted it, and takes the replica's volume
 * groups down, so that its disks can go out. Nothing mounted there is fine.
 */
export async function unmountReplica(
  context: StepContext,
  machine: string,
  signal: AbortSignal,
): Promise<void> {
  const receiver = await context.host(receiverHost(machine));
  const mounted = await mountedBelow(receiver, signal);
  if (mounted.length > 0) {
    await context.perform(syncAction(receiver.id), { timeoutMs: FLUSH_TIMEOUT_MS, signal });
    await unmount(context, receiver, signal);
  }
  const layout = plannedLayout(context, machine);
  if (layout !== undefined) await groupsDown(context, machine, layout, receiver, signal);
}

/** A volume that stays up would point to a disk that is gone, and stand in the way of the next one of its name. */
async function groupsDown(
  context: StepContext,
  machine: string,
  layout: Layout,
  receiver: Host,
  signal: AbortSignal,
): Promise<void> {
  const volumes = new Set(layout.groups.flatMap(({ logical }) => logical.map(({ device }) => device)));
  const upOf = async (): Promise<string[]> =>
    (await lookAtBlocks(receiver, signal)).map(({ device }) => device).filter(device => volumes.has(device));
  if (volumes.size === 0 || (await upOf()).length === 0) return;
  let complaint = '';
  for (const group of layout.groups) {
    const { deactivate } = groupDeeds(context, machine, layout, group);
    const { stderr } = await context.perform(deactivate, { codes: [0, LVM_FAILED], signal });
    complaint += stderr.toString('utf8');
  }
  const up = await upOf();
  if (up.length === 0) return;
  throw new LandfallError('job.conflict', {
    what: `${up.join(', ')} in the receiver cannot be taken down`,
    why: 'something still uses the replica; it is not pulled away from under it',
    where: { host: receiver.id, machine, command: 'vgchange -an' },
    evidence: tailLines(complaint, 3),
    next: [
      `see who uses it, inside the receiver: lsblk ${up.join(' ')}; fuser -v ${up.join(' ')}`,
      'end that, then run the same command again',
    ],
  });
}

async function unmount(context: StepContext, receiver: Host, signal: AbortSignal): Promise<void> {
  const action = unmountAction(receiver.id);
  const result = await context.perform(action, { codes: [0, 1, 32], timeoutMs: FLUSH_TIMEOUT_MS, signal });
  if (result.code === 0) return;
  throw new LandfallError('job.conflict', {
    what: `${REPLICA_ROOT} in the receiver cannot be unmounted`,
    why: 'something still uses the replica; it is not pulled away from under it',
    where: { host: receiver.id, command: `umount -R ${REPLICA_ROOT}` },
    evidence: tailLines(result.stderr.toString('utf8'), 3),
    next: [
      `see who uses it, inside the receiver: fuser -vm ${REPLICA_ROOT}`,
      'end that, then run the same command again',
    ],
  });
}

/** `/proc/self/mounts` rather than findmnt --real, because the mounts of a chroot are no real file systems. */
async function mountedBelow(receiver: Host, signal: AbortSignal): Promise<MountRow[]> {
  const { stdout } = await receiver.exec(['cat', '/proc/self/mounts'], { signal });
  return parseProcMounts(stdout.toString('utf8')).filter(
    ({ target }) => target === REPLICA_ROOT || target.startsWith(`${REPLICA_ROOT}/`),
  );
}

/** The topmost mount at that place counts; where findmnt knows no UUID, the device does. */
export function isMounted(rows: readonly MountRow[], mount: LayoutMount): boolean {
  const row = rows.findLast(item => item.target === mount.path);
  if (row === undefined) return false;
  if (row.uuid !== undefined) return row.uuid.toLowerCase() === mount.uuid.toLowerCase();
  return !isUnknown(mount.device) && row.source === mount.device;
}

function otherMount(host: string, mount: LayoutMount, other: MountRow): LandfallError {
  return new LandfallError('build.foreign-object', {
    what: `something else is mounted at ${mount.path} in the receiver`,
    where: { host },
    evidence: [
      `mounted: ${other.source} ${other.uuid ?? ''}`,
      `wanted:  ${String(mount.device)} ${mount.uuid}`,
    ],
    next: [`if nobody needs it there: umount ${mount.path}`, 'then run the same command again'],
  });
}
