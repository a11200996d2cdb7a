import type { GuestFacts } from '../../journal/facts.ts';

/** Daemons that run cron tables, by the names of the distributions. */
const CRON_DAEMONS = ['cron.service', 'crond.service', 'cronie.service'];

/**
 * Units that must not start in a second copy: what the inventory found that acts, and what the plan adds. A cron table
 * has no unit of its own, so the daemons that read tables are held as a whole.
 */
export function heldUnits(guest: Pick<GuestFacts, 'actsTwice'>, planned: readonly string[]): string[] {
  const acting = guest.actsTwice ?? [];
  const units = acting.flatMap(each => each.unit ?? []);
  const tables = acting.some(each => each.unit === undefined);
  const all = [...units, ...planned.map(withSuffix), ...(tables ? CRON_DAEMONS : [])];
  return [...new Set(all)].sort();
}

/** A unit without a kind is a service, as systemctl takes it. */
function withSuffix(unit: string): string {
  const kinds = /\.(?:service|timer|socket|path|target|mount|automount|swap|slice|scope|device)$/;
  return kinds.test(unit) ? unit : `${unit}.service`;
}
