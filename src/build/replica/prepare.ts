import { LandfallError } from '../../foundation/errors.ts';
import type { RsyncFacts } from '../../journal/facts.ts';
import type { MachineState } from '../../journal/state.ts';
import type { Plan } from '../../plan/schema.ts';
import type { Host } from '../../remote/host.ts';
import { type Action, fact, isUnknown } from '../../step/action.ts';
import { LINK_RETRY } from '../../step/retry.ts';
import type { Step, StepContext, View } from '../../step/step.ts';
import { LSBLK } from '../../tools/block-devices.ts';
import { lookAtBlocks, lookAtMounts, lookAtProductUuid, PRODUCT_UUID_FILE } from '../../tools/look.ts';
import { FINDMNT, type MountRow } from '../../tools/mounts.ts';
import { parseRsyncVersion } from '../../tools/rsync-version.ts';
import { unreadable } from '../../tools/virsh.ts';
import { receiverHost, stepId } from '../names.ts';
import {
  directoryAction,
  formatAction,
  type Layout,
  type LayoutMount,
  layoutOf,
  mountAction,
  partitionAction,
} from './layout.ts';
import { refuseOverCopy, remaining, replicaDevices } from './remaining.ts';
import { notObserved } from './replica.ts';
import { mayBeSeeded, seed, seedAction } from './seed.ts';
import { sharedIdentifiers } from './shared-identifiers.ts';

/** mkfs on a big disk over a slow pool takes its time. */
const FORMAT_TIMEOUT_MS = 600_000;

/** Partitions, file systems, mounts and the seed inside the receiver: afterwards passes can begin. */
export function prepareStep(plan: Plan, machine: string): Step {
  const host = receiverHost(machine);
  return {
    id: stepId(machine, 'prepare'),
    phase: 'build',
    subject: machine,
    title: `prepare the replica of ${machine} in its receiver`,
    needs: [stepId(machine, 'access')],
    resources: [
      { key: `host:${plan.machines[machine]?.target.hypervisor ?? host}`, units: 1 },
      // Asked again while a copy runs (an order may come at any moment), it must not mount or format under it.
      { key: `replica:${machine}`, units: 1 },
    ],
    retry: LINK_RETRY,
    preview: view => preview(view, machine),
    async done(context, signal) {
      const known = context.state.machines[machine];
      const prepared = known?.receiver?.prepared;
      const layout = plannedLayout(context, machine);
      if (prepared === undefined || layout === undefined) return false;
      if (layout.mounts.some(mount => !prepared.mounts.some(made => made.uuid === mount.uuid))) return false;
      const receiver = await context.host(host);
      if ((await lookAtProductUuid(receiver, signal)) !== known?.receiver?.uuid) return false;
      const rows = await lookAtMounts(receiver, signal);
      return layout.mounts.every(mount => isMounted(rows, mount));
    },
    run: (context, signal) => run(context, machine, signal),
  };
}

async function run(context: StepContext, machine: string, signal: AbortSignal): Promise<void> {
  const receiver = await context.host(receiverHost(machine));
  await refuseSource(context.state.machines[machine], receiver, signal);
  const rsync = await rsyncOf(receiver, machine, signal);

  const layout = await placedLayout(context, receiver, machine, signal);
  await buildDisks(context, machine, layout, receiver, signal);
  await mountAll(context, layout, receiver, signal);

  const before = context.state.machines[machine];
  const seededBytes = mayBeSeeded(before)
    ? await seed(context, machine, signal)
    : (before?.receiver?.prepared?.seededBytes ?? 0);
  const machineId = await receiver.exec(['cat', '/etc/machine-id'], { signal });
  await context.emit({
    type: 'receiver.prepared',
    machine,
    machineId: machineId.stdout.toString('utf8').trim(),
    mounts: layout.mounts.map(({ mountpoint, device, uuid }) => ({
      mountpoint,
      device: String(device),
      uuid,
    })),
    rsync,
    seededBytes,
  });
}

/** The host to be formatted must be the receiver's domain and must not be the source, by SMBIOS UUID. */
async function refuseSource(
  machine: MachineState | undefined,
  receiver: Host,
  signal: AbortSignal,
): Promise<void> {
  const expected = machine?.receiver?.uuid;
  const sources = [machine?.observed?.domain.uuid, machine?.observed?.guest.productUuid];
  const answered = await lookAtProductUuid(receiver, signal);
  if (answered !== undefined && answered === expected && !sources.includes(answered)) return;
  const isSource = answered !== undefined && sources.includes(answered);
  throw new LandfallError('identity.mismatch', {
    what: isSource
      ? `${receiver.id} answers as the source machine itself`
      : `${receiver.id} does not prove that it is the receiver`,
    why: 'the next actions format disks: landfall does that only in the receiver it started',
    where: { host: receiver.id, command: `cat ${PRODUCT_UUID_FILE}` },
    evidence: [
      `receiver's domain: ${expected ?? 'not recorded'}`,
      `answered:          ${answered ?? 'nothing (unreadable)'}`,
      `source's domain:   ${sources[0] ?? 'not recorded'}`,
    ],
    next: [
      'look at the target address of the machine in the plan: it must reach the receiver',
      'the login must be root: the UUID is readable for nobody else',
    ],
  });
}

async function rsyncOf(receiver: Host, machine: string, signal: AbortSignal): Promise<RsyncFacts> {
  try {
    const text = (await receiver.exec(['rsync', '--version'], { signal })).stdout.toString('utf8');
    const facts = parseRsyncVersion(text);
    if (facts === undefined) throw unreadable(receiver.id, 'rsync --version', text);
    return facts;
  } catch (error) {
    if (!(error instanceof LandfallError) || error.code !== 'remote.command-missing') throw error;
    throw new LandfallError('remote.command-missing', {
      what: `rsync is missing in the receiver of ${machine}`,
      why: 'it receives the passes',
      where: { host: receiver.id, machine, command: 'rsync --version' },
      next: [
        'put rsync into the golden image, or name another image in the plan',
        'then remove the receiver (virsh destroy, undefine, vol-delete of its own disk) and run again',
      ],
      cause: error,
    });
  }
}

/** Finds the replica's disks by serial, records where they are, and plans with what was recorded. */
async function placedLayout(
  context: StepContext,
  receiver: Host,
  machine: string,
  signal: AbortSignal,
): Promise<Layout> {
  const observed = context.state.machines[machine]?.observed;
  if (observed === undefined) throw notObserved(machine);
  const blocks = await lookAtBlocks(receiver, signal);
  const devices = replicaDevices(
    observed.domain.disks.map(disk => ({ disk: disk.target, capacity: disk.capacity })),
    blocks,
    receiver.id,
  );
  const layout = layoutOf(machine, observed.domain, observed.guest, devices);
  const shared = sharedIdentifiers(layout, observed.guest, blocks, await lookAtMounts(receiver, signal));
  const known = context.state.machines[machine];
  const recorded = [known?.receiver?.devices, known?.sharedIdentifiers ?? []];
  if (JSON.stringify(recorded) !== JSON.stringify([devices, shared])) {
    await context.emit({ type: 'receiver.observed', machine, devices, shared });
  }
  return layout;
}

async function buildDisks(
  context: StepContext,
  machine: string,
  layout: Layout,
  receiver: Host,
  signal: AbortSignal,
): Promise<void> {
  const todo = remaining(layout, await lookAtBlocks(receiver, signal), receiver.id);
  refuseOverCopy(context.state.machines[machine], todo, receiver.id);
  for (const disk of todo.partition) {
    context.sample({ text: `partitioning the replica of ${disk.disk}` });
    const action = partitionAction(receiver.id, disk);
    if (action !== undefined) await context.perform(action, { timeoutMs: FORMAT_TIMEOUT_MS, signal });
  }
  for (const format of todo.format) {
    context.sample({ text: `making ${format.fstype} on ${String(format.device)}` });
    await context.perform(formatAction(receiver.id, format), { timeoutMs: FORMAT_TIMEOUT_MS, signal });
  }
}

async function mountAll(
  context: StepContext,
  layout: Layout,
  receiver: Host,
  signal: AbortSignal,
): Promise<void> {
  const rows = await lookAtMounts(receiver, signal);
  for (const mount of layout.mounts) {
    if (isMounted(rows, mount)) continue;
    const other = rows.findLast(row => row.target === mount.path);
    if (other !== undefined) throw otherMount(receiver.id, mount, other);
    await context.perform(directoryAction(receiver.id, mount), { signal });
    await context.perform(mountAction(receiver.id, mount), { signal });
  }
}

/** The topmost mount at that place counts; where findmnt knows no UUID, the device does. */
function isMounted(rows: readonly MountRow[], mount: LayoutMount): boolean {
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

/** From recorded facts alone; undefined before they are recorded, or where the inventory has refused them. */
function plannedLayout({ state }: View, machine: string): Layout | undefined {
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

function preview(view: View, machine: string): Action[] {
  const host = receiverHost(machine);
  const look = (argv: readonly string[], note?: string): Action => ({
    kind: 'exec',
    host,
    argv,
    reads: true,
    ...(note === undefined ? {} : { note }),
  });
  return [
    look(['cat', PRODUCT_UUID_FILE]),
    look(['rsync', '--version']),
    look(LSBLK, 'finds the replica disks by serial'),
    look(FINDMNT),
    ...deeds(view, machine),
    ...(mayBeSeeded(view.state.machines[machine]) ? [seedAction(view, machine)] : []),
    look(['cat', '/etc/machine-id']),
  ];
}

function deeds(view: View, machine: string): Action[] {
  const host = receiverHost(machine);
  const layout = plannedLayout(view, machine);
  if (layout !== undefined) {
    return [
      ...layout.disks.flatMap(disk => partitionAction(host, disk) ?? []),
      ...layout.formats.map(format => formatAction(host, format)),
      ...layout.mounts.flatMap(mount => [directoryAction(host, mount), mountAction(host, mount)]),
    ];
  }
  const each = (what: string) => fact(undefined, what, `inventory/${machine}`);
  return [
    {
      kind: 'exec',
      host,
      argv: ['sfdisk', '--wipe', 'always', each('device of each disk with a partition table')],
      stdin: each('partition table of that disk'),
    },
    { kind: 'exec', host, argv: [each('mkfs or mkswap for each file system, with its UUID and label')] },
    { kind: 'exec', host, argv: ['mkdir', '-p', each('place of each file system below /mnt/t')] },
    { kind: 'exec', host, argv: ['mount', each('device of that file system'), each('its place')] },
  ];
}
