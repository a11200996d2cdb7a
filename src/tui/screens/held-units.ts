import { counted } from '../../foundation/units.ts';
import { type HeldUnit, heldUnitsOf } from '../../reports/held-units.ts';
import type { View } from '../screen.ts';
import { type Line, line, span, wrap } from '../text/line.ts';
import { labelled } from './parts.ts';

const WORDS: Readonly<Record<HeldUnit['kind'], string>> = {
  cron: 'cron',
  timer: 'timer',
  queue: 'queue',
  mail: 'mail',
  backup: 'backup',
  monitoring: 'monitoring',
  cluster: 'cluster',
  update: 'updates',
  lease: 'lease',
  plan: 'by the plan',
};

/** The guard against a double run: what must not act at both sites, and is held in every proof and at the standby. */
export function heldUnitLines({ snapshot }: View, name: string, width: number): Line[] {
  if (snapshot === undefined) return [];
  const units = heldUnitsOf(snapshot, name);
  if (units === undefined) return [];
  const head = line(
    span('Would act twice', 'title', { bold: true }),
    span('  if both sites ran: held in a proof, and at the standby until cutover', 'muted'),
  );
  if (units.length === 0)
    return [[], head, ...wrap('The inventory found nothing of the kind.', width, 'muted')];
  return [
    [],
    head,
    ...units.flatMap(({ kind, name: unit, detail }) =>
      labelled(WORDS[kind], detail === '' ? unit : `${unit}: ${detail}`, width),
    ),
    ...wrap(`${counted(units.length, 'thing')} in all; the plan adds more with hold.`, width, 'muted'),
  ];
}
