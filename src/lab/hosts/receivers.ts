import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { removeTreeSync } from '../../foundation/remove-tree.ts';
import { isStandbyOf } from '../boot/fitness.ts';
import { parseDomain } from '../hypervisor/domain-xml.ts';
import { userOf, volumeDisks } from '../hypervisor/domains.ts';
import type { AgentGuest } from '../hypervisor/guest-agent.ts';
import { settleVolume } from '../hypervisor/volume-files.ts';
import { devices, fileSystemOf, physicalVolumes } from '../world/block-devices.ts';
import { GOLDEN_VOLUME, hostDirectory } from '../world/layout.ts';
import type { AttachedDisk, Domain, PluggedDisk, SimHost, Volume, World } from '../world/world.ts';
import { baseMounts, writeBaseFiles } from './base-files.ts';
import { writeDevices } from './device-files.ts';
import { freeDevice } from './device-names.ts';
import { killAll } from './processes.ts';
import { install, rootDisk } from './receiver-install.ts';
import { receiverSystem } from './systems.ts';
import { setActive } from './volume-groups.ts';

/** Receivers: domains at the target that become simulated hosts when they are started. */

export interface Receivers {
  /** Starts it; answers at once, the boot follows. A text says why libvirt would refuse. */
  start(domain: Domain): string | undefined;
  stop(domain: Domain): Promise<void>;
  /** Its guest is asked to end, as by its power button; it does so a moment later. */
  shutdown(domain: Domain): void;
  /** A disk comes to a running receiver: its kernel sees it at once, and what is complete on it becomes active. */
  plug(
    domain: Domain,
    disk: { readonly bus: string; readonly serial: string | null },
    volume: Volume,
    xml: string,
  ): void;
  /** A disk is pulled out. */
  unplug(domain: Domain, plugged: PluggedDisk): void;
  /** Its volume is gone: the next start installs it afresh. */
  forget(volume: Volume): void;
  /** Its agent, once it is connected. */
  agentOf(domain: string): AgentGuest | undefined;
  /** Makes agents silent, or heals them. */
  silence(machine: string, silent: boolean): void;
  /** No boot that has begun comes to its end any more; resolves when each has let go of its files. */
  end(): Promise<void>;
  /** Brings running domains back after the lab was restarted. */
  resume(): Promise<void>;
}

export interface ReceiverHooks {
  readonly bootMs: number;
  /** Takes the host up: shims, SSH server. */
  up(host: SimHost): Promise<void>;
  down(hostId: string): Promise<void>;
}

export const receiverId = (machine: string): string => `${machine}.receiver`;

export function createReceivers(world: World, hooks: ReceiverHooks): Receivers {
  const agents = new Map<string, AgentGuest>();
  const silent = new Set<string>();
  /** By machine. The directory of a receiver is for one boot at a time. */
  const boots = new Map<string, { readonly stop: AbortController; readonly settled: Promise<unknown> }>();

  const hostOf = (domain: Domain): SimHost | undefined =>
    domain.machine === null ? undefined : world.hosts.get(receiverId(domain.machine));

  /** Whatever the guest wrote is on the volumes now. */
  const settle = (domain: Domain): void => {
    const disks = volumeDisks(world, domain);
    for (const { volume } of typeof disks === 'string' ? [] : disks) settleVolume(world, volume);
  };

  const build = async (
    domain: Domain,
    machine: string,
    booted: boolean,
    signal: AbortSignal,
  ): Promise<SimHost> => {
    const id = receiverId(machine);
    const facts = world.machines.find(({ name }) => name === machine);
    const disks = volumeDisks(world, domain);
    if (facts === undefined || typeof disks === 'string') throw new Error(`receiver ${id} cannot be built`);
    const directory = hostDirectory(world.directory, id);
    const root = path.join(directory, 'fs', 'root');
    if (!existsSync(path.join(directory, 'installed'))) await install(world, directory, root, id, signal);
    // What is in memory only is lost at a boot, but not when the lab itself was restarted.
    for (const name of booted ? ['run', 'tmp', 'proc', 'sys', 'dev'] : []) {
      removeTreeSync(path.join(directory, 'fs', name), world.directory);
    }
    const [system, ...replicas] = disks;
    const systemDisk = rootDisk(system?.volume.disk.bytes ?? 0, root);
    const attached: AttachedDisk[] = [
      { target: system?.target ?? 'vda', serial: system?.serial ?? null, disk: systemDisk },
      ...replicas.map(disk => ({
        target: disk.device ?? disk.target,
        serial: disk.serial,
        disk: disk.volume.disk,
      })),
    ];
    const mac = macOf(domain);
    const host: SimHost = {
      id,
      role: 'receiver',
      site: 'target',
      address: facts.receiverAddress,
      hostname: `${machine}-receiver`,
      directory,
      machine: facts,
      hypervisor: null,
      disks: attached,
      mounts: [...baseMounts(directory, '/dev/vda1'), ...(world.state.mounts[id] ?? [])],
      groups: world.state.groups[id] ?? [],
      system: receiverSystem({ mac, address: facts.receiverAddress }),
      hostKey: readFileSync(path.join(root, 'etc', 'ssh', 'ssh_host_ed25519_key'), 'utf8'),
    };
    writeBaseFiles(host, { uuid: domain.uuid, swaps: [] });
    return host;
  };

  const boot = async (
    domain: Domain,
    machine: string,
    delayMs: number | null,
    signal: AbortSignal,
  ): Promise<void> => {
    if (delayMs !== null) await world.clock.sleep(delayMs, signal);
    const host = await build(domain, machine, delayMs !== null, signal);
    if (signal.aborted) return;
    await hooks.up(host);
    if (signal.aborted) return hooks.down(host.id);
    agents.set(domain.name, { host, files: new Map(), commands: new Map() });
    world.log(`${host.id}: up at ${host.address}`);
  };

  /** A delay of null is no boot: the guest was running all the time. */
  const begin = (domain: Domain, machine: string, delayMs: number | null): Promise<void> => {
    const stop = new AbortController();
    const before = boots.get(machine)?.settled ?? Promise.resolve();
    const booted = before.then(() => boot(domain, machine, delayMs, stop.signal));
    const settled = booted.catch((error: unknown) => {
      if (!stop.signal.aborted) world.log(`${domain.name}: boot failed: ${String(error)}`);
    });
    boots.set(machine, { stop, settled });
    return booted;
  };

  /** Ends a boot that has begun, and waits until it has let go of its files. */
  const interrupt = async (machine: string): Promise<void> => {
    const begun = boots.get(machine);
    begun?.stop.abort();
    await begun?.settled;
  };

  const stop = async (domain: Domain): Promise<void> => {
    settle(domain);
    domain.running = false;
    domain.plugged = [];
    domain.links = {};
    agents.delete(domain.name);
    if (domain.machine !== null) {
      await interrupt(domain.machine);
      const id = receiverId(domain.machine);
      await killAll(world.labId, id);
      await hooks.down(id);
      // What was mounted by hand does not come back by itself.
      delete world.state.mounts[id];
      delete world.state.groups[id];
    }
    world.changed();
  };

  return {
    plug(domain, { bus, serial }, volume, xml) {
      const host = hostOf(domain);
      const taken = [
        ...(host?.disks ?? []).map(({ target }) => target),
        ...(domain.plugged ?? []).map(({ device }) => device),
      ];
      const device = freeDevice(bus === 'scsi' ? 'sd' : 'vd', taken);
      domain.plugged = [...(domain.plugged ?? []), { xml, device }];
      if (host === undefined) return world.changed();
      host.disks = [...host.disks, { target: device, serial, disk: volume.disk }];
      writeDevices(host);
      // udev and pvscan of the guest: what is complete becomes active by itself.
      const groups = physicalVolumes(host).flatMap(pv =>
        pv.device.attached.target === device ? (pv.group?.name ?? []) : [],
      );
      setActive(world, host, groups, true);
    },
    unplug(domain, plugged) {
      const host = hostOf(domain);
      const disks = volumeDisks(world, domain);
      domain.plugged = (domain.plugged ?? []).filter(other => other !== plugged);
      if (host !== undefined) pullOut(world, domain, host, plugged.device);
      const pulled = typeof disks === 'string' ? [] : disks.filter(disk => disk.device === plugged.device);
      for (const { volume } of pulled) settleVolume(world, volume);
      world.changed(host?.id);
    },
    start(domain) {
      const disks = volumeDisks(world, domain);
      if (typeof disks === 'string') return disks;
      const { machine } = domain;
      const facts = world.machines.find(({ name }) => name === machine);
      if (machine === null || facts === undefined) {
        world.violation(
          domain.hypervisor,
          `virsh start ${domain.name}`,
          'only receivers may start: a replica is never booted',
        );
        return 'unsupported configuration: the lab starts receivers only';
      }
      if (disks[0]?.volume.backing !== GOLDEN_VOLUME) {
        world.violation(
          domain.hypervisor,
          `virsh start ${domain.name}`,
          'the first disk is not an overlay of the golden image',
        );
        return 'internal error: process exited while connecting to monitor: no bootable device';
      }
      const busy = disks.find(({ volume }) => userOf(world, volume) !== undefined);
      if (busy !== undefined) {
        return `internal error: process exited while connecting to monitor: Failed to get "write" lock\nIs another process using the image [${busy.file}]?`;
      }
      const twin = world.state.domains.find(
        other => other.running && (other.machine === machine || isStandbyOf(world, other, machine)),
      );
      if (twin !== undefined)
        return `internal error: address ${facts.receiverAddress} is in use by domain ${twin.name}`;
      domain.running = true;
      world.changed();
      // Its end is told by the agent, or by the log of the lab.
      begin(domain, machine, hooks.bootMs).catch(() => undefined);
      return undefined;
    },
    stop,
    shutdown(domain) {
      world.clock
        .sleep(hooks.bootMs)
        .then(() => (domain.running ? stop(domain) : undefined))
        .catch((error: unknown) => world.log(`${domain.name}: ${String(error)}`));
    },
    forget(volume) {
      const owner = /^landfall-.*-receiver\.qcow2$/.test(volume.name)
        ? world.machines.find(({ name }) => volume.name.endsWith(`-${name}-receiver.qcow2`))
        : undefined;
      if (owner === undefined) return;
      removeTreeSync(hostDirectory(world.directory, receiverId(owner.name)), world.directory);
    },
    agentOf(name) {
      const machine = world.state.domains.find(domain => domain.name === name)?.machine;
      return machine !== null && machine !== undefined && silent.has(machine) ? undefined : agents.get(name);
    },
    silence(machine, quiet) {
      if (quiet) silent.add(machine);
      else silent.delete(machine);
    },
    async end() {
      await Promise.all([...boots.keys()].map(interrupt));
    },
    async resume() {
      for (const domain of world.state.domains) {
        if (domain.running && domain.machine !== null) await begin(domain, domain.machine, null);
      }
    },
  };
}

const macOf = (domain: Domain): string => {
  const reading = parseDomain(domain.xml);
  return (reading.ok ? reading.value.interfaces[0]?.mac : undefined) ?? '52:54:00:00:00:01';
};

/** The kernel loses a disk; that it was still in use is a mistake of whoever pulled it. */
function pullOut(world: World, domain: Domain, host: SimHost, device: string): void {
  const lost = devices(host).filter(({ attached }) => attached.target === device);
  const used = host.mounts.filter(({ source }) => lost.some(({ path: at }) => at === source));
  const groups = lost.flatMap(found =>
    found.kind === 'lvm' ? [] : (fileSystemOf(found)?.group?.name ?? []),
  );
  const active = host.groups.filter(name => groups.includes(name));
  if (used.length + active.length > 0) {
    const what = [
      ...used.map(({ path: at }) => `${at} is mounted from it`),
      ...active.map(name => `${name} is active on it`),
    ];
    world.violation(
      domain.hypervisor,
      `virsh detach-device ${domain.name}`,
      `${device} was pulled out: ${what.join(', ')}`,
    );
  }
  host.mounts = host.mounts.filter(mount => !used.includes(mount));
  world.state.mounts[host.id] = (world.state.mounts[host.id] ?? []).filter(
    mount => !used.some(({ path: at }) => at === mount.path),
  );
  host.disks = host.disks.filter(({ target }) => target !== device);
  setActive(world, host, groups, false);
}
