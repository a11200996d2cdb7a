import { type Checklist, type ChecklistItem, type ItemProgress, SECTIONS } from '../../checklist/index.ts';
import { SECTION_TITLES } from '../../checklist/section-titles.ts';
import { harmless } from '../../foundation/text.ts';
import { counted, formatDuration } from '../../foundation/units.ts';
import type { Style } from '../style.ts';

type Item = ChecklistItem & ItemProgress;

/** The whole list as plain lines, one an item: its mark and word, id, owner, allowance, title. */
export function formatChecklist(list: Checklist, now: number, style: Style): string {
  const width = Math.max(...list.items.map(({ id }) => harmless(id).length));
  const lines: string[] = [headLine(list, now, style)];
  for (const section of SECTIONS) {
    const items = list.items.filter(each => each.section === section);
    if (items.length === 0) continue;
    lines.push('', style.strong(SECTION_TITLES[section]));
    for (const item of items) {
      if (item.id === 'no-return') lines.push(style.warn('  ---- the point of no return ----'));
      lines.push(itemLine(item, width, style));
      if (item.status === 'failed') lines.push(...troubleLines(item, style));
    }
  }
  return `${lines.join('\n')}\n\n${nextLines(list, style).join('\n')}\n`;
}

const WORDS: Readonly<Record<Checklist['phase'], string>> = {
  'not-begun': 'has not begun',
  running: 'is under way; an abort gives everything back',
  aborting: 'was aborted and is being taken back',
  'rolled-back': 'was taken back: everything is as it was before',
  final: 'has passed its point of no return',
  committed: 'is complete: the copies are production',
};

function headLine(list: Checklist, now: number, style: Style): string {
  const { evacuation, marks, phase, startedAt, endedAt, outageSince, items } = list;
  const end = endedAt ?? now;
  const done = items.filter(({ status }) => status === 'done' || status === 'skipped').length;
  return [
    style.strong(`${[...marks, `The cutover of ${harmless(evacuation)}`].join(' ')} ${WORDS[phase]}`),
    `${done} of ${counted(items.length, 'item')}`,
    ...(startedAt === undefined ? [] : [`${formatDuration(end - startedAt)} since it began`]),
    ...(outageSince === undefined ? [] : [`${formatDuration(end - outageSince)} since the first stop`]),
    ...(list.expectedOutageMs === undefined || startedAt !== undefined
      ? []
      : [`users are expected to notice ${formatDuration(list.expectedOutageMs)}`]),
  ].join(' · ');
}

function itemLine(item: Item, width: number, style: Style): string {
  const { id, title, owner, status, allowanceMs, record } = item;
  const took =
    record?.startedAt === undefined || status !== 'done'
      ? undefined
      : `took ${formatDuration(record.at - record.startedAt)}`;
  const allowed = allowanceMs === undefined ? undefined : `allow ${formatDuration(allowanceMs)}`;
  const aside = [owner, took ?? allowed, record?.how === 'ticked' ? `by ${record.by}` : undefined]
    .filter(each => each !== undefined)
    .map(harmless);
  return `  ${statusWord(status, style)} ${harmless(id).padEnd(width)}  ${harmless(title)}${
    aside.length === 0 ? '' : style.dim(`  (${aside.join(', ')})`)
  }`;
}

function statusWord(status: Item['status'], { good, warn, bad, dim, marks }: Style): string {
  const word = (mark: string): string => `${mark.padEnd(4)} ${status.padEnd(8)}`;
  switch (status) {
    case 'done':
      return good(word(marks.good));
    case 'failed':
      return bad(word(marks.bad));
    case 'open':
    case 'skipped':
    case 'undone':
      return warn(word(status === 'open' ? '>' : marks.warn));
    case 'running':
      return word(marks.busy);
    case 'ordered':
    case 'waiting':
      return dim(word(''));
  }
}

const troubleLines = ({ trouble }: Item, style: Style): string[] =>
  trouble === undefined
    ? []
    : [
        style.bad(`       ${harmless(trouble.what)}`),
        ...trouble.next.map(next => `       next: ${harmless(next)}`),
      ];

/** What to do now, as commands that can be copied. */
export function nextLines(list: Checklist, style: Style): string[] {
  const { evacuation, phase, items, turn } = list;
  const name = harmless(evacuation);
  const command = (words: string): string => `  landfall cutover ${name} ${words}`;
  if (phase === 'not-begun')
    return [
      style.strong('Next:'),
      command(`begin --confirm ${name}`),
      `  landfall status ${name}   what stands in the way`,
    ];
  if (phase === 'rolled-back') return [style.strong('Next:'), `  landfall run PLAN   passes go on`];
  if (phase === 'committed')
    return [style.strong('Next:'), `  landfall failback ${name}   the way home, when it is wanted`];
  if (phase === 'aborting') {
    const owed = items.filter(
      ({ deed, rollback, status, id }) =>
        deed === undefined && id !== 'no-return' && rollback.length > 0 && status === 'done',
    );
    return owed.length === 0
      ? [style.dim('It is taken back without anybody’s help.')]
      : [
          style.strong('Take back by hand, then tick:'),
          ...owed.flatMap(({ id, rollback }) => [
            ...rollback.map(each => `  ${harmless(each)}`),
            command(`tick ${harmless(id)}`),
          ]),
        ];
  }
  const due = items.filter(({ id }) => turn.includes(id));
  if (due.length === 0) return [style.dim('Nothing waits for people now.')];
  return [
    style.strong('Next:'),
    ...due
      .slice(0, 6)
      .flatMap(item => [
        ...item.commands
          .filter(() => item.deed === undefined)
          .map(({ host, line }) => style.dim(`  # ${harmless(`${host}: ${line}`)}`)),
        command(actOf(item, name)),
      ]),
    ...(due.length > 6 ? [style.dim(`  and ${due.length - 6} more whose turn it is`)] : []),
    ...(phase === 'running' ? [style.dim(command('abort --reason "..."   gives everything back'))] : []),
  ];
}

function actOf({ id, deed, typed }: Item, name: string): string {
  if (id === 'no-return') return `no-return --confirm ${name}`;
  if (deed === undefined) return `tick ${harmless(id)}`;
  return `run ${harmless(id)}${typed === undefined ? '' : ` --confirm ${harmless(typed)}`}`;
}

/** What became of an order: items that came to an end since, what failed, what is next. */
export function formatProgress(list: Checklist, since: number, style: Style): string {
  const settled = list.items.filter(({ record }) => record !== undefined && record.at >= since);
  const failed = list.items.filter(({ status }) => status === 'failed');
  return `${[
    ...settled.flatMap(({ id, record }) => [
      `  ${record?.outcome === 'done' ? style.good(style.marks.good) : style.warn(style.marks.warn)} ${harmless(id)} ${record?.outcome ?? ''}`,
      ...(record?.evidence ?? []).slice(0, 6).map(each => style.dim(`      ${harmless(each)}`)),
    ]),
    ...failed.flatMap(item => [
      style.bad(`  ${style.marks.bad} ${harmless(item.id)} failed`),
      ...troubleLines(item, style),
    ]),
    '',
    `The cutover ${WORDS[list.phase]}.`,
    ...nextLines(list, style),
  ].join('\n')}\n`;
}
