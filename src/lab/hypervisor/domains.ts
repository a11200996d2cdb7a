import { diskUsage } from '../tools/disk-usage.ts';
import { fileSystemsOn } from '../world/block-devices.ts';
import { type MachineFacts, POOL_PATH } from '../world/layout.ts';
import { volumeOfFile } from '../world/volumes.ts';
import type { Disk, Domain, SimHost, Volume, World } from '../world/world.ts';
import {
  formatOf,
  type ParsedDisk,
  type ParsedDomain,
  parseDomain,
  shownXml,
  sourceVolume,
} from './domain-xml.ts';
import { sourceDomainXml } from './source-xml.ts';

/** Domains and volumes of a hypervisor: the sources' by layout, those at the target by state. */

/** What a qcow2 needs for itself. */
const QCOW2_OVERHEAD = 200_704;

export interface DomainView {
  readonly name: string;
  readonly uuid: string;
  readonly running: boolean;
  readonly xml: string;
  /** As it was defined, without what only the running domain has. */
  readonly inactiveXml: string;
  readonly machine: string | null;
  readonly autostart: boolean;
  readonly transient: boolean;
}

export interface VolumeView {
  readonly name: string;
  readonly format: string;
  readonly backing: string | null;
  /** Of a qcow2. */
  readonly compat: '0.10' | '1.1';
  readonly disk: Disk;
}

/** Those of the first day, and what was plugged in since. */
function sourceDisks(world: World, machine: MachineFacts): MachineFacts['disks'] {
  const attached = world.hosts.get(machine.name)?.disks ?? [];
  const later = attached.filter(({ target }) => !machine.disks.some(disk => disk.target === target));
  return [...machine.disks, ...later.map(({ target, disk }) => ({ target, storage: 'raw' as const, disk }))];
}

export function domainsOf(world: World, host: SimHost): DomainView[] {
  const here = world.machines.filter(machine => machine.hypervisor === host.id);
  const sources = here.map((machine, at): DomainView => {
    const shownNow = { ...machine, disks: sourceDisks(world, machine) };
    const xml = sourceDomainXml(shownNow, host.hypervisor?.network ?? 'default', at + 1);
    const { off, autostart = true } = world.state.sources[machine.name] ?? {};
    const inactive = xml.replace(/ id='\d+'/, '').replace(/^\s*<alias [^>]*>\n/gm, '');
    const { name, uuid } = machine;
    const shown = off === true ? inactive : xml;
    return {
      ...{ name, uuid, running: off !== true, autostart, transient: false },
      ...{ xml: shown, inactiveXml: off === true ? inactive : xml, machine: null },
    };
  });
  const made = world.state.domains
    .filter(domain => domain.hypervisor === host.id)
    .map((domain, at): DomainView => {
      const { name, uuid, running, machine } = domain;
      return {
        ...{ name, uuid, running, xml: shownXml(domain, at + 1), inactiveXml: domain.xml, machine },
        ...{ autostart: domain.autostart ?? false, transient: domain.transient ?? false },
      };
    });
  return [...sources, ...made];
}

export function volumesOf(world: World, host: SimHost): VolumeView[] {
  const sources = world.machines
    .filter(machine => machine.hypervisor === host.id)
    .flatMap(machine =>
      machine.disks.map(({ target, storage, disk }) => ({
        name: sourceVolume(machine.name, target, storage),
        format: formatOf(storage),
        compat: storage === 'qcow2-0.10' ? ('0.10' as const) : ('1.1' as const),
        backing: null,
        disk,
      })),
    );
  const made = world.state.volumes.filter(
    ({ hypervisor, isUnlisted }) => hypervisor === host.id && isUnlisted !== true,
  );
  return [...sources, ...made.map(volume => ({ ...volume, compat: '1.1' as const }))];
}

export function allocated(disk: Disk): number {
  const directories = fileSystemsOn(disk).flatMap(({ fs }) => fs.directory ?? []);
  return directories.reduce((sum, directory) => sum + diskUsage(directory).bytes, QCOW2_OVERHEAD);
}

export interface VolumeDisk extends ParsedDisk {
  readonly volume: Volume;
  /** What the guest's kernel calls a disk that was plugged in later. */
  readonly device: string | null;
}

/** The disks that a domain has now, or the reason why it could not have them. */
export function volumeDisks(world: World, domain: Domain): VolumeDisk[] | string {
  const reading = parseDomain(shownXml(domain, 1));
  if (!reading.ok) return reading.why;
  const plugged = (domain.running ? domain.plugged : undefined) ?? [];
  const all = reading.value.disks;
  const disks: VolumeDisk[] = [];
  for (const [at, disk] of all.entries()) {
    const volume = volumeOfFile(world, domain.hypervisor, disk.file);
    if (volume === undefined) return missingFile(disk.file);
    disks.push({ ...disk, volume, device: plugged[at - (all.length - plugged.length)]?.device ?? null });
  }
  return disks;
}

export const missingFile = (file: string): string =>
  `Cannot access storage file '${file}': No such file or directory`;

/** The running domain that holds a volume: QEMU locks what it writes. */
export const userOf = (world: World, volume: Volume): Domain | undefined =>
  world.state.domains.find(domain => {
    if (!domain.running) return false;
    const disks = volumeDisks(world, domain);
    return typeof disks !== 'string' && disks.some(disk => disk.volume === volume);
  });

/** The running domain that reads a volume below an overlay of its own: QEMU lets nobody write to it meanwhile. */
export const readerOf = (world: World, volume: Volume): Domain | undefined =>
  world.state.domains.find(domain => {
    if (!domain.running) return false;
    const disks = volumeDisks(world, domain);
    return typeof disks !== 'string' && disks.some(disk => disk.volume.backing === volume.name);
  });

/** Disks of a domain with their sizes: of a source by layout, of one at the target by the volumes that it names. */
export function disksOf(
  world: World,
  host: SimHost,
  name: string,
): readonly { readonly target: string; readonly disk: Disk }[] | undefined {
  const machine = world.machines.find(found => found.name === name && found.hypervisor === host.id);
  if (machine !== undefined) return sourceDisks(world, machine);
  const parsed = parsedDomain(world, host, name);
  const volumes = new Map(volumesOf(world, host).map(volume => [`${POOL_PATH}/${volume.name}`, volume.disk]));
  return parsed?.disks.flatMap(({ file, target }) => {
    const disk = volumes.get(file);
    return disk === undefined ? [] : [{ target, disk }];
  });
}

export function parsedDomain(world: World, host: SimHost, name: string): ParsedDomain | undefined {
  const domain = domainsOf(world, host).find(found => found.name === name);
  const parsed = domain === undefined ? undefined : parseDomain(domain.xml);
  return parsed?.ok === true ? parsed.value : undefined;
}
