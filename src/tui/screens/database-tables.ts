import { counted, formatBytes, formatCount, formatDuration } from '../../foundation/units.ts';
import type { BesidesItem } from '../../journal/database-facts.ts';
import { isOpenItem } from '../../journal/database-words.ts';
import type { DatabaseState } from '../../journal/state.ts';
import { ago } from '../../readiness/evidence.ts';
import type { View } from '../screen.ts';
import { type Line, line, span, wrap } from '../text/line.ts';
import { layOutTable } from '../text/table.ts';
import { statusSpan } from './cells.ts';
import { labelled } from './parts.ts';

const title = (text: string, more: string): Line =>
  line(span(text, 'title', { bold: true }), span(`  ${more}`, 'muted'));

type Reconciled = NonNullable<DatabaseState['reconcile']>['done'][number];

/** Tables of the newest reconcile, those that were repaired first; what is left of it where it runs. */
export function seedLines(view: View, { reconcile }: DatabaseState, width: number): Line[] {
  if (reconcile === undefined) return [];
  const { ended, done, tables } = reconcile;
  const repaired = ({ inserted, updated, deleted }: Reconciled): number => inserted + updated + deleted;
  const table = layOutTable<Reconciled>(
    [
      { title: 'table', keep: 0, least: 16, most: 40, cell: each => line(span(each.compared.table)) },
      {
        title: 'rows',
        keep: 1,
        least: 8,
        most: 12,
        align: 'right',
        cell: each => line(span(formatCount(each.compared.rows))),
      },
      {
        title: 'ranges equal',
        keep: 3,
        least: 9,
        most: 12,
        align: 'right',
        cell: ({ compared }) =>
          line(span(`${compared.ranges - compared.differingRanges}/${compared.ranges}`)),
      },
      {
        title: 'repaired',
        keep: 0,
        least: 8,
        most: 9,
        align: 'right',
        cell: each => line(span(formatCount(repaired(each)))),
      },
      {
        title: 'bytes',
        keep: 2,
        least: 8,
        most: 9,
        align: 'right',
        cell: each => line(span(formatBytes(each.bytes))),
      },
      {
        title: 'took',
        keep: 4,
        least: 7,
        most: 8,
        align: 'right',
        cell: each => line(span(formatDuration(each.ms))),
      },
    ],
    width,
    view.glyphs.ellipsis,
  );
  const worth = done.filter(each => repaired(each) > 0).sort((a, b) => repaired(b) - repaired(a));
  const equal = done.length - worth.length;
  return [
    title(
      `reconcile ${reconcile.run}`,
      ended === undefined
        ? `${done.length} of ${counted(tables, 'table')}, against ${reconcile.source}`
        : `${formatCount(ended.rows)} rows compared, ${formatCount(ended.repaired)} repaired, ${formatBytes(ended.bytes)} in ${formatDuration(ended.ms)}, ${ago(ended.at, view.now)}`,
    ),
    ...(worth.length === 0 ? [] : [table.header, ...worth.map(table.row)]),
    ...(equal === 0
      ? []
      : wrap(`${counted(equal, 'table')} ${equal === 1 ? 'was' : 'were'} equal`, width, 'muted')),
  ];
}

/** The newest validation of each kind: what differs by table and by row, otherwise that nothing does. */
export function validationLines(view: View, { validated }: DatabaseState, width: number): Line[] {
  return [validated?.exact, validated?.live].flatMap(each => {
    if (each === undefined) return [];
    const differing = each.tables.filter(({ missing, extra, different }) => missing + extra + different > 0);
    const rows = each.tables.reduce((sum, table) => sum + table.rows, 0);
    const words = `${counted(each.tables.length, 'table')}, ${formatCount(rows)} rows, ${each.kind === 'live' ? 'while writers ran' : 'both sides frozen'}, ${ago(each.at, view.now)}`;
    if (differing.length === 0) return wrap(`${view.glyphs.ok} validated: equal in ${words}`, width, 'good');
    return [
      ...wrap(
        `${view.glyphs.bad} validated: ${counted(differing.length, 'table')} of ${words} differ`,
        width,
        'bad',
      ),
      ...differing.flatMap(table => [
        ...labelled(
          '',
          `${table.table}: ${table.missing} missing, ${table.extra} too many, ${table.different} different`,
          width,
          'bad',
        ),
        ...table.examples
          .slice(0, 3)
          .flatMap((key, at) => labelled(at === 0 ? 'keys' : '', key, width, 'muted')),
      ]),
      ...labelled(
        'remedy',
        'landfall database validate --repair makes these rows equal again',
        width,
        'accent',
      ),
    ];
  });
}

/** What replication does not bring, by kind; what is to be done by hand, by name. */
export function besidesLines(view: View, { besides }: DatabaseState, width: number): Line[] {
  if (besides === undefined) return [];
  const kinds = Map.groupBy(besides.items, ({ kind }) => kind);
  const open = besides.items.filter(isOpenItem);
  return [
    title('what replication does not bring', `compared ${ago(besides.at, view.now)}`),
    ...[...kinds].map(([kind, items]): Line => {
      const left = items.filter(isOpenItem).length;
      const held = items.filter(({ status }) => status === 'held').length;
      return line(
        statusSpan(view, left === 0 ? 'ok' : 'warn', `${kind}: ${items.length - left} of ${items.length}`),
        span(held === 0 ? '' : `, ${held} held until the hand-over`, 'muted'),
      );
    }),
    ...open
      .slice(0, 12)
      .flatMap(each => labelled(each.kind, `${each.name}: ${each.what}${toDo(each)}`, width, 'muted')),
    ...(open.length > 12 ? wrap(`and ${open.length - 12} more`, width, 'muted') : []),
    ...(open.some(({ scripted }) => scripted)
      ? labelled('script', `${besides.script}, beside the journal`, width, 'accent')
      : []),
  ];
}

const toDo = ({ status, scripted }: BesidesItem): string =>
  status === 'by-hand' ? ' (by hand)' : scripted ? ' (in the script)' : '';

/** How the clone's schema differed from production's, blockers first. */
export function driftLines(view: View, { planned, aligned }: DatabaseState, width: number): Line[] {
  if (planned === undefined || planned.drift.length === 0) return [];
  const open = planned.drift.filter(item => !item.aligned);
  return [
    title(
      'schema of the clone',
      `${counted(planned.drift.length, 'difference')}${aligned === undefined ? '' : `, aligned ${ago(aligned.at, view.now)}`}`,
    ),
    ...open.flatMap(({ subject, what }) => wrap(`${view.glyphs.bad} ${subject}: ${what}`, width, 'bad')),
    ...planned.drift
      .filter(item => item.aligned)
      .slice(0, 10)
      .flatMap(({ subject, what }) => wrap(`${view.glyphs.dot} ${subject}: ${what}`, width, 'muted')),
  ];
}

/** The steps of a hand-over with what showed that they hold. */
export function handoverLines(view: View, { handover }: DatabaseState, width: number): Line[] {
  if (handover === undefined) return [];
  return [
    title(
      'hand-over',
      `${handover.dark ? 'without the publisher, ' : ''}begun ${ago(handover.startedAt, view.now)}`,
    ),
    ...handover.steps.flatMap(step => [
      line(
        statusSpan(
          view,
          step.status === 'failed' ? 'bad' : step.status === 'done' ? 'ok' : 'unknown',
          step.title,
        ),
      ),
      ...step.evidence.flatMap(each => labelled('', each, width, 'muted')),
    ]),
    ...(handover.ended?.lost ?? []).flatMap(each => wrap(`${view.glyphs.bad} lost: ${each}`, width, 'bad')),
  ];
}
