import { get } from '../../journal/maps.ts';
import type { Action } from '../../step/action.ts';
import { moverOf } from '../../step/mover.ts';
import type { StepContext, View } from '../../step/step.ts';
import type { Layout } from '../replica/layout.ts';
import { mountActions, mountReplica, unmountActions, unmountReplica } from '../replica/mounting.ts';
import type { ReceiverVolume } from './disk-xml.ts';
import { plug, plugActions, unplug, unplugActions } from './plug.ts';
import { refuseTwins, twinsLooks } from './receiver-tools.ts';

/**
 * Replica out, overlays in, and back: what a boot proof does to the receiver. Each function begins with a look and does
 * only what is missing, so it may be called at any time, and again after a crash.
 */

/** Everything that `takeOut` may perform, for a preview. */
export function takeOutActions(view: View, machine: string): Action[] {
  return [...unmountActions(view, machine), ...unplugActions(view, machine)];
}

/**
 * Leaves the running receiver without any disk of ours, replica or overlay: flushed, unmounted (a left-over chroot
 * too), volume groups down, disks detached. Throws `job.conflict` where something still uses the tree. Where blocks move
 * the machine that is the end of it, and goes on record: `receiver.observed` without a device.
 */
export async function takeOut(context: StepContext, machine: string, signal: AbortSignal): Promise<void> {
  await unmountReplica(context, machine, signal);
  await unplug(context, machine, signal);
  if (moverOf(context, machine) === 'files') return;
  const devices = get(context.state.machines, machine)?.receiver?.devices;
  if (devices === undefined || Object.keys(devices).length > 0)
    await context.emit({ type: 'receiver.observed', machine, devices: {} });
}

/** Everything that `putIn` may perform for these volumes, for a preview. */
export function putInActions(
  view: View,
  machine: string,
  volumes: readonly ReceiverVolume[] | undefined,
): Action[] {
  return [
    ...(moverOf(view, machine) === 'files' ? [] : twinsLooks(view, machine)),
    ...plugActions(view, machine, volumes),
    ...mountActions(view, machine),
  ];
}

/**
 * Plugs these volumes (`replicaVolumes`, or overlays of them: one a disk, in the source's order, with the source's disk
 * names) into the running receiver and mounts their tree at /mnt/t. Emits `receiver.observed` with the devices, which
 * may have other names than before. Whatever was in before must have been taken out with `takeOut`.
 */
export async function putIn(
  context: StepContext,
  machine: string,
  volumes: readonly ReceiverVolume[],
  signal: AbortSignal,
): Promise<Layout> {
  // No step of the build has plugged the replica in before, and asked this.
  if (moverOf(context, machine) === 'blocks') await refuseTwins(context, machine, signal);
  await plug(context, machine, volumes, signal);
  return await mountReplica(context, machine, signal);
}
