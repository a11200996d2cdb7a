import { lookup } from 'node:dns/promises';
import PQueue from 'p-queue';
import { ERROR_CODES, type ErrorCode, LandfallError } from '../foundation/errors.ts';
import { type Discovered, discoverSite } from '../inventory/discover/discover.ts';
import { type FoundSites, sameHost } from '../inventory/discover/plan.ts';
import type { HypervisorFindings, SiteFindings } from '../inventory/discover/shape.ts';
import { addressFault } from '../plan/address.ts';
import { createHosts, type HostAddress } from '../remote/hosts.ts';
import { resolveSsh } from '../remote/ssh-config.ts';
import type { Io } from './io.ts';

/** A hypervisor, and how it is reached where ssh_config does not say everything. */
export type HypervisorAt = Discovered & Pick<HostAddress, 'port' | 'user' | 'sudo'>;

export interface DiscoverSites {
  readonly source: readonly HypervisorAt[];
  readonly target: readonly HypervisorAt[];
  /** Absolute path of an ssh_config to use instead of ~/.ssh/config. */
  readonly sshConfig?: string | undefined;
  /** Whether the machines of the source are watched for some seconds, for what they write. */
  readonly watch?: boolean;
  readonly onHypervisor?: (found: HypervisorFindings) => void;
}

export interface DiscoveredSites extends FoundSites {
  /** By domain of the source: the name by which ssh reaches that machine, where one is known. */
  readonly addresses: ReadonlyMap<string, string>;
}

/**
 * Looks at the hypervisors of both sites with reading commands, host keys verified. What could not be read is in the
 * findings; rejects where nothing of a site can be reached, and where both sites are the same host.
 */
export async function discoverSites(
  io: Io,
  { source, target, sshConfig, watch, onHypervisor }: DiscoverSites,
): Promise<DiscoveredSites> {
  const all = new Map([...source, ...target].map(({ uri, ...host }) => [host.name, host]));
  const hosts = createHosts({
    runtime: { evacuation: 'init' },
    configFile: sshConfig,
    agentSocket: io.env['SSH_AUTH_SOCK'],
    clock: io.clock,
    resolve: id => all.get(id) ?? { address: id },
  });
  const options = {
    hostOf: (name: string) => hosts.get(name),
    signal: io.signal,
    ...(onHypervisor === undefined ? {} : { onHypervisor }),
  };
  try {
    const [from, to] = await Promise.all([
      discoverSite(source, { ...options, volumes: false, watch: watch === true ? io.clock : undefined }),
      discoverSite(target, { ...options, volumes: true }),
    ]);
    const found: FoundSites = { source: from, target: to };
    refuseUnreached(from, 'source');
    refuseUnreached(to, 'target');
    refuseSameHost(found);
    return { ...found, addresses: await knownNames(io, from, sshConfig) };
  } finally {
    await hosts.closeAll();
  }
}

const isCode = (code: string): code is ErrorCode => Object.hasOwn(ERROR_CODES, code);

/** The trouble of the first hypervisor is the trouble of the site; the others are told as evidence. */
function refuseUnreached(site: SiteFindings, role: string): void {
  if (site.hypervisors.some(({ reached }) => reached)) return;
  const [first, ...others] = site.hypervisors.flatMap(({ troubles }) => troubles);
  if (first === undefined) return;
  const { code, what, why, where, next, evidence = [] } = first.error;
  throw new LandfallError(isCode(code) ? code : 'ssh.unreachable', {
    what: `no hypervisor of the ${role} can be looked at: ${what}`,
    why: why ?? 'a plan is made from what both sites show; nothing was written',
    where,
    next,
    evidence: [...evidence, ...others.map(({ subject, error }) => `${subject}: ${error.what}`)],
  });
}

function refuseSameHost(found: FoundSites): void {
  const twins = sameHost(found);
  if (twins === undefined) return;
  throw new LandfallError('identity.mismatch', {
    what: `${twins[0]} and ${twins[1]} are one and the same host`,
    why: 'a copy on the host that will be lost would be lost with it',
    where: { host: twins[1] },
    next: [
      'name hypervisors of two sites: --source what will be lost, --target where it goes',
      'two hosts cloned from one image share their machine-id: give one a new one (systemd-machine-id-setup) first',
    ],
  });
}

/** A resolver that answers nothing must not hold up the plan: names that were not looked up by then stay open. */
const LOOKUP_PATIENCE_MS = 15_000;

/** Domains whose own name is an alias of ssh_config or a host name that can be resolved. */
async function knownNames(
  io: Io,
  site: SiteFindings,
  configFile: string | undefined,
): Promise<ReadonlyMap<string, string>> {
  const names = site.hypervisors.flatMap(({ domains }) => domains.map(({ name }) => name));
  const queue = new PQueue({ concurrency: 4 });
  const until = io.clock.monotonic() + LOOKUP_PATIENCE_MS;
  const known = new Map<string, string>();
  await queue.addAll(
    names
      .filter(name => addressFault(name) === undefined)
      .map(name => async () => {
        io.signal.throwIfAborted();
        const { hostname } = await resolveSsh({ address: name, configFile });
        if (hostname !== name) known.set(name, name);
        else if (io.clock.monotonic() < until && (await isHostName(name))) known.set(name, name);
      }),
  );
  return known;
}

async function isHostName(name: string): Promise<boolean> {
  try {
    await lookup(name);
    return true;
  } catch {
    // Whatever the resolver's reason is, the name leads nowhere now; the plan then asks for an address.
    return false;
  }
}
