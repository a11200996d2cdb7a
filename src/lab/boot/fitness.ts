import { existsSync } from 'node:fs';
import path from 'node:path';
import { mapPath } from '../hosts/mounts.ts';
import type { ParsedDomain } from '../hypervisor/domain-xml.ts';
import { missingFile, userOf, type VolumeDisk, volumeDisks } from '../hypervisor/domains.ts';
import { isIsland, networksOf } from '../hypervisor/virsh-networks.ts';
import { GOLDEN_VOLUME } from '../world/layout.ts';
import { volumeOfFile } from '../world/volumes.ts';
import type { Domain, SimHost, Volume, World } from '../world/world.ts';

/** Whether a domain that is no receiver may boot: what libvirt says, and what must never happen whatever it says. */

/** What libvirt and QEMU look at before the first instruction; undefined where they let it boot. */
export function libvirtRefusal(
  world: World,
  hypervisor: SimHost,
  domain: Domain,
  parsed: ParsedDomain,
): string | undefined {
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
  return busy === undefined
    ? undefined
    : `internal error: process exited while connecting to monitor: Failed to get "write" lock\nIs another process using the image [${busy.file}]?`;
}

const disksOf = (world: World, domain: Domain): readonly VolumeDisk[] => {
  const disks = volumeDisks(world, domain);
  return typeof disks === 'string' ? [] : disks;
};

const baseOf = (world: World, { backing, hypervisor }: Volume): Volume | undefined =>
  world.state.volumes.find(volume => volume.hypervisor === hypervisor && volume.name === backing);

/** The machine of the plan whose disks these are. */
export function machineOf(world: World, domain: Domain): string | undefined {
  return disksOf(world, domain)
    .map(({ volume }) => (volume.replicaOf ?? baseOf(world, volume)?.replicaOf)?.machine)
    .find(name => name !== undefined);
}

export const isStandbyOf = (world: World, domain: Domain, machine: string): boolean =>
  domain.machine === null && domain.transient !== true && machineOf(world, domain) === machine;

function replicaUsed(world: World, domain: Domain): string | undefined {
  for (const { volume } of disksOf(world, domain)) {
    if (volume.isMachine === true) continue;
    if (volume.backing === null || volume.backing === GOLDEN_VOLUME) {
      return `${volume.name} is no overlay of a replica: a replica itself is never booted`;
    }
    const base = baseOf(world, volume);
    const writer = base === undefined ? undefined : userOf(world, base);
    if (writer !== undefined) return `${writer.name} has the base of ${volume.name} for writing`;
  }
  return undefined;
}

/** What a copy for a proof must never do. */
export function forbiddenCopy(world: World, domain: Domain, parsed: ParsedDomain): string | undefined {
  const used = replicaUsed(world, domain);
  if (used !== undefined) return used;
  const host = world.hosts.get(domain.hypervisor);
  const networks = host === undefined ? [] : networksOf(world, host);
  const open = parsed.interfaces.find(
    nic => !networks.some(({ name, xml }) => name === nic.network && isIsland(xml)),
  );
  if (open !== undefined) return `a copy is plugged into ${open.network}, which leads somewhere`;
  const plugged = parsed.interfaces.find(({ up }) => up);
  return plugged === undefined ? undefined : `the cable of ${plugged.mac} is in at the start of a copy`;
}

/** What a standby must never do: boot a replica, or be the machine while another one is. */
export function forbiddenStandby(world: World, domain: Domain): string | undefined {
  const used = replicaUsed(world, domain);
  if (used !== undefined) return used;
  const machine = machineOf(world, domain);
  if (machine === undefined) return 'nobody can tell which machine these disks are';
  if (world.hosts.has(machine)) return `${machine} runs at the source: it would be there twice`;
  const receiver = world.state.domains.find(other => other.running && other.machine === machine);
  return receiver === undefined ? undefined : `${receiver.name} has the address that ${machine} gets`;
}
