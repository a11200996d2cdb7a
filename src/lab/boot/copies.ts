import { mkdirSync } from 'node:fs';
import { removeTreeSync } from '../../foundation/remove-tree.ts';
import { writeLinks } from '../hosts/base-files.ts';
import { mapPath } from '../hosts/mounts.ts';
import { killAll, labProcesses, signalAll } from '../hosts/processes.ts';
import { type ParsedDomain, parseDomain } from '../hypervisor/domain-xml.ts';
import { volumeDisks } from '../hypervisor/domains.ts';
import type { AgentGuest } from '../hypervisor/guest-agent.ts';
import { settleVolume } from '../hypervisor/volume-files.ts';
import { standbyId } from '../machine-names.ts';
import { hostDirectory } from '../world/layout.ts';
import type { Domain, SimHost, World } from '../world/world.ts';
import { bootCopy } from './boot.ts';
import { emptySerial } from './console.ts';
import { forbiddenCopy, forbiddenStandby, libvirtRefusal, machineOf } from './fitness.ts';

/**
 * Domains that boot what was copied: transient ones are proofs, overlays on a network that leads nowhere; defined ones
 * are standbys, which become the machine at the other site.
 */

export interface Copies {
  /** Starts it; answers when QEMU runs, the boot follows. A text says why libvirt would refuse. */
  start(domain: Domain, parsed: ParsedDomain): Promise<string | undefined>;
  stop(domain: Domain): Promise<void>;
  /** The guest is asked to end, as by its power button; it does so a moment later. */
  shutdown(domain: Domain): void;
  setLink(domain: Domain, mac: string, up: boolean): void;
  agentOf(domain: string): AgentGuest | undefined;
  /** What stands on the screen of a running copy. */
  screenOf(domain: string): readonly string[];
  /** The host that a running domain has become. */
  hostOf(domain: Domain): SimHost | undefined;
  /** Standbys that cannot start, by machine. */
  readonly broken: Set<string>;
  end(): Promise<void>;
  /** Proofs end with the lab: QEMU is gone, and with it whatever is transient. */
  forgetAll(): void;
  /** Standbys that ran when the lab ended boot again. */
  resume(): Promise<void>;
}

export interface CopyHooks {
  readonly bootMs: number;
  /** Gives the host its tools, without a door to the outside. */
  inside(host: SimHost): Promise<void>;
  /** Lets the outside reach it. */
  open(host: SimHost): Promise<void>;
  down(hostId: string): Promise<void>;
}

interface Running {
  readonly id: string;
  readonly stop: AbortController;
  readonly settled: Promise<unknown>;
  readonly screen: string[];
  host: SimHost | undefined;
  agent: AgentGuest | undefined;
}

export const copyId = (domain: string): string => `${domain}.copy`;

export function createCopies(world: World, hooks: CopyHooks): Copies {
  const running = new Map<string, Running>();
  const broken = new Set<string>();

  const hypervisorOf = (domain: Domain): SimHost => {
    const host = world.hosts.get(domain.hypervisor);
    if (host === undefined) throw new RangeError(`no host ${domain.hypervisor} is up`);
    return host;
  };

  const refusal = (domain: Domain, parsed: ParsedDomain): string | undefined => {
    const refused = libvirtRefusal(world, hypervisorOf(domain), domain, parsed);
    if (refused !== undefined) return refused;
    const isProof = domain.transient === true;
    const reach = isProof ? forbiddenCopy(world, domain, parsed) : forbiddenStandby(world, domain);
    if (reach !== undefined) {
      world.violation(domain.hypervisor, `virsh ${isProof ? 'create' : 'start'} ${domain.name}`, reach);
      return `unsupported configuration: ${reach}`;
    }
    return !isProof && broken.has(machineOf(world, domain) ?? '')
      ? "internal error: process exited while connecting to monitor: qemu-system-x86_64: cannot set up guest memory 'pc.ram': Cannot allocate memory"
      : undefined;
  };

  const boot = (domain: Domain, parsed: ParsedDomain): Running => {
    const hypervisor = hypervisorOf(domain);
    const serials = new Map(
      [...parsed.serials].map(([port, file]) => [port, mapPath(world.directory, hypervisor.mounts, file)]),
    );
    for (const file of serials.values()) emptySerial(file);
    const isProof = domain.transient === true;
    const id = isProof ? copyId(domain.name) : standbyId(machineOf(world, domain) ?? domain.name);
    const place = hostDirectory(world.directory, id);
    removeTreeSync(place, world.directory);
    mkdirSync(place, { recursive: true });
    const stop = new AbortController();
    const screen: string[] = [];
    const copy: Running = {
      ...{ id, stop, screen, host: undefined, agent: undefined, settled: Promise.resolve() },
    };
    const booting = bootCopy({
      ...{ world, domain, parsed, serials, screen, directory: place, signal: stop.signal },
      bootMs: hooks.bootMs,
      role: isProof ? 'copy' : 'standby',
      async up(host) {
        await hooks.inside(host);
        copy.host = host;
      },
      agentConnected(host) {
        copy.agent = { host, files: new Map(), commands: new Map() };
      },
      async reached(host) {
        if (host.address === '' || stop.signal.aborted) return;
        await hooks.open(host);
        world.log(`${host.id}: up at ${host.address}`);
      },
    }).catch((error: unknown) => {
      if (!stop.signal.aborted) world.log(`${domain.name}: boot failed: ${String(error)}`);
    });
    const begun = Object.assign(copy, { settled: booting });
    running.set(domain.name, begun);
    return begun;
  };

  const stop = async (domain: Domain): Promise<void> => {
    const copy = running.get(domain.name);
    copy?.stop.abort();
    if (copy !== undefined) await killAll(world.labId, copy.id);
    await copy?.settled;
    running.delete(domain.name);
    if (copy !== undefined) await hooks.down(copy.id);
    const disks = volumeDisks(world, domain);
    domain.running = false;
    domain.links = {};
    for (const { volume } of typeof disks === 'string' ? [] : disks) settleVolume(world, volume);
    if (domain.transient === true) {
      world.state.domains = world.state.domains.filter(found => found !== domain);
      removeTreeSync(hostDirectory(world.directory, copyId(domain.name)), world.directory);
    }
    world.changed();
  };

  return {
    broken,
    async start(domain, parsed) {
      const refused = refusal(domain, parsed);
      if (refused !== undefined) return refused;
      domain.running = true;
      if (domain.transient === true)
        world.state.domains = [...world.state.domains.filter(({ name }) => name !== domain.name), domain];
      boot(domain, parsed);
      return undefined;
    },
    stop,
    shutdown(domain) {
      const copy = running.get(domain.name);
      world.clock
        .sleep(hooks.bootMs, copy?.stop.signal ?? new AbortController().signal)
        .then(() => stop(domain))
        .catch(() => undefined);
    },
    setLink(domain, mac, up) {
      const host = running.get(domain.name)?.host;
      for (const nic of host?.system.nics ?? []) if (nic.mac === mac) nic.up = up;
      if (host === undefined) return;
      writeLinks(host);
      world.changed(host.id);
    },
    agentOf: name => running.get(name)?.agent,
    screenOf: name => running.get(name)?.screen ?? [],
    hostOf: domain => running.get(domain.name)?.host,
    async end() {
      for (const copy of running.values()) copy.stop.abort();
      for (const { id } of running.values()) signalAll(labProcesses(world.labId, id), 'SIGKILL');
      await Promise.all([...running.values()].map(({ settled }) => settled));
    },
    forgetAll() {
      world.state.domains = world.state.domains.filter(({ transient }) => transient !== true);
    },
    async resume() {
      const standbys = world.state.domains.filter(({ running: ran, machine }) => ran && machine === null);
      for (const domain of standbys) {
        const parsed = parseDomain(domain.xml);
        if (parsed.ok) await boot(domain, parsed.value).settled;
      }
    },
  };
}
