import { type Checklist, isBehind } from '../../checklist/index.ts';
import { formatDuration } from '../../foundation/units.ts';
import { ago } from '../../readiness/evidence.ts';
import { nameOf } from '../../reports/say.ts';
import { isOwed, notReopenable } from '../cutover-rules.ts';
import type { View } from '../screen.ts';
import { type Line, span, wrap } from '../text/line.ts';
import { ageText } from './cells.ts';
import { itemStatus, type ListedItem, takenMs } from './cutover-list.ts';
import { labelled, numbered } from './parts.ts';

/** One item: why, the exact commands, what shows that it worked, the way back, and what became of it. */
export function aboutItem(view: View, list: Checklist, item: ListedItem, width: number): Line[] {
  const { trouble, status, why, expected, rollback } = item;
  return [
    [itemStatus(view, status), span(`  ${item.id}`, 'muted')],
    ...wrap(item.title, width, 'title'),
    ...(why === undefined ? [] : wrap(why, width, 'muted')),
    ...(trouble === undefined
      ? []
      : [
          ...wrap(`${view.glyphs.bad} ${trouble.what}`, width, 'bad'),
          ...numbered('remedy', trouble.next, width, 'accent'),
        ]),
    ...recordLines(view, item, width),
    ...keyLines(list, item, width),
    ...waitingLines(list, item, width),
    ...commandLines(item, width),
    ...numbered('expected', expected, width),
    ...(rollback.length === 0
      ? labelled('rollback', 'there is nothing to take back', width, 'muted')
      : numbered('rollback', rollback, width)),
    ...timeLines(view, item, width),
    ...labelled(
      'owner',
      item.owner ?? 'nobody is named in the plan',
      width,
      item.owner === undefined ? 'warn' : 'plain',
    ),
    ...(item.tier === undefined ? [] : labelled('tier', `${item.tier}, wave ${item.wave}`, width, 'muted')),
  ];
}

/** Who did it, when, how long it took, and what showed that it worked. */
function recordLines({ now }: View, item: ListedItem, width: number): Line[] {
  const { record } = item;
  if (record === undefined) return [];
  const took = takenMs(item, now);
  const words = `${record.how === 'ran' && record.outcome === 'done' ? 'run' : record.outcome} by ${nameOf(record.by)} ${ago(record.at, now)}${took === undefined ? '' : `, took ${formatDuration(took)}`}`;
  return [
    ...labelled('record', words, width, item.status === 'skipped' ? 'warn' : 'good'),
    ...(record.reason === undefined ? [] : labelled('reason', record.reason, width)),
    ...numbered('evidence', record.evidence, width),
  ];
}

/** What keys do with it now. */
function keyLines({ phase }: Checklist, item: ListedItem, width: number): Line[] {
  if (phase === 'aborting')
    return isOwed(item)
      ? labelled('here', 'people take it back; space says that it is', width, 'accent')
      : [];
  if (phase !== 'running' && phase !== 'final') return [];
  const words = keyWords(item);
  return words === undefined ? [] : labelled('here', words, width, 'accent');
}

function keyWords(item: ListedItem): string | undefined {
  if (isBehind(item)) return notReopenable(item) === undefined ? 'space opens it again' : undefined;
  const skip = item.optional ? '; K skips it, with a reason' : '';
  if (item.id === 'no-return') return 'x asks for the name of the evacuation, and crosses it';
  if (item.deed === undefined) return `people do it; space ticks it${skip}`;
  const typed = item.typed === undefined ? '' : `; ${item.typed} has to be typed`;
  return `landfall does it: x shows its commands and runs it${typed}${skip}`;
}

function waitingLines({ items }: Checklist, item: ListedItem, width: number): Line[] {
  if (isBehind(item)) return [];
  const missing = item.needs.filter(id => !items.some(each => each.id === id && isBehind(each)));
  return missing.length === 0 ? [] : labelled('waits for', missing.join(', '), width, 'muted');
}

function commandLines({ commands, deed }: ListedItem, width: number): Line[] {
  const title = deed === undefined ? 'commands' : 'by hand';
  return commands.flatMap(({ host, line }, index) =>
    labelled(index === 0 ? title : '', `${host}: ${line}`, width, 'plain'),
  );
}

function timeLines({ now }: View, item: ListedItem, width: number): Line[] {
  const { allowanceMs, allowanceFrom, status, deed } = item;
  if (allowanceMs === undefined && deed === undefined) return [];
  const taken = status === 'running' ? takenMs(item, now) : undefined;
  const allowed =
    allowanceMs === undefined
      ? 'nothing is known of how long it takes'
      : `${formatDuration(allowanceMs)}${allowanceFrom === undefined ? '' : ` (${allowanceFrom})`}`;
  return labelled(
    'allowed',
    taken === undefined ? allowed : `${ageText(taken)} gone of ${allowed}`,
    width,
    'muted',
  );
}
