import type { Random } from '../../../foundation/clock.ts';

/** A new uniqueidentifier (version 4) in upper case. */
export function newGuid(random: Random): string {
  const bytes = random.bytes(16);
  const hex = Buffer.from(bytes).toString('hex').toUpperCase();
  const variant = '89AB'[(bytes[8] ?? 0) & 3] ?? '8';
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
