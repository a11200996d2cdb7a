import { harmless } from '../foundation/text.ts';
import { formatBitRate, formatBytes, formatDuration } from '../foundation/units.ts';
import type { GroupExposure } from '../readiness/group-exposure.ts';
import type { Triage, TriageRow, TriageSaver, TriageVerdict } from '../readiness/triage/index.ts';
import { ASCII_FIGURES, UNICODE_FIGURES } from '../reports/figures.ts';
import { type Column, layOut } from '../reports/table.ts';
import { createStyle, type Style } from './style.ts';

interface Options {
  readonly now: number;
  readonly width: number;
  readonly unicode: boolean;
  readonly colour: boolean;
}

/** Who makes it, in the order in which to work; what would change that; what belongs together. */
export function triageText(
  name: string,
  triage: Triage,
  groups: readonly GroupExposure[],
  options: Options,
): string {
  const style = createStyle(options.colour, options.unicode);
  const { deadlineAt, expectedAt, rate } = triage;
  return `${[
    [
      name,
      untilWords('earliest loss', deadlineAt, options.now),
      untilWords('expected', expectedAt, options.now),
    ].join(', '),
    rate === undefined
      ? 'the link: no limit in the plan, and no pass has measured it yet'
      : `the link: ${formatBitRate(rate.bytesPerSecond)}, ${rate.from === 'measured' ? 'as measured' : 'by its limit: not measured yet'}`,
    '',
    ...layOut(ordered(triage.rows), columns(triage, options.now, style), options.width, figures(options)),
    ...whyLines(triage.rows),
    '',
    style.strong(triage.line),
    ...(triage.exact ? [] : ['so many machines: a good set, perhaps not the very best']),
    ...saverLines(triage.savers, style),
    ...groupLines(groups, style),
  ].join('\n')}\n`;
}

const figures = ({ unicode }: Options) => (unicode ? UNICODE_FIGURES : ASCII_FIGURES);

function untilWords(what: string, at: number | undefined, now: number): string {
  if (at === undefined || !Number.isFinite(at)) return `${what}: not fixed yet`;
  return at > now
    ? `${what} in ${formatDuration(at - now)}`
    : `${what} passed ${formatDuration(now - at)} ago`;
}

/** First what has a place, in its order; then what is left out; what is safe comes last. */
const ordered = (rows: readonly TriageRow[]): TriageRow[] =>
  rows.toSorted(
    (a, b) => rankOf(a) - rankOf(b) || (a.place ?? 0) - (b.place ?? 0) || a.priority - b.priority,
  );

const rankOf = ({ place, verdict }: TriageRow): number =>
  place !== undefined ? 0 : verdict === 'will-make-it' ? 3 : verdict === 'cannot-say' ? 2 : 1;

const WORDS: Readonly<Record<TriageVerdict, string>> = {
  'will-make-it': 'makes it',
  'at-risk': 'at risk',
  cannot: 'cannot',
  'cannot-say': 'cannot say',
};

function columns({ deadlineAt }: Triage, now: number, { marks }: Style): Column<TriageRow>[] {
  const mark = { 'will-make-it': marks.good, 'at-risk': marks.warn, cannot: marks.bad, 'cannot-say': '?' };
  const at = (value: number | undefined): string =>
    value === undefined ? '-' : formatDuration(Math.max(0, value - now));
  return [
    { title: '', keep: 1, cell: row => (row.place === undefined ? '-' : String(row.place)) },
    { title: 'name', keep: 0, cell: row => row.name },
    { title: 'prio', keep: 4, cell: row => String(row.priority) },
    { title: 'makes it?', keep: 0, cell: row => `${mark[row.verdict]} ${WORDS[row.verdict]}` },
    { title: 'safe in', keep: 2, cell: row => at(row.safeAt) },
    { title: 'at worst', keep: 3, cell: row => at(row.safeAtWorst) },
    ...(deadlineAt === undefined
      ? []
      : [
          {
            title: 'to spare',
            keep: 3,
            cell: (row: TriageRow) => (row.spareMs === undefined ? '-' : formatDuration(row.spareMs)),
          },
        ]),
  ];
}

/** Reasons are never cut: below the table, for everybody who may not make it. */
function whyLines(rows: readonly TriageRow[]): string[] {
  const open = ordered(rows).filter(({ verdict }) => verdict !== 'will-make-it');
  if (open.length === 0) return [];
  return ['', ...open.map(({ name, why }) => `${harmless(name)}: ${harmless(why)}`)];
}

function saverLines(savers: readonly TriageSaver[], style: Style): string[] {
  if (savers.length === 0) return [];
  return [
    '',
    'what would change that, the cheapest first; each was tried:',
    ...savers.flatMap(({ words, costs, action }) => [
      `  ${harmless(words)}${costs.length === 0 ? '' : `, and give up ${costs.map(harmless).join(', ')}`}`,
      style.dim(`    ${harmless(action)}`),
    ]),
  ];
}

function groupLines(groups: readonly GroupExposure[], style: Style): string[] {
  if (groups.length === 0) return [];
  return [
    '',
    'what belongs together, if the source died now:',
    ...groups.flatMap(({ members, ageMs, oldest, bytes, missing }) => [
      `  ${members.map(harmless).join(', ')}: ${
        ageMs === undefined
          ? 'nothing that could be started'
          : `as of ${formatDuration(ageMs)} ago, by ${harmless(oldest ?? '')}${bytes === undefined ? '' : `, ${formatBytes(bytes)} at least`}`
      }`,
      ...missing.map(({ name, why }) => style.dim(`    ${harmless(name)}: ${harmless(why)}`)),
    ]),
  ];
}
