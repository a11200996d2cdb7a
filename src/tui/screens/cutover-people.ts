import { formatDuration } from '../../foundation/units.ts';
import type { TextPane, View } from '../screen.ts';
import type { Line } from '../text/line.ts';
import { labelled } from './parts.ts';

/** Whom to call, and the DNS records that change, with the moment by which their TTL has to be low. */
export function peopleAndRecords(view: View): TextPane {
  const plan = view.snapshot?.plan;
  return {
    kind: 'text',
    id: 'records',
    title: 'people and records',
    // On low terminals the checklist needs the room: the rest is scrolled to.
    most: view.ui.rows < 36 ? 1 : 6,
    beside: true,
    lines: width =>
      plan === undefined ? [] : [...people(plan, width), ...slowest(view, width), ...records(view, width)],
  };
}

type Known = NonNullable<View['snapshot']>['plan'];

function people({ contacts, cutover }: Known, width: number): Line[] {
  return [
    ...(contacts.length === 0
      ? labelled('people', 'the plan names nobody to call; add them under contacts:', width, 'warn')
      : contacts.flatMap(({ name, role, phone, email }, index) =>
          labelled(
            index === 0 ? 'people' : '',
            [name, role, phone, email].filter(each => each !== undefined).join(', '),
            width,
          ),
        )),
    ...(cutover.decides === undefined ? [] : labelled('decides', cutover.decides, width)),
    ...cutover.when.flatMap((each, index) => labelled(index === 0 ? 'when' : '', each, width)),
  ];
}

function records({ snapshot, glyphs }: View, width: number): Line[] {
  const dns = snapshot?.plan.dns ?? [];
  if (dns.length === 0)
    return labelled(
      'records',
      'the plan names no records; add them under dns:, or nobody finds the copies',
      width,
      'warn',
    );
  return dns.flatMap(({ name, type, from, to, ttl, provider }, index) =>
    labelled(
      index === 0 ? 'records' : '',
      `${name} ${type}: ${from} ${glyphs.arrow} ${to}${ttl === undefined ? ', TTL unknown' : `, TTL ${formatDuration(ttl)}`}${provider === undefined ? '' : `, at ${provider}`}`,
      width,
    ),
  );
}

function slowest({ snapshot, glyphs }: View, width: number): Line[] {
  const ttls = snapshot?.plan.dns.flatMap(({ ttl }) => ttl ?? []) ?? [];
  const worst = Math.max(0, ...ttls);
  if (worst <= 300e3) return [];
  return labelled(
    'DNS',
    `${glyphs.warn} For ${formatDuration(worst)} after the switch some still go to the source. Lower the TTL to 5m at least ${formatDuration(worst)} before the cutover.`,
    width,
    'warn',
  );
}
