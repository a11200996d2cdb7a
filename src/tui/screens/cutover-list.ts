import {
  type Checklist,
  type ChecklistItem,
  type ItemProgress,
  type ItemStatus,
  isBehind,
  type Section,
} from '../../checklist/index.ts';
import { SECTION_TITLES } from '../../checklist/section-titles.ts';
import { formatDuration } from '../../foundation/units.ts';
import { nameOf } from '../../reports/say.ts';
import type { Item, View } from '../screen.ts';
import type { StatusKind } from '../text/glyphs.ts';
import { type Line, line, type Span, span, widthOf } from '../text/line.ts';
import { type Column, widest } from '../text/table.ts';
import { ageText, DASH, statusSpan } from './cells.ts';
import { layoutsOf } from './columns.ts';
import { headingItem, quietMark, rowItem } from './parts.ts';

export type ListedItem = ChecklistItem & ItemProgress;

/** The checklist as rows under the headings of its sections, with the point of no return as a line across. */
export function checklistItems(view: View, list: Checklist): readonly Item[] {
  const layouts = layoutsOf(() => columnsOf(view, list), view.glyphs.ellipsis);
  return list.items.flatMap((item, at): Item[] => {
    const { section, id } = item;
    const begins = list.items[at - 1]?.section !== section;
    return [
      ...(begins ? [headingItem(`section:${section}:${at}`, () => sectionLine(list, section))] : []),
      rowItem(
        id,
        () => `${id} ${item.title} ${item.owner ?? ''} ${item.status}`,
        width => (id === 'no-return' ? noReturnLine(view, item, width) : layouts(width).row(item)),
      ),
    ];
  });
}

function sectionLine(list: Checklist, section: Section): Line {
  const items = list.items.filter(each => each.section === section);
  const done = items.filter(isBehind).length;
  return line(
    span(` ${SECTION_TITLES[section]}`, 'title', { bold: true }),
    span(`  ${done} of ${items.length}`, 'muted'),
  );
}

/** Across the whole list: what lies below it cannot be taken back by an abort. */
function noReturnLine(view: View, { status }: ListedItem, width: number): Line {
  const { glyphs, snapshot, now } = view;
  const crossed = snapshot?.state.cutover?.noReturn;
  const words =
    crossed === undefined
      ? `POINT OF NO RETURN (${status})`
      : `point of no return, crossed by ${nameOf(crossed.by)} ${ageText(now - crossed.at)} ago`;
  const middle = span(` ${words} `, 'warn', { bold: true });
  const left = glyphs.doubleRule.repeat(3);
  const rest = Math.max(0, width - widthOf([span(left), middle]));
  return line(span(left, 'warn'), middle, span(glyphs.doubleRule.repeat(rest), 'warn'));
}

const columnsOf = (view: View, list: Checklist): Column<ListedItem>[] => {
  const owners = widest(
    list.items.map(({ owner }) => owner ?? ''),
    5,
    // What is done has the room; whoever is cut off here stands whole beside it.
    view.ui.columns < 160 ? 9 : 24,
  );
  return [
    { title: 'state', keep: 0, least: 9, most: 9, cell: item => line(itemStatus(view, item.status)) },
    { title: 'what', keep: 0, least: 24, most: 120, cell: ({ title }) => line(span(title)) },
    {
      title: 'owner',
      keep: 2,
      least: owners,
      most: owners,
      cell: ({ owner }) => (owner === undefined ? DASH : line(span(owner, 'muted'))),
    },
    {
      title: 'took / allowed',
      keep: 1,
      least: 13,
      most: 13,
      align: 'right',
      cell: item => timeCell(view, item),
    },
  ];
};

const KIND: Readonly<Record<ItemStatus, StatusKind | undefined>> = {
  waiting: undefined,
  open: 'unknown',
  ordered: 'busy',
  running: 'busy',
  failed: 'bad',
  done: 'ok',
  skipped: 'warn',
  undone: undefined,
};

/** Symbol and word of an item's status. */
export function itemStatus(view: View, status: ItemStatus): Span {
  if (status === 'open') return span(`${view.glyphs.cursor} open`.trimStart(), 'accent');
  const kind = KIND[status];
  return kind === undefined ? quietMark(view, status) : statusSpan(view, kind, status);
}

/** How long it has taken, ms: until it was over, or until now. Undefined where nobody measured it. */
export function takenMs({ record, startedAt, status }: ListedItem, now: number): number | undefined {
  if (isBehind({ status }) || status === 'undone')
    return record?.startedAt === undefined ? undefined : Math.max(0, record.at - record.startedAt);
  return startedAt === undefined ? undefined : Math.max(0, now - startedAt);
}

/** `1m02s / 10m`; marked where it takes longer than it was allowed. */
function timeCell(view: View, item: ListedItem): Line {
  const taken = takenMs(item, view.now);
  const { allowanceMs } = item;
  const allowed = allowanceMs === undefined ? '' : formatDuration(allowanceMs);
  if (taken === undefined) return allowed === '' ? DASH : line(span(allowed, 'muted'));
  const over = allowanceMs !== undefined && taken > allowanceMs;
  return line(
    span(`${over ? `${view.glyphs.warn} ` : ''}${ageText(taken)}`, over ? 'warn' : 'plain'),
    span(allowed === '' ? '' : ` / ${allowed}`, 'muted'),
  );
}
