import type { Clock } from '../../foundation/clock.ts';
import { recordOf } from '../../foundation/errors.ts';
import { harmless } from '../../foundation/text.ts';
import type { DomainSurvey } from '../../journal/facts-site.ts';
import type { Host } from '../../remote/host.ts';
import type { Action, Word } from '../../step/action.ts';
import { type DomainStats, parseDomainStats } from '../../tools/domain-stats.ts';
import { systemInMetadata } from '../../tools/libosinfo.ts';
import { parseNetwork } from '../../tools/libvirt-network.ts';
import { parsePool, parseVolume } from '../../tools/libvirt-xml.ts';
import { firstColumn, nameLines, nodeFacts, versionLine, virshRead } from '../../tools/virsh.ts';
import { Asking, machineIdOf } from '../hypervisor/asking.ts';
import { ratesSince, STATS } from '../hypervisor/rates.ts';
import { readDomain } from '../machine/domain.ts';
import type {
  DomainFinding,
  HypervisorFindings,
  NetworkFinding,
  PoolFinding,
  SiteFindings,
  Trouble,
  VolumeFinding,
} from './shape.ts';

/** A hypervisor to look at before there is a plan. */
export interface Discovered {
  /** Landfall's name for it. */
  readonly name: string;
  readonly address: string;
  /** Default `qemu:///system`. */
  readonly uri?: string | undefined;
}

export interface DiscoverOptions {
  /** Connects; rejects with the `ssh.*` errors. */
  readonly hostOf: (name: string) => Promise<Host>;
  /** Also the volumes of the pools: at the target, where images are looked for. */
  readonly volumes: boolean;
  /** Also what the domains write, read twice some seconds apart by this clock: at the source, where it decides how copies converge. */
  readonly watch?: Clock | undefined;
  readonly signal: AbortSignal;
  /** Told as each hypervisor was looked at. */
  readonly onHypervisor?: (found: HypervisorFindings) => void;
}

const SYSTEM = 'qemu:///system';
/** sshd allows ten channels on a connection by default. */
const MOST_QUESTIONS = 6;

/**
 * Looks at the hypervisors of one site, side by side. Nothing but reading commands is run. Never rejects but with
 * `cancelled`: what could not be read is part of the answer.
 */
export async function discoverSite(
  hypervisors: readonly Discovered[],
  options: DiscoverOptions,
): Promise<SiteFindings> {
  const found = hypervisors.map(async hypervisor => {
    const findings = await discoverHypervisor(hypervisor, options);
    options.onHypervisor?.(findings);
    return findings;
  });
  return { hypervisors: await Promise.all(found) };
}

/** The commands of a discovery, for a dry run: the same that `discoverSite` asks. */
export function previewDiscovery(
  { name, uri = SYSTEM }: Discovered,
  { volumes, watched }: Pick<DiscoverOptions, 'volumes'> & { readonly watched: boolean },
): Action[] {
  const virsh = (...verb: Word[]): Action => ({
    kind: 'exec',
    host: name,
    argv: [...virshRead(uri), ...verb],
    reads: true,
  });
  const each = (unknown: string): Word => ({ unknown, from: name });
  return [
    { kind: 'exec', host: name, argv: ['cat', '/etc/machine-id'], reads: true },
    virsh('version'),
    virsh('nodeinfo'),
    ...(watched ? [virsh(...STATS)] : []),
    virsh('list', '--all', '--name', '--autostart'),
    virsh('net-list', '--all', '--name'),
    virsh('net-dumpxml', each('each network')),
    virsh('pool-list', '--all', '--name'),
    virsh('pool-dumpxml', each('each pool')),
    ...(volumes
      ? [
          virsh('vol-list', each('each pool')),
          virsh('vol-dumpxml', '--pool', each('pool'), each('each volume')),
        ]
      : []),
    virsh('list', '--all', '--name'),
    virsh('domstate', each('each domain')),
    virsh('dumpxml', each('each domain')),
    virsh('domblkinfo', each('each domain'), '--all'),
    virsh('domifaddr', each('each running domain'), '--source', 'lease'),
    virsh('domifaddr', each('each running domain without a lease'), '--source', 'arp'),
    // Again, at least five seconds after the first time.
    ...(watched ? [virsh(...STATS)] : []),
  ];
}

async function discoverHypervisor(
  { name, address, uri = SYSTEM }: Discovered,
  options: DiscoverOptions,
): Promise<HypervisorFindings> {
  const look = new Look(uri, options.signal);
  const host = await look.at(name, () => options.hostOf(name));
  if (host === undefined) {
    return { name, address, reached: false, domains: [], networks: [], pools: [], troubles: look.troubles };
  }
  const hostId = await look.at('its machine-id', () => machineIdOf(host, options.signal));
  const versionText = await look.at('its version', () => look.ask(host, 'version'));
  const nodeText = await look.at('its size', () => look.ask(host, 'nodeinfo'));
  const begun = options.watch?.monotonic() ?? 0;
  const first = options.watch === undefined ? new Map() : await look.stats(host);
  const domains = await look.domains(host);
  const findings: HypervisorFindings = {
    name,
    address,
    reached: true,
    hostId,
    version: versionText === undefined ? undefined : versionLine(versionText),
    ...(nodeText === undefined ? {} : nodeFacts(nodeText)),
    domains,
    networks: await look.networks(host),
    pools: await look.pools(host, options.volumes, domains),
    troubles: look.troubles,
  };
  if (options.watch === undefined || !domains.some(({ state }) => state === 'running')) return findings;
  const sampling = { stats: () => look.stats(host), begun, clock: options.watch, signal: options.signal };
  const ratesOf = await ratesSince(first, sampling);
  return {
    ...findings,
    domains: domains.map(domain => ({ ...domain, writing: sumOf(ratesOf(domain.name)) })),
  };
}

/** What all disks of a domain write together. */
function sumOf(rates: DomainSurvey['rates']): DomainFinding['writing'] {
  const [first] = rates ?? [];
  if (rates === undefined || first === undefined) return undefined;
  return {
    bytesPerSecond: rates.reduce((sum, { written }) => sum + written, 0),
    seconds: Math.round(first.seconds),
  };
}

/** One walk over a hypervisor; each question that fails becomes a trouble, and the walk goes on. */
class Look extends Asking {
  readonly troubles: Trouble[];

  constructor(uri: string, signal: AbortSignal) {
    const troubles: Trouble[] = [];
    super({
      ...{ uri, signal, atOnce: MOST_QUESTIONS },
      onTrouble: (subject, error) =>
        void troubles.push({ subject: harmless(subject), error: recordOf(error) }),
    });
    this.troubles = troubles;
  }

  /** What the disks of its domains have written since they were started. */
  async stats(host: Host): Promise<Map<string, DomainStats>> {
    return parseDomainStats((await this.at('what its domains write', () => this.ask(host, ...STATS))) ?? '');
  }

  async domains(host: Host): Promise<DomainFinding[]> {
    const names = await this.names(host, 'its domains', 'list', '--all', '--name');
    const auto = await this.at('which domains start with it', () =>
      this.ask(host, 'list', '--all', '--name', '--autostart'),
    );
    const starting = auto === undefined ? undefined : new Set(nameLines(auto));
    return this.each(names, async name => {
      const domain = await this.at(`the domain ${name}`, () => this.#domain(host, name));
      if (domain === undefined) return undefined;
      const addresses = domain.state === 'running' ? await this.addresses(host, name) : [];
      return { ...domain, addresses, autostart: starting?.has(name) };
    });
  }

  async #domain(host: Host, name: string): Promise<Omit<DomainFinding, 'addresses'>> {
    const state = await this.ask(host, 'domstate', name);
    const xml = await this.ask(host, 'dumpxml', name);
    const sizes = await this.at(`the sizes of the disks of ${name}`, () =>
      this.ask(host, 'domblkinfo', name, '--all'),
    );
    const domain = this.understood(host, readDomain(xml, sizes ?? '', state), ['dumpxml', name], xml);
    return { ...domain, system: systemInMetadata(xml) };
  }

  async networks(host: Host): Promise<NetworkFinding[]> {
    const names = await this.names(host, 'its networks', 'net-list', '--all', '--name');
    return this.each(names, name =>
      this.at(`the network ${name}`, async () => {
        const xml = await this.ask(host, 'net-dumpxml', name);
        return this.understood(host, parseNetwork(xml), ['net-dumpxml', name], xml);
      }),
    );
  }

  async pools(host: Host, volumes: boolean, domains: readonly DomainFinding[]): Promise<PoolFinding[]> {
    const users = new Map(domains.flatMap(({ name, disks }) => disks.map(disk => [disk.source, name])));
    const names = await this.names(host, 'its pools', 'pool-list', '--all', '--name');
    const found: PoolFinding[] = [];
    for (const name of names) {
      const pool = await this.at(`the pool ${name}`, async () => {
        const xml = await this.ask(host, 'pool-dumpxml', name);
        return this.understood(host, parsePool(xml), ['pool-dumpxml', name], xml);
      });
      if (pool === undefined) continue;
      found.push({ ...pool, volumes: volumes ? await this.#volumes(host, name, users) : [] });
    }
    return found;
  }

  async #volumes(host: Host, pool: string, users: ReadonlyMap<string, string>): Promise<VolumeFinding[]> {
    const table = await this.at(`the volumes of the pool ${pool}`, () => this.ask(host, 'vol-list', pool));
    return this.each(firstColumn(table ?? ''), name =>
      this.at(`the volume ${name} of the pool ${pool}`, async () => {
        const xml = await this.ask(host, 'vol-dumpxml', '--pool', pool, name);
        const volume = this.understood(host, parseVolume(xml), ['vol-dumpxml', name], xml);
        const { backing, ...facts } = volume;
        const usedBy = users.get(volume.path) ?? users.get(`${pool}/${name}`);
        return { ...facts, usedBy, overlay: backing !== undefined };
      }),
    );
  }
}
