import { counted } from '../../foundation/units.ts';
import { formatArgv } from '../../remote/quote.ts';
import type { InventoryFinding } from '../../reports/inventory/finding.ts';
import type { Style } from '../style.ts';
import { command, hung } from './lay.ts';

/** Hundreds would bury what matters; they come in the order of their weight. */
const MOST_SHOWN = 40;
const MOST_EVIDENCE = 4;

export interface FindingsPaper {
  readonly style: Style;
  /** Columns. */
  readonly width: number;
}

/** What has to be settled, each with its reason, its evidence, its age and what to do; what is the same of many, once. */
export function findingsText(plan: string, all: readonly InventoryFinding[], paper: FindingsPaper): string {
  const { style } = paper;
  const told = together(all);
  const shown = told.slice(0, MOST_SHOWN);
  const lines = shown.flatMap(each => ['', ...findingLines(each, paper)]);
  const rest = told.slice(MOST_SHOWN).reduce((sum, { subjects }) => sum + subjects.length, 0);
  return `${[
    headline(all, style),
    ...lines,
    ...(rest > 0
      ? ['', `and ${counted(rest, 'other finding')}: landfall inventory ${formatArgv([plan])} --last --json`]
      : []),
  ].join('\n')}\n`;
}

function headline(all: readonly InventoryFinding[], style: Style): string {
  const open = all.filter(({ waived }) => waived === undefined);
  const of = (severity: InventoryFinding['severity']): number =>
    open.filter(each => each.severity === severity).length;
  const settle = of('critical') + of('warning');
  const waived = all.length - open.length;
  const words = [
    ...(settle === 0
      ? ['nothing has to be settled']
      : [`${counted(settle, 'thing')} to settle, ${of('critical')} of them critical`]),
    ...(of('note') === 0 ? [] : [`${counted(of('note'), 'note')}`]),
    ...(waived === 0 ? [] : [`${waived} waived`]),
  ].join('; ');
  return settle === 0
    ? `${style.good(style.marks.good)} ${words}`
    : of('critical') > 0
      ? `${style.bad(style.marks.bad)} ${words}`
      : `${style.warn(style.marks.warn)} ${words}`;
}

/** A finding, and all of whom the very same is to be said. */
interface Told {
  readonly subjects: readonly string[];
  /** Of the one that was seen longest ago. */
  readonly finding: InventoryFinding;
}

function together(all: readonly InventoryFinding[]): Told[] {
  const same = ({ severity, what, why, evidence, next, stale, waived }: InventoryFinding): string =>
    JSON.stringify([severity, what, why, evidence, next, stale, waived]);
  return [...Map.groupBy(all, same).values()].flatMap(group => {
    const [oldest] = group.toSorted((a, b) => (a.seenAt ?? 0) - (b.seenAt ?? 0));
    return oldest === undefined ? [] : [{ subjects: group.map(({ subject }) => subject), finding: oldest }];
  });
}

function findingLines({ subjects, finding }: Told, { style, width }: FindingsPaper): string[] {
  const { severity, what, why, evidence, next, seen, waived } = finding;
  const [bare, paint] = {
    critical: [style.marks.bad, style.bad] as const,
    warning: [style.marks.warn, style.warn] as const,
    note: ['-', style.dim] as const,
  }[severity];
  const whom = subjects.join(', ');
  const said = subjects.length === 1 && isAbout(what, whom) ? what : `${whom}: ${what}`;
  const [first = '', ...rest] = hung(`${bare} `, `${said} (${seen})`, width);
  const more = evidence.length - MOST_EVIDENCE;
  return [
    `${paint(bare)} ${strongly(first.slice(bare.length + 1), whom, style)}`,
    ...rest,
    ...(waived === undefined ? [] : hung('    waived: ', waived, width)),
    ...(why === undefined ? [] : hung('    because ', why, width)),
    ...evidence.slice(0, MOST_EVIDENCE).flatMap(line => hung('    | ', line, width)),
    ...(more > 0 ? [`    | and ${more} more`] : []),
    ...next.flatMap(line => command('    next: ', line, width)),
  ];
}

/** `web1 talks to …` needs no `web1:` before it. */
const isAbout = (what: string, subject: string): boolean => what.startsWith(`${subject} `);

const strongly = (line: string, whom: string, style: Style): string =>
  line.startsWith(whom) ? `${style.strong(whom)}${line.slice(whom.length)}` : line;
