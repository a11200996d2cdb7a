import PQueue from 'p-queue';
import { asLandfallError, recordOf } from '../../foundation/errors.ts';
import { harmless } from '../../foundation/text.ts';
import type { DomainFacts } from '../../journal/facts.ts';
import type { Host } from '../../remote/host.ts';
import { formatArgv } from '../../remote/quote.ts';
import type { Action, Word } from '../../step/action.ts';
import { interfaceAddresses, parseNetwork } from '../../tools/libvirt-network.ts';
import { parsePool, parseVolume } from '../../tools/libvirt-xml.ts';
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
  { volumes }: Pick<DiscoverOptions, 'volumes'>,
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
  const hostId = await look.at('its machine-id', () => look.machineId(host));
  const versionText = await look.at('its version', () => look.ask(host, 'version'));
  const nodeText = await look.at('its size', () => look.ask(host, 'nodeinfo'));
  const domains = await look.domains(host);
  return {
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
}

/** One walk over a hypervisor; each question that fails becomes a trouble, and the walk goes on. */
class Look {
  readonly troubles: Trouble[] = [];
  readonly #uri: string;
  readonly #signal: AbortSignal;
  readonly #queue = new PQueue({ concurrency: MOST_QUESTIONS });

  constructor(uri: string, signal: AbortSignal) {
    this.#uri = uri;
    this.#signal = signal;
  }

  /** The answer, or undefined and a trouble. Rejects only with `cancelled`. */
  async at<T>(subject: string, question: () => Promise<T>): Promise<T | undefined> {
    try {
      return await question();
    } catch (thrown) {
      const error = asLandfallError(thrown);
      if (error.family === 'cancelled' || error.family === 'bug') throw error;
      this.troubles.push({ subject: harmless(subject), error: recordOf(error) });
      return undefined;
    }
  }

  ask(host: Host, ...verb: string[]): Promise<string> {
    return needVirsh(host, virshRead(this.#uri, ...verb), { signal: this.#signal });
  }

  async machineId(host: Host): Promise<string> {
    const { stdout } = await host.exec(['cat', '/etc/machine-id'], { signal: this.#signal });
    const text = stdout.toString('utf8').trim().toLowerCase();
    if (!/^[0-9a-f]{32}$/.test(text)) throw unreadable(host.id, 'cat /etc/machine-id', text);
    return text;
  }

  async domains(host: Host): Promise<DomainFinding[]> {
    const names = await this.#names(host, 'its domains', 'list', '--all', '--name');
    return this.#each(names, async name => {
      const domain = await this.at(`the domain ${name}`, () => this.#domain(host, name));
      if (domain === undefined) return undefined;
      const addresses = domain.state === 'running' ? await this.#addresses(host, name) : [];
      return { ...domain, addresses };
    });
  }

  async #domain(host: Host, name: string): Promise<DomainFacts> {
    const state = await this.ask(host, 'domstate', name);
    const xml = await this.ask(host, 'dumpxml', name);
    const sizes = await this.at(`the sizes of the disks of ${name}`, () =>
      this.ask(host, 'domblkinfo', name, '--all'),
    );
    return this.#understood(host, readDomain(xml, sizes ?? '', state), ['dumpxml', name], xml);
  }

  /** A help, never needed: where libvirt refuses the question (old versions do), that is no trouble. */
  async #addresses(host: Host, domain: string): Promise<string[]> {
    for (const source of ['lease', 'arp']) {
      const argv = virshRead(this.#uri, 'domifaddr', domain, '--source', source);
      const answer = await this.at(`the addresses of ${domain}`, () =>
        askVirsh(host, argv, { signal: this.#signal }),
      );
      const addresses = answer?.ok === true ? interfaceAddresses(answer.text) : [];
      if (addresses.length > 0) return addresses;
    }
    return [];
  }

  async networks(host: Host): Promise<NetworkFinding[]> {
    const names = await this.#names(host, 'its networks', 'net-list', '--all', '--name');
    return this.#each(names, name =>
      this.at(`the network ${name}`, async () => {
        const xml = await this.ask(host, 'net-dumpxml', name);
        return this.#understood(host, parseNetwork(xml), ['net-dumpxml', name], xml);
      }),
    );
  }

  async pools(host: Host, volumes: boolean, domains: readonly DomainFinding[]): Promise<PoolFinding[]> {
    const users = new Map(domains.flatMap(({ name, disks }) => disks.map(disk => [disk.source, name])));
    const names = await this.#names(host, 'its pools', 'pool-list', '--all', '--name');
    const found: PoolFinding[] = [];
    for (const name of names) {
      const pool = await this.at(`the pool ${name}`, async () => {
        const xml = await this.ask(host, 'pool-dumpxml', name);
        return this.#understood(host, parsePool(xml), ['pool-dumpxml', name], xml);
      });
      if (pool === undefined) continue;
      found.push({ ...pool, volumes: volumes ? await this.#volumes(host, name, users) : [] });
    }
    return found;
  }

  async #volumes(host: Host, pool: string, users: ReadonlyMap<string, string>): Promise<VolumeFinding[]> {
    const table = await this.at(`the volumes of the pool ${pool}`, () => this.ask(host, 'vol-list', pool));
    return this.#each(firstColumn(table ?? ''), name =>
      this.at(`the volume ${name} of the pool ${pool}`, async () => {
        const xml = await this.ask(host, 'vol-dumpxml', '--pool', pool, name);
        const volume = this.#understood(host, parseVolume(xml), ['vol-dumpxml', name], xml);
        const { backing, ...facts } = volume;
        const usedBy = users.get(volume.path) ?? users.get(`${pool}/${name}`);
        return { ...facts, usedBy, overlay: backing !== undefined };
      }),
    );
  }

  async #names(host: Host, subject: string, ...verb: string[]): Promise<string[]> {
    return nameLines((await this.at(subject, () => this.ask(host, ...verb))) ?? '');
  }

  /** Several questions at a time; answers in the order of the names, without those that failed. */
  async #each<T>(names: readonly string[], question: (name: string) => Promise<T | undefined>): Promise<T[]> {
    const answers = await Promise.all(names.map(name => this.#queue.add(() => question(name))));
    return answers.filter(answer => answer !== undefined);
  }

  #understood<T>(host: Host, value: T | undefined, verb: readonly string[], text: string): T {
    if (value === undefined) throw unreadable(host.id, formatArgv(virshRead(this.#uri, ...verb)), text);
    return value;
  }
}
