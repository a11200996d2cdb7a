import { harmless } from '../foundation/text.ts';
import { formatBytes } from '../foundation/units.ts';
import type { BlockFacts, DomainFacts, GuestFacts, NetworkConfigFacts } from '../journal/facts.ts';
import { appeared, compare, turned } from './differences.ts';

export interface Observation {
  readonly domain: DomainFacts;
  readonly guest: GuestFacts;
}

/**
 * What changed between two inventories of one machine, as harmless sentences, what concerns the copy first. What moves by
 * itself is no drift: used bytes and allocation, ports that a program takes at random, services that come on demand. Where
 * only one of the two was taken inside the machine, only what its hypervisor has is compared.
 */
export function drift(before: Observation, after: Observation): string[] {
  const isInside = before.guest.login !== false && after.guest.login !== false;
  return [
    ...domainChanges(before.domain, after.domain),
    ...turned('the memory', formatBytes(before.domain.memory), formatBytes(after.domain.memory)),
    ...turned('the number of virtual processors', String(before.domain.vcpus), String(after.domain.vcpus)),
    ...(isInside ? inside(before.guest, after.guest) : []),
  ].map(harmless);
}

function inside(before: GuestFacts, after: GuestFacts): string[] {
  return [
    ...blockChanges(before.blocks, after.blocks),
    ...fileSystems(before, after),
    ...values(before, after),
    ...appeared('the address', before.addresses, after.addresses),
    ...appeared('the service', lasting(before.services), lasting(after.services)),
    ...sockets(before, after),
    ...preparation(before, after),
  ];
}

/**
 * What differs between two looks at a domain: which one it is, its disks and its cards. A capacity of 0 was not asked. Texts
 * are harmless.
 */
export function domainChanges(was: DomainFacts, is: DomainFacts): string[] {
  const cards = compare(was.interfaces, is.interfaces, ({ mac }) => mac);
  return [
    ...turned('the domain UUID', was.uuid, is.uuid),
    ...disks(was, is),
    ...cards.added.map(({ mac, network }) => `the network card ${mac} on ${network} is new`),
    ...cards.removed.map(({ mac }) => `the network card ${mac} is gone`),
    ...cards.kept.flatMap(([old, card]) =>
      turned(`the network of the card ${card.mac}`, old.network, card.network),
    ),
  ].map(harmless);
}

function disks(before: DomainFacts, after: DomainFacts): string[] {
  const { added, removed, kept } = compare(before.disks, after.disks, disk => disk.target);
  const words = ({ capacity, source }: DomainFacts['disks'][number]): string =>
    capacity > 0 ? formatBytes(capacity) : source;
  return [
    ...added.map(d => `disk ${d.target} was added (${words(d)})`),
    ...removed.map(d => `disk ${d.target} was removed (${words(d)})`),
    ...kept.flatMap(([was, is]) =>
      was.capacity === is.capacity || was.capacity <= 0 || is.capacity <= 0
        ? []
        : [`disk ${is.target} was resized from ${formatBytes(was.capacity)} to ${formatBytes(is.capacity)}`],
    ),
    ...kept.flatMap(([was, is]) =>
      was.source === is.source ? [] : [`disk ${is.target} now lies at ${is.source}, not at ${was.source}`],
    ),
  ];
}

/** The same for the block devices that a guest has. Texts are harmless. */
export function blockChanges(was: readonly BlockFacts[], is: readonly BlockFacts[]): string[] {
  const { added, removed, kept } = compare(was, is, ({ device }) => device);
  return [
    ...added.map(({ device, size }) => `${device} (${formatBytes(size)}) is new in the guest`),
    ...removed.map(({ device }) => `${device} is gone from the guest`),
    ...kept.flatMap(([old, { device, size, fstype, uuid }]) => {
      if (old.size !== size) return [`${device} went from ${formatBytes(old.size)} to ${formatBytes(size)}`];
      return old.fstype === fstype && old.uuid === uuid ? [] : [`${device} holds something else now`];
    }),
  ].map(harmless);
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

function values(before: GuestFacts, after: GuestFacts): string[] {
  return [
    ...turned('the machine-id', before.machineId, after.machineId),
    ...turned('the host name', before.hostname, after.hostname),
    ...turned('the operating system', before.os.pretty, after.os.pretty),
    ...turned('the kernel', before.kernel, after.kernel),
    ...turned('the boot mode', before.bootMode, after.bootMode),
    ...turned('the rsync version', before.rsync?.version ?? 'none', after.rsync?.version ?? 'none'),
  ];
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

/** Services without those that somebody's login, a timer or a question on the bus starts and that end by themselves. */
const lasting = (services: readonly string[]): string[] => services.filter(name => !PASSING.test(name));

const PASSING =
  /^(?:user(?:-runtime-dir)?@|run-|session-|getty@|serial-getty@|systemd-(?:hostnamed|localed|timedated|tmpfiles-|coredump@|ask-password)|packagekit\b|fwupd|polkit|apt-daily|apt-news|dnf-makecache|fstrim|logrotate|man-db|mandb|sysstat-|motd-news|update-notifier-|esm-cache|plocate-|mlocate-|e2scrub)|@\d+-\d+-/;

/** Ports from here on a kernel hands out at random: another one of the same program is no change. */
const FIRST_RANDOM_PORT = 32_768;

/** Whose socket it is only root is told: that is compared where both looks know it. */
function sockets(before: GuestFacts, after: GuestFacts): string[] {
  type Socket = GuestFacts['sockets'][number];
  const key = ({ protocol, address, port, process }: Socket): string =>
    port < FIRST_RANDOM_PORT
      ? `${protocol} ${address}:${port}`
      : `${protocol} ${address}:a port of its own choice${process === undefined ? '' : ` (${process})`}`;
  const named = (each: Socket): string =>
    each.port < FIRST_RANDOM_PORT && each.process !== undefined
      ? `${key(each)} (${each.process})`
      : key(each);
  const isNamed = (all: readonly Socket[]): boolean => all.some(({ process }) => process !== undefined);
  const known = ({ sockets: all }: GuestFacts): Socket[] =>
    isNamed(before.sockets) && isNamed(after.sockets)
      ? all
      : all.filter(({ port }) => port < FIRST_RANDOM_PORT);
  const { added, removed, kept } = compare(known(before), known(after), key);
  return [
    ...added.map(each => `the listening socket ${named(each)} is new`),
    ...removed.map(each => `the listening socket ${named(each)} is gone`),
    ...kept.flatMap(([was, is]) => turned(`who listens at ${key(is)}`, was.process, is.process)),
  ];
}
