import type { Checklist, ItemStatus } from '../../checklist/types.ts';
import { formatDuration } from '../../foundation/units.ts';
import {
  type Block,
  code,
  heading,
  type Item,
  item,
  lines,
  list,
  strong,
  type Text,
  together,
} from '../document/blocks.ts';
import { instant } from '../render.ts';
import { nameOf } from '../say.ts';

export type RunbookItem = Checklist['items'][number];

/** A place to write in by hand. */
const BLANK = '…………………………';

const BOX: Readonly<Record<ItemStatus, string>> = {
  done: '☑',
  skipped: '☒',
  undone: '☐',
  waiting: '☐',
  open: '☐',
  ordered: '☐',
  running: '☐',
  failed: '☐',
};

/** Steps are counted from 1 through the whole list, as people call them out. */
export type Numbers = ReadonlyMap<string, number>;
export const numbersOf = ({ items }: Checklist): Numbers =>
  new Map(items.map(({ id }, index) => [id, index + 1]));

/** Numbers of the texts for which a line has no room, by what stands in them: the same text is printed once. */
export type Listings = ReadonlyMap<string, number>;

export const keyOf = (text: readonly string[]): string => text.join('\n');

export function listingsOf({ items }: Checklist): Listings {
  const texts = items.flatMap(({ commands }) =>
    commands.flatMap(({ text }) => (text === undefined ? [] : [keyOf(text)])),
  );
  return new Map([...new Set(texts)].map((key, index) => [key, index + 1]));
}

/** One step of the runbook: who, what exactly, what shows that it worked, how long, how it is taken back. */
export function stepBlock(
  each: RunbookItem,
  evacuation: string,
  numbers: Numbers,
  listings: Listings,
): Block {
  const { id, kind, title, why, owner, tier, wave, commands, expected, rollback, needs, typed, optional } =
    each;
  const facts: Text[] = [
    [
      strong('owner'),
      `: ${owner ?? 'nobody is named'} · `,
      strong('step'),
      ' ',
      code(id),
      `${tier === undefined ? '' : ` · tier ${tier}`}${kind === 'machine' || kind === 'database' ? ` · wave ${wave}` : ''}${optional ? ' · may be skipped with a reason' : ''}`,
    ],
    ...(why === undefined ? [] : [[strong('why'), `: ${why}`]]),
    ...(needs.length === 0 ? [] : [[strong('not before'), `: ${stepNumbers(needs, numbers)}`]]),
    ...(typed === undefined ? [] : [[strong('name to be typed'), ': ', code(typed)]]),
    withLandfall(each, evacuation),
  ];
  return together([
    heading(4, `${BOX[each.status]} ${numbers.get(id) ?? '?'}. ${title}`),
    ...list([
      ...facts,
      ...commandItems(commands, listings),
      ...expected.map((words): Text => [strong('expected'), `: ${words}`]),
      [strong('allowance'), `: ${allowance(each)}`],
      ...(rollback.length === 0
        ? [[strong('rollback'), ': nothing to take back']]
        : rollback.map((words): Text => [strong('rollback'), `: ${words}`])),
      record(each),
    ]),
  ]);
}

/** Whom to call stands as words; lines for the same host stand together, in their order. */
function commandItems(commands: RunbookItem['commands'], listings: Listings): Item[] {
  const groups: { readonly host: string; readonly typed: string[] }[] = [];
  for (const { host, line, text } of commands) {
    const number = text === undefined ? undefined : listings.get(keyOf(text));
    const shown = number === undefined ? line : `${line}   [listing C-${number}]`;
    const last = groups.at(-1);
    if (last?.host === host) last.typed.push(shown);
    else groups.push({ host, typed: [shown] });
  }
  return groups.flatMap(({ host, typed }) =>
    host === 'telephone'
      ? typed.map(line => item([strong('call'), `: ${line}`]))
      : [item([strong('by hand'), `${place(host)}:`], [lines('', typed)])],
  );
}

function place(host: string): string {
  if (host === 'here') return ', on the control machine';
  return host === 'by hand' ? '' : `, at ${host}`;
}

function withLandfall({ id, deed, typed }: RunbookItem, evacuation: string): Text {
  const confirm = typed === undefined ? '' : ` --confirm ${typed}`;
  if (id === 'gates')
    return [strong('with landfall'), ': ', code(`landfall cutover ${evacuation} begin${confirm}`)];
  if (id === 'no-return')
    return [strong('with landfall'), ': ', code(`landfall cutover ${evacuation} no-return${confirm}`)];
  if (deed === undefined)
    return [strong('people do it; on record with'), ': ', code(`landfall cutover ${evacuation} tick ${id}`)];
  return [strong('with landfall'), ': ', code(`landfall cutover ${evacuation} run ${id}${confirm}`)];
}

export function allowance({ deed, allowanceMs, allowanceFrom }: RunbookItem): string {
  if (allowanceMs === undefined)
    return deed === undefined ? 'as long as people need' : 'not known: nobody has rehearsed it';
  return `${formatDuration(allowanceMs)}${allowanceFrom === undefined ? '' : ` (${allowanceFrom})`}`;
}

/** What is on record of it, or room to write it down. */
function record({ status, record: known, trouble, startedAt }: RunbookItem): Text {
  if (status === 'failed')
    return [
      strong('failed'),
      `: ${trouble?.what ?? 'no reason is on record'}; done at ${BLANK} initials ${BLANK}`,
    ];
  if (status === 'running')
    return [strong('under way'), startedAt === undefined ? '' : ` since ${instant(startedAt)}`];
  if (known === undefined || status === 'open' || status === 'waiting' || status === 'ordered')
    return [strong('done'), ` at ${BLANK} initials ${BLANK}`];
  const took =
    known.startedAt === undefined ? '' : `, took ${formatDuration(Math.max(0, known.at - known.startedAt))}`;
  const why = known.reason === undefined ? '' : `: ${known.reason}`;
  return [strong(known.outcome), ` ${instant(known.at)} by ${nameOf(known.by)}${took}${why}`];
}

/** `steps 1 to 4, 7`: what has to be behind. */
export function stepNumbers(needs: readonly string[], numbers: Numbers): string {
  const known = [...new Set(needs.flatMap(id => numbers.get(id) ?? []))].sort((a, b) => a - b);
  const runs: string[] = [];
  for (let index = 0; index < known.length; ) {
    let end = index;
    while (known[end + 1] === (known[end] ?? 0) + 1) end += 1;
    runs.push(end === index ? `${known[index]}` : `${known[index]} to ${known[end]}`);
    index = end + 1;
  }
  const elsewhere = needs.filter(id => !numbers.has(id));
  return [
    ...(runs.length === 0 ? [] : [`${known.length === 1 ? 'step' : 'steps'} ${runs.join(', ')}`]),
    ...elsewhere,
  ].join(', ');
}
