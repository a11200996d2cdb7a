import type { DomainSurvey, HypervisorSurvey } from '../../journal/facts-site.ts';
import type { Host } from '../../remote/host.ts';
import { isRunningJob, parseJobStats } from '../../tools/domain-backup.ts';
import { blockJobOf, type DomainStats } from '../../tools/domain-stats.ts';
import { imageInfoArgv, parseImageInfo } from '../../tools/qemu-img.ts';
import type { Asking } from './asking.ts';
import { defineDomain } from './domain-survey.ts';

export type PoolWithPath = HypervisorSurvey['pools'][number] & { readonly path: string };

export interface DomainParts {
  readonly asking: Asking;
  readonly host: Host;
  readonly uuid: string;
  /** By name. */
  readonly stats: ReadonlyMap<string, DomainStats>;
  /** UUIDs of domains that start by themselves, have snapshots, have checkpoints. */
  readonly marks: Readonly<Record<'autostart' | 'snapshots' | 'checkpoints', ReadonlySet<string>>>;
  readonly pools: readonly PoolWithPath[];
  readonly signal: AbortSignal;
}

/** One domain, by its UUID: a name may begin like an option. Undefined, and a gap, where its definition cannot be had. */
export async function surveyDomain(parts: DomainParts): Promise<DomainSurvey | undefined> {
  const { asking, host, uuid, stats, marks } = parts;
  const told = await asking.at(`the domain ${uuid}`, async () => {
    const xml = await asking.ask(host, 'dumpxml', uuid);
    const blkinfo = await asking.at(`the sizes of the disks of ${uuid}`, () =>
      asking.ask(host, 'domblkinfo', uuid, '--all'),
    );
    return asking.understood(host, defineDomain(xml, blkinfo ?? '', stats), ['dumpxml', uuid], xml);
  });
  if (told === undefined) return undefined;
  const { untold, state: known, ...domain } = told;
  const asked =
    known === undefined
      ? await asking.at(`the state of ${domain.name}`, () => asking.ask(host, 'domstate', uuid))
      : known;
  const state = asked?.trim() ?? 'unknown';
  const isRunning = state === 'running';
  const job = isRunning ? await jobOf(parts, domain) : undefined;
  const counted = async (verb: string, has: boolean): Promise<number> =>
    has ? (await asking.names(host, `${verb} of ${domain.name}`, verb, uuid, '--name')).length : 0;
  const disks: DomainSurvey['disks'] = [];
  for (const disk of domain.disks)
    disks.push(untold.includes(disk.target) ? { ...disk, chain: await chainOf(parts, disk.source) } : disk);
  return {
    ...domain,
    state,
    disks,
    autostart: marks.autostart.has(uuid),
    snapshots: await counted('snapshot-list', marks.snapshots.has(uuid)),
    checkpoints: await counted('checkpoint-list', marks.checkpoints.has(uuid)),
    addresses: isRunning ? await asking.addresses(host, uuid, domain.name) : [],
    ...(job === undefined ? {} : { job }),
  };
}

/** libvirt's virDomainJobOperation, by its number. */
const OPERATIONS = [
  ...['a job', 'a start', 'a save', 'a restore', 'an incoming migration', 'an outgoing migration'],
  ...['a snapshot', 'a return to a snapshot', 'a dump', 'a backup', 'the deletion of a snapshot'],
];

/** What runs on the domain now: a job of the whole, or one of a disk. */
async function jobOf(
  { asking, host, uuid }: DomainParts,
  { name, disks }: Pick<DomainSurvey, 'name' | 'disks'>,
): Promise<string | undefined> {
  const text = await asking.at(`the job of ${name}`, () =>
    asking.ask(host, 'domjobinfo', uuid, '--rawstats'),
  );
  const stats = text === undefined ? undefined : parseJobStats(text);
  if (stats !== undefined && isRunningJob(stats)) return OPERATIONS[stats.operation ?? 0] ?? 'a job';
  for (const { target } of disks) {
    const info = await asking.at(`the job of disk ${target} of ${name}`, () =>
      asking.ask(host, 'blockjob', uuid, target, '--info'),
    );
    const job = info === undefined ? undefined : blockJobOf(info);
    if (job !== undefined) return `${target}: ${job}`;
  }
  return undefined;
}

/** Pools whose images lie on a disk of the host: what lies on another server may hang whoever reads it. */
const LOCAL_POOLS: ReadonlySet<string> = new Set(['dir', 'fs', 'logical', 'disk', 'zfs']);

/** On what an image rests, where the definition does not say; only of images in a pool that is local and active. */
async function chainOf({ asking, host, pools, signal }: DomainParts, source: string): Promise<string[]> {
  const isNear = pools.some(
    ({ type, active, path }) =>
      active && LOCAL_POOLS.has(type) && path !== '' && source.startsWith(`${path}/`),
  );
  if (!isNear) return [];
  const argv = imageInfoArgv(source);
  const images = await asking.at(`on what ${source} rests`, async () => {
    const { stdout } = await host.exec(argv, { timeoutMs: IMAGE_TIMEOUT_MS, signal });
    const text = stdout.toString('utf8');
    return asking.understood(host, parseImageInfo(text), argv, text);
  });
  return (images ?? []).slice(1).map(({ path }) => path);
}

const IMAGE_TIMEOUT_MS = 15_000;
