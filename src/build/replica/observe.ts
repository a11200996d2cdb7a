import { LandfallError } from '../../foundation/errors.ts';
import type { BlockFacts } from '../../journal/facts.ts';
import type { Host } from '../../remote/host.ts';
import { moverOf } from '../../step/mover.ts';
import type { StepContext, View } from '../../step/step.ts';
import { lookAtBlocks, lookAtMounts } from '../../tools/look.ts';
import { receiverHost } from '../names.ts';
import { type Layout, layoutOf } from './layout.ts';
import { replicaDevices } from './remaining.ts';
import { notObserved } from './replica.ts';
import { sharedIdentifiers } from './shared-identifiers.ts';

/** A kernel needs a moment to find a disk that was plugged in, and udev another to read what is on it. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 500;

/** udev's queue is empty afterwards: what lsblk shows is what is on the disks. Absent without systemd. */
const SETTLE = ['udevadm', 'settle', '--timeout=30'] as const;

export async function settle(receiver: Host, signal: AbortSignal): Promise<void> {
  await receiver.exec(SETTLE, { codes: [0, 1, 127], signal });
}

/**
 * Waits until the receiver's kernel shows every disk with a serial of ours, records where they are (and which names
 * they share with the receiver's own disk), and plans with what was recorded. The disks may be the replica's or a
 * proof's overlays of them: their serials and contents are the same.
 */
export async function observeDevices(
  context: StepContext,
  machine: string,
  signal: AbortSignal,
): Promise<Layout> {
  const observed = context.state.machines[machine]?.observed;
  if (observed === undefined) throw notObserved(machine);
  const receiver = await context.host(receiverHost(machine));
  const disks = observed.domain.disks.map(({ target, capacity }) => ({
    disk: target,
    // A copy by blocks is as large as its source was then; it stays good while a full copy of a grown disk is on its way.
    capacity:
      moverOf(context, machine) === 'files' ? capacity : (madeFor(context, machine, target) ?? capacity),
  }));
  const blocks = await blocksWithReplica(context, machine, receiver, disks, signal);
  const devices = replicaDevices(disks, blocks, receiver.id);
  const layout = layoutOf(machine, observed.domain, observed.guest, devices);
  const shared = sharedIdentifiers(layout, observed.guest, blocks, await lookAtMounts(receiver, signal));
  const known = context.state.machines[machine];
  const recorded = [known?.receiver?.devices, known?.sharedIdentifiers ?? []];
  if (JSON.stringify(recorded) !== JSON.stringify([devices, shared])) {
    await context.emit({ type: 'receiver.observed', machine, devices, shared });
  }
  return layout;
}

const madeFor = ({ state }: View, machine: string, disk: string): number | undefined =>
  state.machines[machine]?.replica?.volumes.find(volume => volume.disk === disk)?.capacity;

async function blocksWithReplica(
  context: StepContext,
  machine: string,
  receiver: Host,
  disks: readonly { readonly disk: string; readonly capacity: number }[],
  signal: AbortSignal,
): Promise<BlockFacts[]> {
  const started = context.clock.monotonic();
  for (;;) {
    await settle(receiver, signal);
    const blocks = await lookAtBlocks(receiver, signal);
    try {
      replicaDevices(disks, blocks, receiver.id);
      return blocks;
    } catch (error) {
      const isPending = error instanceof LandfallError && error.code === 'identity.mismatch';
      if (!isPending || context.clock.monotonic() - started >= PATIENCE_MS) throw error;
      context.sample({ text: `waiting until the receiver of ${machine} sees the replica's disks` });
      await context.clock.sleep(PAUSE_MS, signal);
    }
  }
}

/** From recorded facts alone; undefined before they are recorded, or where the inventory has refused them. */
export function plannedLayout({ state }: View, machine: string): Layout | undefined {
  const known = state.machines[machine];
  if (known?.observed === undefined) return undefined;
  try {
    return layoutOf(machine, known.observed.domain, known.observed.guest, known.receiver?.devices);
  } catch (error) {
    // The inventory step has told the engineer what cannot be built; a dry run must still list the rest.
    if (error instanceof LandfallError) return undefined;
    throw error;
  }
}
