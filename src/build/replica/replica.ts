import { LandfallError } from '../../foundation/errors.ts';
import { formatBytes } from '../../foundation/units.ts';
import type { EventOf } from '../../journal/events.ts';
import { get } from '../../journal/maps.ts';
import type { Plan } from '../../plan/schema.ts';
import type { Host } from '../../remote/host.ts';
import { type Action, fact } from '../../step/action.ts';
import { moverOf } from '../../step/mover.ts';
import { LINK_RETRY } from '../../step/retry.ts';
import type { Step, StepContext, View } from '../../step/step.ts';
import type { VolumeXml } from '../../tools/libvirt-xml.ts';
import { evacuationOf, replicaVolume, stepId } from '../names.ts';
import { fitnessLooks, refuseUnfit } from '../receiver/fitness.ts';
import { type Target, targetHypervisor, targetOf } from '../site.ts';
import { findVolume, needVolume, poolOf } from './volumes.ts';

type Volume = EventOf<'replica.created'>['volumes'][number];
type ExecAction = Action & { kind: 'exec' };

/** One empty qcow2 volume for each disk of the source, of the same capacity. An existing one is kept or refused. */
export function replicaStep(plan: Plan, machine: string): Step {
  const site = targetOf(plan, machine);
  return {
    id: stepId(machine, 'replica'),
    phase: 'build',
    subject: machine,
    title: `create the replica disks of ${machine}`,
    needs: [`inventory/${machine}`, `inventory/${site.hypervisor}`],
    resources: [{ key: `host:${site.hypervisor}`, units: 1 }],
    retry: LINK_RETRY,
    preview: view => preview(view, site),
    async done(context, signal) {
      const recorded = context.state.machines[machine]?.replica?.volumes;
      const wanted = wantedVolumes(context, site);
      if (recorded === undefined || wanted === undefined || recorded.length !== wanted.length) return false;
      const host = await context.host(site.hypervisor);
      for (const want of wanted) {
        const found = await findVolume(host, site, want.pool, want.volume, signal);
        const known = recorded.find(volume => volume.disk === want.disk);
        if (found === undefined || found.path !== known?.path) return false;
        if (found.capacity !== want.capacity && !isReplaced(context, site)) return false;
      }
      return true;
    },
    run: (context, signal) => run(context, site, signal),
  };
}

async function run(context: StepContext, site: Target, signal: AbortSignal): Promise<void> {
  const { machine } = site;
  const wanted = wantedVolumes(context, site);
  if (wanted === undefined) throw notObserved(machine);
  const host = await targetHypervisor(context, site, signal);
  for (const warning of await refuseUnfit(context, host, site, signal)) context.sample({ text: warning });

  const existing = new Map<string, VolumeXml>();
  for (const want of wanted) {
    const found = await findVolume(host, site, want.pool, want.volume, signal);
    if (found === undefined) continue;
    if (found.capacity !== want.capacity && !isReplaced(context, site))
      throw otherCapacity(site, want, found.capacity);
    if (found.backing !== undefined || found.format !== 'qcow2') throw otherVolume(site, want, found);
    existing.set(want.disk, found);
  }
  await refuseWithoutSpace(context, host, site, [...existing.values()], signal);

  const volumes: Volume[] = [];
  for (const want of wanted) {
    if (!existing.has(want.disk)) await context.perform(creation(site, want), { signal });
    const made = existing.get(want.disk) ?? (await needVolume(host, site, want.pool, want.volume, signal));
    const capacity = existing.get(want.disk)?.capacity ?? want.capacity;
    volumes.push({ ...want, capacity, path: made.path });
  }
  const kept = isReplaced(context, site) ? [...existing.keys()] : [];
  await context.emit({
    type: 'replica.created',
    machine,
    volumes,
    ...(kept.length === 0 ? {} : { kept }),
  });
}

/**
 * A full copy by blocks lands beside the replica and takes its place when it is whole, as large as its source is then. So a
 * disk that was resized, or one more, costs nothing of what the other volumes hold.
 */
const isReplaced = (view: View, { machine }: Target): boolean => moverOf(view, machine) === 'blocks';

/** From recorded facts; undefined before the machine was observed. */
function wantedVolumes(view: View, site: Target): Omit<Volume, 'path'>[] | undefined {
  const disks = view.state.machines[site.machine]?.observed?.domain.disks;
  return disks?.map(disk => ({
    disk: disk.target,
    pool: site.target.pool,
    volume: replicaVolume(evacuationOf(view), site.machine, disk.target),
    capacity: disk.capacity,
  }));
}

function preview(view: View, site: Target): Action[] {
  const wanted = wantedVolumes(view, site);
  const from = `inventory/${site.machine}`;
  const read = (...verb: string[]): Action => ({
    kind: 'exec',
    host: site.hypervisor,
    argv: site.read(...verb),
    reads: true,
  });
  const creations: Action[] = wanted?.map(want => creation(site, want)) ?? [
    {
      kind: 'exec',
      host: site.hypervisor,
      argv: [
        ...site.write('vol-create-as', site.target.pool),
        fact(undefined, `${replicaVolume(evacuationOf(view), site.machine, 'DISK')} for each disk`, from),
        fact(undefined, 'bytes of that disk', from),
        '--format',
        'qcow2',
      ],
    },
  ];
  return [
    { kind: 'exec', host: site.hypervisor, argv: ['cat', '/etc/machine-id'], reads: true },
    ...fitnessLooks(site),
    ...(wanted ?? []).map(want => read('vol-dumpxml', '--pool', want.pool, want.volume)),
    read('pool-dumpxml', site.target.pool),
    ...creations,
  ];
}

function creation(site: Target, want: Omit<Volume, 'path'>): ExecAction {
  return {
    kind: 'exec',
    host: site.hypervisor,
    argv: site.write('vol-create-as', want.pool, want.volume, String(want.capacity), '--format', 'qcow2'),
  };
}

/**
 * What the replica will take of its pool when it is full. Of files, what is in use on the source, swap left out; of blocks,
 * what the source's own disks take, since they hold what was deleted as well.
 */
function bytesToCome(view: View, machine: string): number {
  const observed = get(view.state.machines, machine)?.observed;
  if (moverOf(view, machine) === 'blocks')
    return (observed?.domain.disks ?? []).reduce((sum, disk) => sum + disk.allocation, 0);
  return (observed?.guest.fileSystems ?? []).reduce((sum, fs) => sum + fs.used, 0);
}

/** Fails early: qcow2 is sparse, so libvirt would create the volume and a pass would fail hours later. */
async function refuseWithoutSpace(
  context: StepContext,
  host: Host,
  site: Target,
  existing: readonly VolumeXml[],
  signal: AbortSignal,
): Promise<void> {
  const pool = await poolOf(host, site, site.target.pool, signal);
  const used = bytesToCome(context, site.machine);
  const there = existing.reduce((sum, volume) => sum + volume.allocation, 0);
  const promised = await promisedToOthers(context, host, site, signal);
  const short = used - there - (pool.available - promised);
  if (short <= 0) return;
  throw new LandfallError('build.space', {
    what: `the pool "${pool.name}" on ${site.hypervisor} is ${short} bytes (${formatBytes(short)}) short for ${site.machine}`,
    why: 'the copy would stop in the middle with a full disk',
    where: { host: site.hypervisor, machine: site.machine },
    evidence: [
      `in use on ${site.machine}: ${formatBytes(used)}`,
      `already in its replica: ${formatBytes(there)}`,
      `free in the pool: ${formatBytes(pool.available)} of ${formatBytes(pool.capacity)} at ${pool.path}`,
      ...(promised > 0 ? [`still to come to replicas there: ${formatBytes(promised)}`] : []),
    ],
    next: [
      `make room at ${pool.path}, or add a pool and name it: machines.${site.machine}.target.pool`,
      `leave out what need not travel: machines.${site.machine}.exclude`,
    ],
  });
}

/** What the replicas of other machines in this pool have yet to take: their volumes are made, but sparse. */
async function promisedToOthers(
  context: StepContext,
  host: Host,
  site: Target,
  signal: AbortSignal,
): Promise<number> {
  let promised = 0;
  for (const other of othersInPool(context, site)) {
    const known = context.state.machines[other];
    let there = 0;
    for (const { pool, volume } of known?.replica?.volumes ?? []) {
      there += (await findVolume(host, site, pool, volume, signal))?.allocation ?? 0;
    }
    promised += Math.max(0, bytesToCome(context, other) - there);
  }
  return promised;
}

const othersInPool = ({ plan, state }: View, site: Target): string[] =>
  Object.entries(plan.machines)
    .filter(([name]) => name !== site.machine && state.machines[name]?.replica !== undefined)
    .filter(([, { target }]) => target.hypervisor === site.hypervisor && target.pool === site.target.pool)
    .map(([name]) => name);

function otherCapacity(site: Target, want: Omit<Volume, 'path'>, found: number): LandfallError {
  return new LandfallError('build.foreign-object', {
    what: `the volume ${want.volume} exists with ${found} bytes, but disk ${want.disk} of ${site.machine} has ${want.capacity}`,
    why: 'landfall neither resizes nor replaces what it finds',
    where: { host: site.hypervisor, machine: site.machine },
    next: [
      `if the source disk has grown: stop the receiver, then virsh vol-resize ${want.volume} ${want.capacity} --pool ${want.pool}`,
      `if it is a leftover: virsh vol-delete ${want.volume} --pool ${want.pool}`,
    ],
  });
}

function otherVolume(site: Target, want: Omit<Volume, 'path'>, found: VolumeXml): LandfallError {
  return new LandfallError('build.foreign-object', {
    what: `the volume ${want.volume} exists, but it is not one that landfall made`,
    why: 'landfall neither overwrites nor removes what it finds',
    where: { host: site.hypervisor, machine: site.machine },
    evidence: [`its format: ${found.format}`, `its base: ${found.backing ?? 'none'}`],
    next: [
      `if nobody needs it: virsh vol-delete ${want.volume} --pool ${want.pool}`,
      'or give the evacuation another name in the plan',
    ],
  });
}

export function notObserved(machine: string): LandfallError {
  return new LandfallError('bug', {
    what: `the build of ${machine} began before its inventory was recorded`,
    next: ['report this with the journal of the evacuation'],
  });
}
