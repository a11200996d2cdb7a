import type { GuestFacts } from '../journal/facts.ts';

/** Swap that lies in a file: its content is worthless elsewhere, so no pass copies it. Swap on a disk is made anew. */
export function swapFilesOf(guest: Pick<GuestFacts, 'swap'>): ReadonlyArray<{ path: string; size: number }> {
  return guest.swap.filter(({ path }) => path.startsWith('/') && !path.startsWith('/dev/'));
}
