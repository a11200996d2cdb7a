import { isIPv4 } from 'node:net';
import { LandfallError } from '../../foundation/errors.ts';
import { didYouMean } from '../../foundation/spelling.ts';
import { harmless } from '../../foundation/text.ts';
import { counted, formatBytes, formatRate } from '../../foundation/units.ts';
import type { NewMachine, NewNetwork, NewPlan } from '../../plan/template.ts';
import {
  byName,
  type ImageChoice,
  imageChoices,
  isWord,
  type NetworkChoice,
  networkChoices,
  replacementOf,
} from './choices.ts';
import { planName, unlike } from './names.ts';
import type { DomainFinding, HypervisorFindings, SiteFindings } from './shape.ts';

export interface FoundSites {
  readonly source: SiteFindings;
  readonly target: SiteFindings;
}

export interface PlanWishes {
  readonly name: string;
  readonly schema: string;
  readonly about: readonly string[];
  readonly siteNames: { readonly source: string; readonly target: string };
  readonly deadline: NewPlan['deadline'];
  readonly sshConfig?: string | undefined;
  /** Machines or domains to evacuate, also such as are shut off; without them every one that runs. */
  readonly machines?: readonly string[] | undefined;
  /** By domain: a name by which ssh reaches the machine. It goes before what libvirt knows. */
  readonly addresses?: ReadonlyMap<string, string> | undefined;
}

/** A machine that could be evacuated. */
export interface Candidate {
  readonly name: string;
  readonly hypervisor: string;
  readonly domain: DomainFinding;
}

/** Every domain of the source under the name that a plan can give it, sorted. */
export function candidates(source: SiteFindings): Candidate[] {
  const taken = new Set(source.hypervisors.map(({ name }) => name));
  return source.hypervisors
    .flatMap(({ name: hypervisor, domains }) =>
      domains.filter(({ name }) => isWord(name)).map(domain => ({ hypervisor, domain })),
    )
    .toSorted((a, b) => byName(a.domain.name, b.domain.name) || byName(a.hypervisor, b.hypervisor))
    .map(({ hypervisor, domain }) => ({
      name: unlike(planName(domain.name, 'machine'), taken),
      hypervisor,
      domain,
    }));
}

/**
 * A first plan from what both sites show. What only the engineer can know stays open: above all the free addresses at
 * the target. Throws `usage` where a machine is wished for that was not found. Pure.
 */
export function proposePlan(found: FoundSites, wishes: PlanWishes): NewPlan {
  const all = candidates(found.source);
  const chosen = choose(all, wishes.machines);
  const images = imageChoices(found.target);
  const networks = mapNetworks(found, chosen, wishes.siteNames);
  const site = (name: string, { hypervisors }: SiteFindings): NewPlan['source'] => ({
    name,
    hypervisors: hypervisors.map(host => ({ name: host.name, address: host.address, note: noteOf(host) })),
  });
  return {
    name: wishes.name,
    schema: wishes.schema,
    about: wishes.about,
    deadline: wishes.deadline,
    sshConfig: wishes.sshConfig,
    source: site(wishes.siteNames.source, found.source),
    target: site(wishes.siteNames.target, found.target),
    networks: networks.entries,
    images: images.map(({ capacity, ...image }) => ({ ...image, note: formatBytes(capacity) })),
    machines: place(found, chosen, images, networks, wishes.addresses),
    spare:
      wishes.machines === undefined
        ? place(
            found,
            all.filter(each => !chosen.includes(each)),
            images,
            networks,
            wishes.addresses,
          )
        : [],
    leftOut: leftOut(found, all, chosen, wishes.machines),
  };
}

const noteOf = (host: HypervisorFindings): string => {
  if (!host.reached) return 'NOT REACHED when this plan was written';
  const size = [
    host.cpus === undefined ? undefined : counted(host.cpus, 'CPU'),
    host.memory === undefined ? undefined : formatBytes(host.memory),
  ];
  return [host.version, ...size].filter(part => part !== undefined).join(', ');
};

function choose(all: readonly Candidate[], wished: readonly string[] | undefined): Candidate[] {
  if (wished === undefined) return all.filter(({ domain }) => domain.state === 'running');
  const names = all.flatMap(({ name, domain }) => [name, domain.name]);
  for (const wish of wished) {
    if (names.includes(wish)) continue;
    throw new LandfallError('usage', {
      what: `no hypervisor of the source has a machine "${harmless(wish)}"`,
      next: [
        didYouMean(
          wish,
          all.map(({ name }) => name),
        ) ?? 'no domain was found there at all',
        'name machines as virsh list --all does, with commas between them',
      ],
    });
  }
  return all.filter(({ name, domain }) => wished.includes(name) || wished.includes(domain.name));
}

interface Networks {
  readonly entries: readonly NewNetwork[];
  /** By the libvirt name of a source network. */
  readonly replacement: ReadonlyMap<string, NetworkChoice>;
  readonly source: ReadonlyMap<string, NetworkChoice>;
}

function mapNetworks(
  { source, target }: FoundSites,
  chosen: readonly Candidate[],
  sites: PlanWishes['siteNames'],
): Networks {
  const names = ({ hypervisors }: SiteFindings): Set<string> =>
    new Set(hypervisors.flatMap(({ networks }) => networks.map(({ name }) => name)));
  const taken = new Set<string>();
  const used = new Set(chosen.flatMap(({ domain }) => domain.interfaces.map(({ network }) => network)));
  const from = networkChoices(source, sites.source, taken, names(target)).filter(({ libvirt }) =>
    used.has(libvirt),
  );
  const to = networkChoices(target, sites.target, taken, names(source));
  const replacement = new Map<string, NetworkChoice>();
  const replaces = new Map<string, string>();
  for (const libvirt of [...used].toSorted(byName)) {
    const choice = replacementOf(libvirt, to);
    if (choice === undefined) continue;
    replacement.set(libvirt, choice);
    const replaced = from.find(network => network.libvirt === libvirt);
    if (replaced !== undefined && !replaces.has(choice.name)) replaces.set(choice.name, replaced.name);
  }
  const entry = (site: string) => (network: NetworkChoice) => ({
    name: network.name,
    site,
    libvirt: network.libvirt,
    cidr: network.cidr,
    replaces: replaces.get(network.name),
  });
  return {
    entries: [...from.map(entry(sites.source)), ...to.map(entry(sites.target))],
    replacement,
    source: new Map(from.map(network => [network.libvirt, network])),
  };
}

function place(
  { source, target }: FoundSites,
  chosen: readonly Candidate[],
  images: readonly ImageChoice[],
  networks: Networks,
  known: ReadonlyMap<string, string> | undefined,
): NewMachine[] {
  const hosts = createPlaces(target.hypervisors, images);
  const addresses = new Set([...source.hypervisors, ...target.hypervisors].map(({ address }) => address));
  return chosen.map(({ name, hypervisor, domain }): NewMachine => {
    const plugged = domain.interfaces.map(nic => nic.network);
    const from = plugged.find(network => networks.replacement.has(network));
    const network = from === undefined ? undefined : networks.replacement.get(from);
    const host = hosts.next(domain.memory, network);
    const at = sourceAddress(domain, known, addresses);
    const cidr = networks.source.get(from ?? '')?.cidr;
    const like = network === undefined ? undefined : counterpart(domain.addresses, cidr, network);
    return {
      name,
      note: machineNote(domain, plugged),
      habits: habitsOf(domain),
      tier: 'normal',
      source: {
        hypervisor,
        ...(domain.name === name ? {} : { domain: domain.name }),
        address: at.address,
        note: at.note,
      },
      target: {
        hypervisor: host,
        image: images.find(image => image.hypervisor === host)?.name,
        network: network?.name,
        note: addressNote(network, like),
      },
    };
  });
}

const machineNote = (domain: DomainFinding, networks: readonly string[]): string => {
  const sizes = domain.disks.map(({ capacity }) => formatBytes(capacity)).join(' + ');
  return [
    ...(domain.state === 'running' ? [] : [domain.state.toUpperCase()]),
    counted(domain.vcpus, 'CPU'),
    formatBytes(domain.memory),
    domain.disks.length === 0 ? 'no disk' : `${domain.disks.length === 1 ? 'disk' : 'disks'} ${sizes}`,
    `on ${[...new Set(networks)].join(', ') || 'no network'}`,
    ...(domain.addresses.length > 1 ? [`addresses ${domain.addresses.join(', ')}`] : []),
  ].join(', ');
};

/** What one would ask next of a machine that one has only a name of. */
const habitsOf = ({ system, autostart, writing }: DomainFinding): string =>
  [
    ...(system === undefined ? [] : [`made as ${system}`]),
    ...(autostart === undefined ? [] : [autostart ? 'starts with its host' : 'does not start with its host']),
    ...(writing === undefined
      ? []
      : [
          writing.bytesPerSecond === 0
            ? `wrote nothing in ${writing.seconds} s`
            : `wrote ${formatRate(writing.bytesPerSecond)} for ${writing.seconds} s`,
        ]),
  ].join(', ');

const addressNote = (network: NetworkChoice | undefined, like: string | undefined): string => {
  if (network === undefined) return 'a free address there';
  const where = network.cidr === undefined ? network.name : `${network.name} (${network.cidr})`;
  return like === undefined ? `a free address of ${where}` : `${like} if it is free, or another of ${where}`;
};

function sourceAddress(
  domain: DomainFinding,
  known: ReadonlyMap<string, string> | undefined,
  taken: Set<string>,
): { readonly address: string | undefined; readonly note: string | undefined } {
  const name = known?.get(domain.name);
  const address = [name, ...domain.addresses].find(each => each !== undefined && !taken.has(each));
  if (address === undefined) {
    return { address, note: 'where it answers SSH; neither ssh_config nor libvirt knows an address of it' };
  }
  taken.add(address);
  return {
    address,
    note: address === name ? undefined : 'as libvirt sees it; better a name that your known_hosts has',
  };
}

/** The address with the same last numbers in the target's network, where both networks have the same size. */
function counterpart(
  addresses: readonly string[],
  from: string | undefined,
  to: NetworkChoice,
): string | undefined {
  const address = addresses.find(each => isIPv4(each));
  const [, length] = from?.split('/') ?? [];
  const [base = '', sameLength] = to.cidr?.split('/') ?? [];
  if (address === undefined || length === undefined || length !== sameLength || !isIPv4(base))
    return undefined;
  const number = (text: string): number => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const result = number(base) + (number(address) % 2 ** (32 - Number(length)));
  const mapped = [24, 16, 8, 0].map(shift => Math.floor(result / 2 ** shift) % 256).join('.');
  return to.taken.includes(mapped) || mapped === address ? undefined : mapped;
}

/** Spreads machines over the target's hypervisors: each goes where the share of promised memory stays smallest. */
function createPlaces(hypervisors: readonly HypervisorFindings[], images: readonly ImageChoice[]) {
  const promised = new Map(
    hypervisors
      .filter(({ reached }) => reached)
      .map(({ name, domains }) => [
        name,
        domains.filter(({ state }) => state === 'running').reduce((sum, { memory }) => sum + memory, 0),
      ]),
  );
  const sizeOf = new Map(hypervisors.map(({ name, memory }) => [name, memory ?? 1]));
  const hasImage = new Set(images.map(({ hypervisor }) => hypervisor));
  return {
    next(memory: number, network: NetworkChoice | undefined): string | undefined {
      const share = (name: string): number => ((promised.get(name) ?? 0) + memory) / (sizeOf.get(name) ?? 1);
      const fits = (name: string): number =>
        Number(hasImage.has(name)) + Number(network === undefined || network.hypervisors.includes(name));
      const [best] = [...promised.keys()].toSorted((a, b) => fits(b) - fits(a) || share(a) - share(b));
      if (best !== undefined) promised.set(best, (promised.get(best) ?? 0) + memory);
      return best;
    },
  };
}

function leftOut(
  { source }: FoundSites,
  all: readonly Candidate[],
  chosen: readonly Candidate[],
  wished: readonly string[] | undefined,
): NewPlan['leftOut'] {
  const left = all
    .filter(candidate => !chosen.includes(candidate))
    .map(({ name, domain }) => ({ name, why: wished === undefined ? domain.state : 'not chosen' }));
  const unnameable = source.hypervisors.flatMap(({ name: host, domains }) =>
    domains
      .filter(({ name }) => !isWord(name))
      .map(({ name }) => ({ name, why: `on ${host}; a plan cannot name it, because of its characters` })),
  );
  const troubles = source.hypervisors.flatMap(({ troubles: all }) =>
    all.map(({ subject, error }) => ({ name: subject, why: `could not be read: ${error.what}` })),
  );
  return [...left, ...unnameable, ...troubles];
}

/** Two names at different sites for one and the same host; undefined where there are none. */
export function sameHost({ source, target }: FoundSites): readonly [string, string] | undefined {
  for (const from of source.hypervisors) {
    const twin = target.hypervisors.find(
      to => to.address === from.address || (from.hostId !== undefined && to.hostId === from.hostId),
    );
    if (twin !== undefined) return [from.name, twin.name];
  }
  return undefined;
}
