import { LandfallError } from '../../foundation/errors.ts';
import type { RsyncFacts } from '../../journal/facts.ts';
import type { MachineState } from '../../journal/state.ts';
import type { Plan } from '../../plan/schema.ts';
import type { Host } from '../../remote/host.ts';
import { type Action, fact } from '../../step/action.ts';
import { LINK_RETRY } from '../../step/retry.ts';
import type { Step, StepContext, View } from '../../step/step.ts';
import { LSBLK } from '../../tools/block-devices.ts';
import { lookAtBlocks, lookAtMounts, lookAtProductUuid, PRODUCT_UUID_FILE } from '../../tools/look.ts';
import { FINDMNT } from '../../tools/mounts.ts';
import { parseRsyncVersion } from '../../tools/rsync-version.ts';
import { unreadable } from '../../tools/virsh.ts';
import { REPLICA_ROOT, receiverHost, stepId } from '../names.ts';
import { lookAtPhysicalVolumes, type PhysicalVolume } from '../receiver/receiver-tools.ts';
import { formatAction, groupDeeds, partitionAction, QUIET } from './deeds.ts';
import type { Layout } from './layout.ts';
import { isMounted, mountActions, mountAll } from './mounting.ts';
import { observeDevices, plannedLayout, settle } from './observe.ts';
import { type Remaining, refuseOverCopy, remaining } from './remaining.ts';
import { mayBeSeeded, seed, seedAction } from './seed.ts';

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
    needs: [stepId(machine, 'attach')],
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

  const layout = await observeDevices(context, machine, signal);
  await buildDisks(context, machine, layout, receiver, signal);
  await mountAll(context, machine, layout, signal);

  const before = context.state.machines[machine];
  const seededBytes = mayBeSeeded(before)
    ? await seed(context, machine, signal)
    : (before?.receiver?.prepared?.seededBytes ?? (await unprovenBytes(before, receiver, signal)));
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

/**
 * What lies in a replica whose receiver was made anew before the first pass had ended: nobody knows which files are the
 * clone's, so the pass must compare contents, as it does over a seed. 0 once a pass has ended.
 */
async function unprovenBytes(
  machine: MachineState | undefined,
  receiver: Host,
  signal: AbortSignal,
): Promise<number> {
  const hasEnded =
    machine?.olderPasses !== undefined || machine?.passes.some(pass => pass.ended !== undefined);
  if (hasEnded === true) return 0;
  const rows = await lookAtMounts(receiver, signal);
  return rows.findLast(({ target }) => target === REPLICA_ROOT)?.used ?? 0;
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

async function buildDisks(
  context: StepContext,
  machine: string,
  layout: Layout,
  receiver: Host,
  signal: AbortSignal,
): Promise<void> {
  // What a killed run has begun goes on without it: only when that has ended, lsblk shows what is there.
  await receiver.exec(QUIET, { timeoutMs: FORMAT_TIMEOUT_MS, signal });
  await settle(receiver, signal);
  const todo = remaining(layout, await lookAtBlocks(receiver, signal), receiver.id);
  refuseOverCopy(context.state.machines[machine], physicalOnly(todo), receiver.id);
  for (const disk of todo.partition) {
    context.sample({ text: `partitioning the replica of ${disk.disk}` });
    const action = partitionAction(receiver.id, disk);
    if (action !== undefined) await context.perform(action, { timeoutMs: FORMAT_TIMEOUT_MS, signal });
  }
  await buildGroups(context, machine, layout, todo, signal);
  await settle(receiver, signal);
  const unmade = remaining(layout, await lookAtBlocks(receiver, signal), receiver.id);
  refuseOverCopy(context.state.machines[machine], unmade, receiver.id);
  for (const format of unmade.format) {
    context.sample({ text: `making ${format.fstype} on ${String(format.device)}` });
    await context.perform(formatAction(receiver.id, format), { timeoutMs: FORMAT_TIMEOUT_MS, signal });
  }
}

/** A logical volume is not there as long as its group is down: that is no reason to call its file system lost. */
const physicalOnly = (todo: Remaining): Remaining => ({
  ...todo,
  format: todo.format.filter(({ place }) => 'disk' in place),
});

/** Physical volumes, groups from their backups, logical volumes up; each group whole before the next. */
async function buildGroups(
  context: StepContext,
  machine: string,
  layout: Layout,
  todo: Remaining,
  signal: AbortSignal,
): Promise<void> {
  const receiver = await context.host(receiverHost(machine));
  for (const group of layout.groups) {
    const { backup, create, restore, activate } = groupDeeds(context, machine, layout, group);
    context.sample({ text: `restoring the volume group ${group.name}` });
    await context.perform(backup);
    for (const { physical, action } of create) {
      const isMissing = todo.physical.some(item => item.physical === physical);
      if (isMissing) await context.perform(action, { timeoutMs: FORMAT_TIMEOUT_MS, signal });
    }
    const uuids = new Set(group.physical.map(({ uuid }) => uuid));
    const rows = (await lookAtPhysicalVolumes(receiver, signal)).filter(row => uuids.has(row.uuid));
    const other = rows.find(row => row.group !== '' && row.group !== group.name);
    if (other !== undefined) throw otherGroup(receiver.id, group.name, other);
    const isWhole = rows.length === group.physical.length && rows.every(row => row.group === group.name);
    if (!isWhole) await context.perform(restore, { timeoutMs: FORMAT_TIMEOUT_MS, signal });
    await context.perform(activate, { signal });
  }
}

function otherGroup(host: string, name: string, found: PhysicalVolume): LandfallError {
  return new LandfallError('build.foreign-object', {
    what: `${found.device} in the receiver belongs to the volume group ${found.group}, not to ${name}`,
    why: 'landfall restores a volume group only onto disks that belong to none',
    where: { host, command: 'pvs' },
    next: ['if it may go: remove the receiver and the replica volume, then run the same command again'],
  });
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
    look(QUIET, 'waits for what a killed run has left behind'),
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
      ...layout.groups.flatMap(group => {
        const { backup, create, restore } = groupDeeds(view, machine, layout, group);
        return [backup, ...create.map(({ action }) => action), restore];
      }),
      ...layout.formats.map(format => formatAction(host, format)),
      ...mountActions(view, machine),
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
    ...mountActions(view, machine),
  ];
}
