import { counted } from '../../foundation/units.ts';
import type { State } from '../../journal/state.ts';
import { estateOf } from '../../reports/inventory/estate.ts';
import type { InventoryFinding } from '../../reports/inventory/finding.ts';
import { inventoryOf } from '../../reports/inventory/inventory.ts';
import type { View } from '../screen.ts';
import { type Line, wrap } from '../text/line.ts';
import { labelled } from './parts.ts';

interface Known {
  readonly minute: number;
  readonly plan: object;
  readonly findings: readonly InventoryFinding[];
}

/** Ages in findings need no seconds: what an estate of hundreds says is worked out once a minute, and when it changes. */
const known = new WeakMap<State, Known>();

/** What the inventory has to say, in the order of its weight; what is about the steps themselves stands above already. */
export function findingsIn({ snapshot, now }: View): readonly InventoryFinding[] {
  if (snapshot === undefined) return [];
  const { plan, state } = snapshot;
  const minute = Math.floor(now / 60e3);
  const before = known.get(state);
  if (before?.minute === minute && before.plan === plan) return before.findings;
  const view = { plan, state };
  const { findings } = inventoryOf(view, now, estateOf(view, now));
  known.set(state, { minute, plan, findings });
  return findings;
}

/** Findings that somebody has to settle: neither mere notes nor accepted, nor what the list of machines tells anyway. */
export const toSettle = (view: View): readonly InventoryFinding[] =>
  findingsIn(view).filter(
    ({ severity, waived, kind, id }) =>
      severity !== 'note' &&
      waived === undefined &&
      kind !== 'copy' &&
      id !== 'not-looked-at' &&
      !id.startsWith('look-failed:'),
  );

export const findingsTitle = (view: View): string => {
  const all = toSettle(view);
  const critical = all.filter(({ severity }) => severity === 'critical').length;
  return `to settle: ${counted(all.length, 'finding')}${critical === 0 ? '' : `, ${critical} critical`}`;
};

/** One line each: a screen shows what comes first, the pane scrolls to the rest. */
export const findingLines = (view: View, width: number): Line[] =>
  toSettle(view).flatMap(each => findingLine(view, each, width));

function findingLine({ glyphs }: View, each: InventoryFinding, width: number): Line[] {
  const { severity, subject, what, seen, stale } = each;
  const mark = severity === 'critical' ? glyphs.bad : glyphs.warn;
  return wrap(
    `${mark} ${what.startsWith(`${subject} `) ? what : `${subject}: ${what}`}${stale ? ` (${seen})` : ''}`,
    width,
    severity === 'critical' ? 'bad' : 'warn',
  );
}

/** All that is to be said of one machine, with evidence and what to do. */
export function findingsAbout(view: View, name: string, width: number): Line[] {
  const about = findingsIn(view).filter(
    ({ subject, kind }) => subject === name && kind !== 'copy' && kind !== 'look' && kind !== 'gap',
  );
  return about.flatMap(each => [
    ...(each.waived === undefined
      ? findingLine(view, each, width)
      : wrap(`${view.glyphs.ok} ${each.what}; waived: ${each.waived}`, width, 'muted')),
    ...each.evidence.flatMap((line, index) =>
      labelled(index === 0 ? '  evidence' : '', line, width, 'muted'),
    ),
    ...(each.waived === undefined
      ? each.next.flatMap((line, index) => labelled(index === 0 ? '  remedy' : '', line, width, 'accent'))
      : []),
  ]);
}
