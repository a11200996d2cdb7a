import { createHash } from 'node:crypto';
import type { DomainFacts, GuestFacts } from '../../journal/facts.ts';

/**
 * SHA-256 over what makes a machine this machine, in an order that does not depend on who wrote it. Numbers that move
 * while nothing changed (used bytes and inodes, allocation) are left out. What only building and proving need has a
 * hash of its own behind a dot: journals of older versions have the first part only.
 */
export function digestOf(domain: DomainFacts, guest: GuestFacts): string {
  const { boot, fstab, crypttab, links, network, volumeGroups, hostKeys, enabledUnits, ...more } = guest;
  const { actsTwice, selinux, cloudInit, failedUnits: _failed, bootId: _boot, ...stable } = more;
  const { hotFiles: _open, thinPools: _filled, ...layout } = stable;
  const first = hashOf({
    domain: { ...domain, state: '', disks: domain.disks.map(({ allocation: _moving, ...disk }) => disk) },
    guest: {
      ...layout,
      fileSystems: guest.fileSystems.map(({ used: _used, inodesUsed: _inodes, ...fs }) => fs),
    },
  });
  if (boot === undefined) return first;
  const macs = new Set(domain.interfaces.map(nic => nic.mac));
  const second = hashOf({
    ...{ fstab, crypttab, network, hostKeys, enabledUnits, selinux, cloudInit },
    boot: { loader: boot.loader, kernels: boot.kernels },
    // Interfaces of containers come and go.
    links: links?.filter(link => macs.has(link.mac)).map(({ name, mac }) => ({ name, mac })),
    // The metadata carries the date of its last copy; what is free shows in the volumes.
    volumeGroups: volumeGroups?.map(({ backup: _dated, free: _free, extent: _extent, ...group }) => group),
    actsTwice: actsTwice?.map(({ kind, name }) => ({ kind, name })),
  });
  return `${first}.${second}`;
}

/** Whether two digests tell of the same machine, compared by the parts that both have. */
export function isSameDigest(one: string, other: string): boolean {
  const [first, second] = one.split('.');
  const [otherFirst, otherSecond] = other.split('.');
  return (
    first === otherFirst && (second === undefined || otherSecond === undefined || second === otherSecond)
  );
}

function hashOf(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(value)))
    .digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
