import { createHash } from 'node:crypto';
import type { DomainFacts, GuestFacts } from '../journal/facts.ts';

/**
 * SHA-256 over what makes a machine this machine, in an order that does not depend on who wrote it. Numbers that move
 * while nothing changed (used bytes and inodes, allocation) are left out.
 */
export function digestOf(domain: DomainFacts, guest: GuestFacts): string {
  const still = {
    domain: { ...domain, state: '', disks: domain.disks.map(({ allocation: _moving, ...disk }) => disk) },
    guest: {
      ...guest,
      fileSystems: guest.fileSystems.map(({ used: _used, inodesUsed: _inodes, ...fs }) => fs),
    },
  };
  return createHash('sha256')
    .update(JSON.stringify(sorted(still)))
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
