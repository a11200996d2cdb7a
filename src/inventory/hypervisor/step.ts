import { LandfallError } from '../../foundation/errors.ts';
import type { EventOf } from '../../journal/events.ts';
import type { HypervisorState, State } from '../../journal/state.ts';
import type { Host } from '../../remote/host.ts';
import { formatArgv } from '../../remote/quote.ts';
import type { Action } from '../../step/action.ts';
import { LINK_RETRY } from '../../step/retry.ts';
import type { Step, StepContext, View } from '../../step/step.ts';
import { parsePool, parseVolume } from '../../tools/libvirt-xml.ts';
import { suggestion } from '../../tools/suggest.ts';
import {
  askVirsh,
  firstColumn,
  nameLines,
  needVirsh,
  nodeFacts,
  unreadable,
  versionLine,
  virshRead,
} from '../../tools/virsh.ts';
import { isFresh } from '../fresh.ts';
import { machineIdOf } from './asking.ts';
import { isTarget, plannedObjects } from './planned-objects.ts';
import { lookAtVirtualization, virtualizationQuestions } from './virtualization.ts';

type Observed = EventOf<'hypervisor.observed'>;

export const hypervisorStepId = (hypervisor: string): string => `inventory/${hypervisor}`;

/**
 * Looks at one hypervisor: who it is, what it has, and whether everything that the plan wants of it is there.
 * `done` when the facts are younger than an hour, complete for this plan, and the host still answers as the same one.
 */
export function hypervisorStep(hypervisor: string): Step {
  const id = hypervisorStepId(hypervisor);
  return {
    id,
    phase: 'inventory',
    subject: hypervisor,
    title: `look at the hypervisor ${hypervisor}`,
    needs: [],
    resources: [{ key: `host:${hypervisor}`, units: 1 }],
    retry: LINK_RETRY,
    preview: view => preview(view, hypervisor),
    async done(context, signal) {
      const known = context.state.hypervisors[hypervisor];
      if (known === undefined || !isFresh(known.observedAt, context.clock.now())) return false;
      if (twin(context, hypervisor, known.hostId) !== undefined) return false;
      if (firstMissing(context, hypervisor, known) !== undefined) return false;
      if (isTarget(context.plan, hypervisor) && known.virtualization === undefined) return false;
      const host = await context.host(hypervisor);
      if ((await machineIdOf(host, signal)) !== known.hostId) return false;
      return isRoomAsKnown(context, host, known, signal);
    },
    async run(context, signal) {
      const host = await context.host(hypervisor);
      const observed = await observe(context, host, hypervisor, signal);
      await context.emit(observed);
      // Only now, so that of two hypervisors looked at side by side at least one sees the other.
      refuseTwin(context, hypervisor, observed.hostId);
      await refuseMissing(context, host, hypervisor, observed, signal);
    },
  };
}

function preview({ plan }: View, hypervisor: string): Action[] {
  const uri = plan.hypervisors[hypervisor]?.uri ?? 'qemu:///system';
  const read = (...verb: string[]): Action => ({
    kind: 'exec',
    host: hypervisor,
    argv: virshRead(uri, ...verb),
    reads: true,
  });
  return [
    { kind: 'exec', host: hypervisor, argv: ['cat', '/etc/machine-id'], reads: true },
    read('version'),
    read('nodeinfo'),
    read('net-list', '--all', '--name'),
    read('pool-list', '--all', '--name'),
    {
      kind: 'exec',
      host: hypervisor,
      argv: [
        ...virshRead(uri, 'pool-dumpxml'),
        { unknown: 'each pool of that list', from: hypervisorStepId(hypervisor) },
      ],
      reads: true,
    },
    ...plannedObjects(plan, hypervisor).images.map(({ pool, volume }) =>
      read('vol-dumpxml', '--pool', pool, volume),
    ),
    ...(isTarget(plan, hypervisor)
      ? virtualizationQuestions(uri).map(
          (argv): Action => ({ kind: 'exec', host: hypervisor, argv, reads: true }),
        )
      : []),
  ];
}

async function observe(
  context: StepContext,
  host: Host,
  hypervisor: string,
  signal: AbortSignal,
): Promise<Observed> {
  const uri = uriOf(context, hypervisor);
  const ask = (...verb: string[]) => needVirsh(host, virshRead(uri, ...verb), { signal });
  const understood = <T>(value: T | undefined, verb: string, text: string): T => {
    if (value === undefined) throw unreadable(host.id, formatArgv(virshRead(uri, verb)), text);
    return value;
  };

  const hostId = await machineIdOf(host, signal);
  const versionText = await ask('version');
  const version = understood(versionLine(versionText), 'version', versionText);
  const nodeText = await ask('nodeinfo');
  const node = understood(nodeFacts(nodeText), 'nodeinfo', nodeText);
  const networks = nameLines(await ask('net-list', '--all', '--name'));

  const pools: Record<string, Observed['pools'][string]> = {};
  for (const name of nameLines(await ask('pool-list', '--all', '--name'))) {
    const xml = await ask('pool-dumpxml', name);
    const pool = understood(parsePool(xml), 'pool-dumpxml', xml);
    pools[name] = { capacity: pool.capacity, available: pool.available, path: pool.path };
  }

  const images: Record<string, NonNullable<Observed['images']>[string]> = {};
  for (const image of plannedObjects(context.plan, hypervisor).images) {
    if (pools[image.pool] === undefined) continue;
    const argv = virshRead(uri, 'vol-dumpxml', '--pool', image.pool, image.volume);
    const answer = await askVirsh(host, argv, { signal });
    // What is absent is told below, by the engineer's words for it.
    if (!answer.ok) continue;
    const volume = understood(parseVolume(answer.text), 'vol-dumpxml', answer.text);
    images[image.name] = {
      pool: image.pool,
      volume: image.volume,
      capacity: volume.capacity,
      path: volume.path,
    };
  }
  const wanted = context.plan.hypervisors[hypervisor]?.virt ?? 'auto';
  const virtualization = isTarget(context.plan, hypervisor)
    ? await lookAtVirtualization(host, uri, wanted, signal)
    : undefined;
  return {
    ...{ type: 'hypervisor.observed', hypervisor, version, ...node, pools, networks, images, hostId },
    ...(virtualization === undefined ? {} : { virtualization }),
  };
}

/** Free room moves all the time; a pool that gained or lost more than this is another one to what is planned there. */
const ROOM_MOVED_SHARE = 0.1;
const ROOM_MOVED_BYTES = 1024 ** 3;

/**
 * Whether the pools that the plan wants have about the room that is known of them: what was seen while a pool was full
 * must not be held against it once somebody made room, nor the other way round.
 */
async function isRoomAsKnown(
  context: StepContext,
  host: Host,
  known: HypervisorState,
  signal: AbortSignal,
): Promise<boolean> {
  for (const { name } of plannedObjects(context.plan, host.id).pools) {
    const answer = await askVirsh(host, virshRead(uriOf(context, host.id), 'pool-dumpxml', name), { signal });
    const now = answer.ok ? parsePool(answer.text)?.available : undefined;
    const before = known.pools[name]?.available;
    if (now === undefined || before === undefined) return false;
    if (Math.abs(now - before) > Math.max(ROOM_MOVED_BYTES, before * ROOM_MOVED_SHARE)) return false;
  }
  return true;
}

const uriOf = (context: StepContext, hypervisor: string): string =>
  context.plan.hypervisors[hypervisor]?.uri ?? 'qemu:///system';

/** Another hypervisor of the plan, at the other site, that is the very same host. */
function twin({ plan, state }: View, hypervisor: string, hostId: string): string | undefined {
  const role = roleOf(plan, hypervisor);
  return Object.keys(plan.hypervisors).find(
    other =>
      other !== hypervisor &&
      roleOf(plan, other) !== role &&
      hypervisorState(state, other)?.hostId === hostId,
  );
}

const hypervisorState = (state: State, name: string): HypervisorState | undefined => state.hypervisors[name];

function roleOf(plan: View['plan'], hypervisor: string): string | undefined {
  const site = plan.hypervisors[hypervisor]?.site;
  return site === undefined ? undefined : plan.sites[site]?.role;
}

function refuseTwin(context: StepContext, hypervisor: string, hostId: string): void {
  const other = twin(context, hypervisor, hostId);
  if (other === undefined) return;
  throw new LandfallError('identity.mismatch', {
    what: `${hypervisor} and ${other} are one and the same host`,
    why: 'a copy on the host that will be lost would be lost with it',
    where: { host: hypervisor },
    evidence: [`/etc/machine-id of both: ${hostId}`],
    next: [
      `look at the addresses of ${hypervisor} and ${other} in the plan and in ssh_config`,
      'two hosts cloned from one image share their machine-id: give one a new one (systemd-machine-id-setup) first',
    ],
  });
}

type Missing =
  | { readonly kind: 'pool' | 'network'; readonly name: string; readonly wantedBy: string }
  | { readonly kind: 'image'; readonly name: string; readonly pool: string; readonly wantedBy: string };

/** The first thing that the plan wants of this hypervisor and that was not found there. */
function firstMissing(
  { plan }: View,
  hypervisor: string,
  found: Pick<Observed, 'pools' | 'networks' | 'images'>,
): Missing | undefined {
  const wanted = plannedObjects(plan, hypervisor);
  const pool = wanted.pools.find(({ name }) => found.pools[name] === undefined);
  if (pool !== undefined) return { kind: 'pool', ...pool };
  const network = wanted.networks.find(({ name }) => !found.networks.includes(name));
  if (network !== undefined) return { kind: 'network', ...network };
  const image = wanted.images.find(({ name }) => found.images?.[name] === undefined);
  if (image === undefined) return undefined;
  return { kind: 'image', name: image.volume, pool: image.pool, wantedBy: `image ${image.name}` };
}

async function refuseMissing(
  context: StepContext,
  host: Host,
  hypervisor: string,
  found: Observed,
  signal: AbortSignal,
): Promise<void> {
  const missing = firstMissing(context, hypervisor, found);
  if (missing === undefined) return;
  if (missing.kind === 'image') {
    const names = await volumeNames(context, host, missing.pool, signal);
    throw new LandfallError('build.image-absent', {
      what: `the volume "${missing.name}" (${missing.wantedBy}) is not in pool "${missing.pool}" of ${hypervisor}`,
      why: 'targets are built from it',
      where: { host: hypervisor },
      next: [
        names === undefined
          ? `list what is there: virsh vol-list ${missing.pool}`
          : suggestion(missing.name, names, 'volume in that pool'),
        'if the image was added outside libvirt, let the pool see it: virsh pool-refresh POOL',
      ],
    });
  }
  const names = missing.kind === 'pool' ? Object.keys(found.pools) : found.networks;
  throw new LandfallError('inventory.object-absent', {
    what: `the libvirt ${missing.kind} "${missing.name}" (${missing.wantedBy}) is not on ${hypervisor}`,
    where: { host: hypervisor },
    next: [suggestion(missing.name, names, missing.kind), `correct the plan, or define it on ${hypervisor}`],
  });
}

/** Names for a suggestion; undefined where the pool cannot be listed, because the real error is told anyway. */
async function volumeNames(
  context: StepContext,
  host: Host,
  pool: string,
  signal: AbortSignal,
): Promise<string[] | undefined> {
  try {
    const answer = await askVirsh(host, virshRead(uriOf(context, host.id), 'vol-list', pool), { signal });
    return answer.ok ? firstColumn(answer.text) : undefined;
  } catch (error) {
    if (error instanceof LandfallError && error.family !== 'cancelled') return undefined;
    throw error;
  }
}
