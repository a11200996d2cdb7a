import { listed } from '../../foundation/listing.ts';
import { formatBytes } from '../../foundation/units.ts';
import { exposureTotals } from '../../readiness/exposure.ts';
import { type GroupExposure, groupExposures } from '../../readiness/group-exposure.ts';
import { money } from '../../reports/render.ts';
import type { TextPane, View } from '../screen.ts';
import { type Line, line, span } from '../text/line.ts';
import { ageText } from './cells.ts';

/** What would be lost if the source died now: of all together, and of those that belong together. Ticks. */
export function exposurePane(view: View): TextPane[] {
  // On low terminals the machines need the room: the header has the worst of them, y the groups.
  if (view.snapshot === undefined || view.rows.length === 0 || view.ui.rows < 30) return [];
  return [
    {
      kind: 'text',
      id: 'exposure',
      title: 'if the source died now',
      most: 4,
      lines: width => [totalLine(view), ...smearedLine(view), ...groupLines(view, width)],
    },
  ];
}

function totalLine({ rows, snapshot, glyphs }: View): Line {
  const {
    worstMs,
    unsafe,
    bytes,
    bytesUnknown,
    money: cost,
    moneyUnknown,
  } = exposureTotals(rows.map(({ exposure }) => exposure));
  const currency = snapshot?.plan.currency ?? '';
  const more = (unknown: readonly string[]): string => (unknown.length > 0 ? ' and more' : '');
  return line(
    ...(unsafe.length === 0
      ? []
      : [span(`${glyphs.bad} nothing safe of ${listed(unsafe, 4)}`, 'bad'), span('   ')]),
    ...(worstMs === undefined ? [] : [span(`up to ${ageText(worstMs)} of work`)]),
    ...(bytes === undefined ? [] : [span(` ≈ ${formatBytes(bytes)}${more(bytesUnknown)}`)]),
    ...(cost === undefined ? [] : [span(`, ${money(cost, currency)}${more(moneyUnknown)}`)]),
  );
}

/** Copies of many instants: what they hold may be worth less than their age says. */
function smearedLine({ rows, glyphs }: View): Line[] {
  const names = rows.filter(({ mover }) => mover.consistency === 'smeared').map(({ name }) => name);
  if (names.length === 0) return [];
  return [
    line(
      span(`${glyphs.warn} smeared, copied while written: ${listed(names, 6)}`, 'warn'),
      span('  (w says why)', 'muted'),
    ),
  ];
}

/** One line a group: the instant of its oldest copy, and whose that is. */
export function groupLines({ snapshot, glyphs, now }: View, _width: number): Line[] {
  if (snapshot === undefined) return [];
  const { plan, state } = snapshot;
  return groupExposures({ plan, state }, now).map(group => groupLine(group, plan.currency, glyphs.bad));
}

function groupLine(group: GroupExposure, currency: string, bad: string): Line {
  const { members, ageMs, oldest, missing, bytes, money: cost } = group;
  const [first] = missing;
  const who = span(`all of ${listed(members, 4)}: `, 'title');
  if (ageMs === undefined)
    return line(
      who,
      span(`${bad} none of one instant${first === undefined ? '' : `, ${first.name}: ${first.why}`}`, 'bad'),
    );
  return line(
    who,
    span(`${ageText(ageMs)} ago`),
    span(
      `${bytes === undefined ? '' : ` ≈ ${formatBytes(bytes)}`}${cost === undefined ? '' : `, ${money(cost, currency)}`}${oldest === undefined ? '' : `, ${oldest} is the oldest`}`,
      'muted',
    ),
  );
}
