import { counted } from '../../foundation/units.ts';
import { formatArgv } from '../../remote/quote.ts';
import type { InventoryFinding } from '../../reports/inventory/finding.ts';
import type { Style } from '../style.ts';

/** Hundreds would bury what matters; they come in the order of their weight. */
const MOST_SHOWN = 40;
const MOST_EVIDENCE = 4;

/** What has to be settled, each with its reason, its evidence, its age and what to do. */
export function findingsText(plan: string, all: readonly InventoryFinding[], style: Style): string {
  const lines = all.slice(0, MOST_SHOWN).flatMap(each => ['', ...findingLines(each, style)]);
  const rest = all.length - MOST_SHOWN;
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

function findingLines(each: InventoryFinding, style: Style): string[] {
  const { severity, subject, what, why, evidence, next, seen, stale, waived } = each;
  const mark =
    severity === 'critical'
      ? style.bad(style.marks.bad)
      : severity === 'warning'
        ? style.warn(style.marks.warn)
        : style.dim('-');
  const more = evidence.length - MOST_EVIDENCE;
  return [
    `${mark} ${style.strong(subject)}: ${what} ${stale ? style.warn(`(${seen})`) : style.dim(`(${seen})`)}`,
    ...(waived === undefined ? [] : [`    waived: ${waived}`]),
    ...(why === undefined ? [] : [`    because ${why}`]),
    ...evidence.slice(0, MOST_EVIDENCE).map(line => `    | ${line}`),
    ...(more > 0 ? [`    | and ${more} more`] : []),
    ...next.map(line => `    next: ${line}`),
  ];
}
