import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { removeTreeSync } from '../../foundation/remove-tree.ts';
import { writeLinks } from '../hosts/base-files.ts';
import { mapPath } from '../hosts/mounts.ts';
import { labProcesses, signalAll } from '../hosts/processes.ts';
import type { ParsedDomain } from '../hypervisor/domain-xml.ts';
import { missingFile, userOf, volumeDisks } from '../hypervisor/domains.ts';
import type { AgentGuest } from '../hypervisor/guest-agent.ts';
import { isIsland, networksOf } from '../hypervisor/virsh-networks.ts';
import { settleVolume } from '../hypervisor/volume-files.ts';
import { GOLDEN_VOLUME, hostDirectory } from '../world/layout.ts';
import { volumeOfFile } from '../world/volumes.ts';
import type { Domain, SimHost, World } from '../world/world.ts';
import { bootCopy } from './boot.ts';
import { emptySerial } from './console.ts';

/** Transient domains: overlays of a replica that boot once, on a network that leads nowhere. */

export interface Copies {
  /** Starts it; answers when QEMU runs, the boot follows. A text says why libvirt would refuse. */
  start(domain: Domain, parsed: ParsedDomain): Promise<string | undefined>;
  stop(domain: Domain): Promise<void>;
  setLink(domain: Domain, mac: string, up: boolean): void;
  agentOf(domain: string): AgentGuest | undefined;
  /** What stands on the screen of a running copy. */
  screenOf(domain: string): readonly string[];
  end(): Promise<void>;
  /** Copies end with the lab: QEMU is gone, and with it whatever is transient. */
  forgetAll(): void;
}

export interface CopyHooks {
  readonly bootMs: number;
  /** Gives the host its tools, without a door to the outside. */
  inside(host: SimHost): Promise<void>;
  down(hostId: string): Promise<void>;
}

interface Running {
  readonly stop: AbortController;
  readonly settled: Promise<unknown>;
  readonly screen: string[];
  host: SimHost | undefined;
  agent: AgentGuest | undefined;
}

export const copyId = (domain: string): string => `${domain}.copy`;

export function createCopies(world: World, hooks: CopyHooks): Copies {
  const running = new Map<string, Running>();

  const hypervisorOf = (domain: Domain): SimHost => {
    const host = world.hosts.get(domain.hypervisor);
    if (host === undefined) throw new RangeError(`no host ${domain.hypervisor} is up`);
    return host;
  };

  /** What libvirt and QEMU look at before the first instruction. */
  const refusal = (domain: Domain, parsed: ParsedDomain): string | undefined => {
    const hypervisor = hypervisorOf(domain);
    const disks = volumeDisks(world, domain);
    if (typeof disks === 'string') return disks;
    const medium = parsed.media.find(file => volumeOfFile(world, domain.hypervisor, file) === undefined);
    if (medium !== undefined) return missingFile(medium);
    const networks = networksOf(world, hypervisor);
    const lost = parsed.interfaces.find(nic => !networks.some(({ name }) => name === nic.network));
    if (lost !== undefined) return `Network not found: no network with matching name '${lost.network}'`;
    for (const [port, file] of parsed.serials) {
      const directory = path.dirname(mapPath(world.directory, hypervisor.mounts, file));
      if (!existsSync(directory)) {
        return `internal error: process exited while connecting to monitor: qemu-system-x86_64: -chardev file,id=charserial${port},path=${file}: Could not open '${file}': No such file or directory`;
      }
    }
    const busy = disks.find(({ volume }) => userOf(world, volume) !== undefined);
    if (busy !== undefined) {
      return `internal error: process exited while connecting to monitor: Failed to get "write" lock\nIs another process using the image [${busy.file}]?`;
    }
    const reach = forbidden(world, domain, parsed);
    if (reach === undefined) return undefined;
    world.violation(domain.hypervisor, `virsh create ${domain.name}`, reach);
    return `unsupported configuration: ${reach}`;
  };

  return {
    async start(domain, parsed) {
      const refused = refusal(domain, parsed);
      if (refused !== undefined) return refused;
      const hypervisor = hypervisorOf(domain);
      const serials = new Map(
        [...parsed.serials].map(([port, file]) => [port, mapPath(world.directory, hypervisor.mounts, file)]),
      );
      for (const file of serials.values()) emptySerial(file);
      domain.running = true;
      world.state.domains = [...world.state.domains.filter(({ name }) => name !== domain.name), domain];
      const stop = new AbortController();
      const screen: string[] = [];
      const place = hostDirectory(world.directory, copyId(domain.name));
      removeTreeSync(place, world.directory);
      mkdirSync(place, { recursive: true });
      const copy: Running = { stop, screen, host: undefined, agent: undefined, settled: Promise.resolve() };
      const booting = bootCopy({
        ...{ world, domain, parsed, serials, screen, directory: place, signal: stop.signal },
        bootMs: hooks.bootMs,
        async up(host) {
          await hooks.inside(host);
          copy.host = host;
        },
        agentConnected(host) {
          copy.agent = { host, files: new Map(), commands: new Map() };
        },
      }).catch((error: unknown) => {
        if (!stop.signal.aborted) world.log(`${domain.name}: boot failed: ${String(error)}`);
      });
      running.set(domain.name, Object.assign(copy, { settled: booting }));
      return undefined;
    },
    async stop(domain) {
      const copy = running.get(domain.name);
      copy?.stop.abort();
      signalAll(labProcesses(world.labId, copyId(domain.name)), 'SIGKILL');
      await copy?.settled;
      running.delete(domain.name);
      await hooks.down(copyId(domain.name));
      const disks = volumeDisks(world, domain);
      domain.running = false;
      for (const { volume } of typeof disks === 'string' ? [] : disks) settleVolume(world, volume);
      if (domain.transient === true) {
        world.state.domains = world.state.domains.filter(found => found !== domain);
        removeTreeSync(hostDirectory(world.directory, copyId(domain.name)), world.directory);
      }
      world.changed();
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
    async end() {
      for (const copy of running.values()) copy.stop.abort();
      for (const name of running.keys()) signalAll(labProcesses(world.labId, copyId(name)), 'SIGKILL');
      await Promise.all([...running.values()].map(({ settled }) => settled));
    },
    forgetAll() {
      world.state.domains = world.state.domains.filter(({ transient }) => transient !== true);
    },
  };
}

/** What must never happen, whatever libvirt would say to it. */
function forbidden(world: World, domain: Domain, parsed: ParsedDomain): string | undefined {
  const disks = volumeDisks(world, domain);
  for (const { volume } of typeof disks === 'string' ? [] : disks) {
    if (volume.backing === null || volume.backing === GOLDEN_VOLUME) {
      return `${volume.name} is no overlay of a replica: a replica itself is never booted`;
    }
    const base = world.state.volumes.find(({ name }) => name === volume.backing);
    const writer = base === undefined ? undefined : userOf(world, base);
    if (writer !== undefined) return `${writer.name} has the base of ${volume.name} for writing`;
  }
  const host = world.hosts.get(domain.hypervisor);
  const networks = host === undefined ? [] : networksOf(world, host);
  const open = parsed.interfaces.find(
    nic => !networks.some(({ name, xml }) => name === nic.network && isIsland(xml)),
  );
  if (open !== undefined) return `a copy is plugged into ${open.network}, which leads somewhere`;
  const plugged = parsed.interfaces.find(({ up }) => up);
  return plugged === undefined ? undefined : `the cable of ${plugged.mac} is in at the start of a copy`;
}
