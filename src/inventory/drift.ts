import { formatBytes } from '../foundation/units.ts';
import type { DomainFacts, GuestFacts, NetworkConfigFacts } from '../journal/facts.ts';

export interface Observation {
  readonly domain: DomainFacts;
  readonly guest: GuestFacts;
}

/**
 * What changed between two inventories of one machine, as sentences, what concerns the copy first. Numbers that move
 * all the time (used bytes, allocation) are no drift.
 */
export function drift(before: Observation, after: Observation): string[] {
  return [
    ...disks(before.domain, after.domain),
    ...fileSystems(before.guest, after.guest),
    ...values(before, after),
    ...appeared('the address', before.guest.addresses, after.guest.addresses),
    ...appeared('the service', before.guest.services, after.guest.services),
    ...appeared('the listening socket', sockets(before.guest), sockets(after.guest)),
    ...preparation(before.guest, after.guest),
  ];
}

function disks(before: DomainFacts, after: DomainFacts): string[] {
  const { added, removed, kept } = compare(before.disks, after.disks, disk => disk.target);
  return [
    ...added.map(d => `disk ${d.target} was added (${formatBytes(d.capacity)})`),
    ...removed.map(d => `disk ${d.target} was removed (${formatBytes(d.capacity)})`),
    ...kept.flatMap(([was, is]) =>
      was.capacity === is.capacity
        ? []
        : [`disk ${is.target} was resized from ${formatBytes(was.capacity)} to ${formatBytes(is.capacity)}`],
    ),
    ...kept.flatMap(([was, is]) =>
      was.source === is.source ? [] : [`disk ${is.target} now lies at ${is.source}, not at ${was.source}`],
    ),
  ];
}

function fileSystems(before: GuestFacts, after: GuestFacts): string[] {
  const { added, removed, kept } = compare(before.fileSystems, after.fileSystems, fs => fs.mountpoint);
  return [
    ...added.map(fs => `a file system was mounted at ${fs.mountpoint} (${fs.type} on ${fs.device})`),
    ...removed.map(fs => `the file system at ${fs.mountpoint} is gone`),
    ...kept.flatMap(([was, is]) => {
      if (was.uuid !== is.uuid)
        return [`the file system at ${is.mountpoint} is another one now (${is.uuid})`];
      if (was.type !== is.type)
        return [`the file system at ${is.mountpoint} is ${is.type} now, not ${was.type}`];
      if (was.size !== is.size)
        return [
          `the file system at ${is.mountpoint} went from ${formatBytes(was.size)} to ${formatBytes(is.size)}`,
        ];
      return [];
    }),
  ];
}

function values(before: Observation, after: Observation): string[] {
  const pairs: ReadonlyArray<readonly [string, string, string]> = [
    ['the domain UUID', before.domain.uuid, after.domain.uuid],
    ['the machine-id', before.guest.machineId, after.guest.machineId],
    ['the host name', before.guest.hostname, after.guest.hostname],
    ['the operating system', before.guest.os.pretty, after.guest.os.pretty],
    ['the kernel', before.guest.kernel, after.guest.kernel],
    ['the boot mode', before.guest.bootMode, after.guest.bootMode],
    ['the memory', formatBytes(before.domain.memory), formatBytes(after.domain.memory)],
    ['the number of virtual processors', String(before.domain.vcpus), String(after.domain.vcpus)],
    ['the rsync version', before.guest.rsync?.version ?? 'none', after.guest.rsync?.version ?? 'none'],
  ];
  return pairs.flatMap(([what, was, is]) => (was === is ? [] : [`${what} changed from ${was} to ${is}`]));
}

/** What older journals do not have is not new: it is compared only where both sides know it. */
function preparation(before: GuestFacts, after: GuestFacts): string[] {
  const both = (what: string, list: (guest: GuestFacts) => readonly string[] | undefined): string[] => {
    const [was, is] = [list(before), list(after)];
    return was === undefined || is === undefined ? [] : appeared(what, was, is);
  };
  const [was, is] = [before.boot?.loader, after.boot?.loader];
  return [
    ...(was === undefined || is === undefined || was === is
      ? []
      : [`the boot loader changed from ${was} to ${is}`]),
    ...both('the kernel image', guest => guest.boot?.kernels.map(kernel => kernel.image)),
    ...both('the line of fstab', guest => guest.fstab?.map(entry => `${entry.spec} ${entry.mountpoint}`)),
    ...both('the logical volume', guest =>
      guest.volumeGroups?.flatMap(group =>
        group.logical.map(volume => `${volume.device} (${volume.kind}, ${formatBytes(volume.size)})`),
      ),
    ),
    ...both('the network configuration', guest => guest.network?.map(networkWords)),
    ...both('the SSH host key', guest => guest.hostKeys?.map(key => key.replace(/ .*(.{12})$/, ' …$1'))),
    ...both('the unit that starts at boot', guest => guest.enabledUnits),
    ...both('the job or agent', guest => guest.actsTwice?.map(({ name }) => name)),
  ];
}

const networkWords = ({ file, interface: name, mac, addresses, dhcp }: NetworkConfigFacts): string =>
  [`of ${name ?? mac ?? 'any interface'} in ${file}:`, ...addresses, ...(dhcp ? ['DHCP'] : [])].join(' ');

function sockets(guest: GuestFacts): string[] {
  return guest.sockets.map(s => `${s.protocol} ${s.address}:${s.port}${s.process ? ` (${s.process})` : ''}`);
}

function appeared(what: string, before: readonly string[], after: readonly string[]): string[] {
  const { added, removed } = compare(before, after, name => name);
  return [...added.map(name => `${what} ${name} is new`), ...removed.map(name => `${what} ${name} is gone`)];
}

function compare<T>(before: readonly T[], after: readonly T[], key: (item: T) => string) {
  const was = new Map(before.map(item => [key(item), item]));
  const is = new Map(after.map(item => [key(item), item]));
  return {
    added: [...is].filter(([name]) => !was.has(name)).map(([, item]) => item),
    removed: [...was].filter(([name]) => !is.has(name)).map(([, item]) => item),
    kept: [...is].flatMap(([name, item]): [T, T][] => {
      const old = was.get(name);
      return old === undefined ? [] : [[old, item]];
    }),
  };
}
