import type { GuestFacts } from '../../journal/facts.ts';
import type { Fixup } from '../../journal/proof-facts.ts';
import { fixupOf, link } from './edit.ts';
import { hasSystemd, type Tree } from './tree.ts';
import type { FinalizeWish } from './wish.ts';

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

const UNIT = /^[A-Za-z0-9:_.@\\-]+$/;

/** Masks units in the overlay of a proof; at cutover the copy is the machine, and everything may run. */
export function holdFixup(tree: Tree, { proof }: FinalizeWish): Fixup | undefined {
  if (proof === undefined || proof.hold.length === 0) return undefined;
  const about = {
    id: 'hold',
    title: 'hold what must not run at both sites',
    why: 'Mail, jobs and backups of a second copy would act twice.',
  };
  if (!hasSystemd(tree)) {
    return fixupOf(about, {
      warnings: [`The copy has no systemd, so these cannot be held: ${proof.hold.join(', ')}.`],
    });
  }
  const odd = proof.hold.filter(unit => !UNIT.test(unit));
  return fixupOf(about, {
    edits: proof.hold
      .filter(unit => UNIT.test(unit))
      .map(unit => link(tree, `/etc/systemd/system/${unit}`, '/dev/null')),
    warnings: odd.map(unit => `${JSON.stringify(unit)} is no name of a unit and is not held.`),
  });
}
