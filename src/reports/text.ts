import stringWidth from 'string-width';
import { listed } from '../foundation/listing.ts';
import { formatBytes, formatDuration } from '../foundation/units.ts';
import { cutoverWords } from './cutover-phase.ts';
import { ASCII_FIGURES, type Figures, figureOf, UNICODE_FIGURES } from './figures.ts';
import { instructionOf } from './instruction.ts';
import { proofStatus } from './proof-row.ts';
import { exposureText, groupText, makesItText, or, waiverText } from './render.ts';
import type { MachineReport, Report } from './shape.ts';
import { type Column, clip, layOut } from './table.ts';

/**
 * The report as plain terminal text: no colour, no cursor movement, no line wider than asked for, but for commands,
 * which are never cut.
 */

export interface TextOptions {
  /** Columns of the terminal. */
  readonly width: number;
  /** False where the terminal shows nothing but ASCII. */
  readonly unicode: boolean;
}

const figuresFor = ({ unicode }: Pick<TextOptions, 'unicode'>): Figures =>
  unicode ? UNICODE_FIGURES : ASCII_FIGURES;

/** One line of any length: marks, name, time left, verdict. */
export function statusLine(
  report: Report,
  options: Pick<TextOptions, 'unicode'> = { unicode: true },
): string {
  const parts = [...headline(report), report.verdict.line].join(' · ');
  return parts.replaceAll(' · ', ` ${figuresFor(options).dot} `);
}

/** Marks and name, the time left, the storm mode, and where the cutover is. */
function headline({ evacuation, deadline, generatedAt, machines }: Report): string[] {
  const left =
    deadline.leftMs === undefined
      ? 'no deadline fixed yet'
      : deadline.leftMs > 0
        ? `earliest loss in ${formatDuration(deadline.leftMs)}`
        : `earliest loss passed ${formatDuration(-deadline.leftMs)} ago`;
  const { mode, cutover } = evacuation;
  return [
    [...evacuation.marks, evacuation.name].join(' '),
    left,
    ...(mode === undefined || mode.mode === 'calm' ? [] : [`mode ${mode.mode}`]),
    ...(cutover === undefined ? [] : [cutoverWords(cutover, generatedAt)]),
    ...lateWords(machines),
  ];
}

/** Copies that nobody has kept fresh: said before everything else that is said of machines. */
function lateWords(machines: Report['machines']): string[] {
  const late = machines.flatMap(({ name, cadence }) =>
    cadence?.late === undefined ? [] : [{ name, ms: cadence.late.ms }],
  );
  const [worst, ...others] = late.toSorted((a, b) => b.ms - a.ms);
  if (worst === undefined) return [];
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return [`late: ${worst.name} by ${formatDuration(worst.ms)}${more}`];
}

/** The status as one block: verdict line, one line a machine, what to do next. Without a final newline. */
export function statusTable(report: Report, options: TextOptions): string {
  const figures = figuresFor(options);
  const width = Math.max(1, options.width);
  const rule = figures.rule.repeat(width);
  const next = report.next
    .slice(0, NEXT_SHOWN)
    .flatMap(each => [
      ...words(`${each.subjects.join(', ')}: ${each.what}`, width),
      ...each.evidence.slice(0, EVIDENCE_SHOWN).flatMap(line => indented(line, width)),
      ...(each.evidence.length > EVIDENCE_SHOWN ? indented('and more in the report', width) : []),
      ...each.steps.flatMap(step => todo(step, width)),
    ]);
  const more = report.next.length - NEXT_SHOWN;
  return [
    ...wrap(headline(report), width, figures),
    ...wrap(report.verdict.line.split(' · '), width, figures),
    rule,
    ...machineLines(report, width, figures),
    ...smearedLines(report, width),
    ...(report.groups ?? []).flatMap(each => words(groupText(each, report.exposure.currency), width)),
    ...waiverLines(report, width, figures),
    ...(next.length === 0 ? [] : [rule, ...next]),
    ...(more > 0 ? [clip(`and ${more} more in the report`, width, figures.ellipsis)] : []),
  ].join('\n');
}

/** Every pass of every machine, one line each: how the copy converged. Without a final newline. */
export function passTable(report: Report, options: TextOptions): string {
  const figures = figuresFor(options);
  const rows = report.machines.flatMap(({ name, passes }) => passes.map(pass => ({ name, ...pass })));
  if (rows.length === 0) return 'no pass has begun';
  const columns: Column<(typeof rows)[number]>[] = [
    { title: 'machine', keep: 0, cell: each => each.name },
    { title: 'pass', keep: 0, cell: each => `${each.pass} ${each.kind}` },
    { title: 'literal', keep: 1, cell: each => or(each.literalBytes, formatBytes) },
    { title: 'sent', keep: 4, cell: each => or(each.sentBytes, formatBytes) },
    { title: 'took', keep: 2, cell: each => or(each.tookMs, formatDuration) },
    { title: 'predicted', keep: 5, cell: each => or(each.predictedMs, formatDuration) },
    { title: 'mover', keep: 7, cell: each => each.mover },
    { title: 'caught', keep: 5, cell: each => each.consistency ?? '-' },
    { title: 'verdict', keep: 3, cell: each => each.verdict ?? '-' },
    { title: 'reason', keep: 6, shrink: true, cell: each => each.reason },
  ];
  return layOut(rows, columns, Math.max(1, options.width), figures).join('\n');
}

/** Copies of many instants, said wherever copies are listed: however narrow the table, this is not left out. */
function smearedLines({ machines }: Report, width: number): string[] {
  const names = machines.filter(({ mover }) => mover?.consistency === 'smeared').map(({ name }) => name);
  if (names.length === 0) return [];
  return words(
    `smeared, copied while they were written: ${listed(names)}; landfall mover says what helps`,
    width,
  );
}

/** Every waiver that is in force or has run out: one that nobody sees is the way to a surprise. */
function waiverLines({ waivers = [] }: Report, width: number, figures: Figures): string[] {
  const told = waivers
    .filter(each => each.standing !== 'not-needed')
    .flatMap(each => words(`${each.gate}: ${waiverText(each)}`, width));
  return told.length === 0 ? [] : [figures.rule.repeat(width), ...told];
}

const NEXT_SHOWN = 5;
const EVIDENCE_SHOWN = 8;

const indented = (line: string, width: number): string[] =>
  words(line, Math.max(1, width - 2)).map(each => clip(`  ${each}`, width, ''));

/** A command stands on a line of its own, whole: the terminal may fold it, but pasting it must still work. */
function todo(step: string, width: number): string[] {
  const { lead, command, tail } = instructionOf(step);
  const after = tail.replace(/^[;,]? /, '');
  return [
    ...indented(`next: ${lead}`.trimEnd(), width),
    ...(command === undefined ? [] : [`    ${command}`]),
    ...(after === '' ? [] : indented(after, width)),
  ];
}

/** One line a machine, in as many columns as fit. */
function machineLines(report: Report, width: number, figures: Figures): string[] {
  const now = report.generatedAt;
  const rows = report.machines;
  const columns: Column<MachineReport>[] = [
    { title: 'machine', keep: 0, shrink: true, cell: each => each.name },
    { title: 'tier', keep: 8, cell: each => each.tier },
    {
      title: 'state',
      keep: 1,
      shrink: true,
      atLeast: 26,
      cell: each => `${figureOf(figures, each.status.kind)} ${each.status.word}`,
    },
    { title: 'pass', keep: 5, cell: each => passCell(each, figures) },
    { title: 'literal', keep: 6, cell: each => or(each.passes.at(-1)?.literalBytes, formatBytes) },
    { title: 'took', keep: 7, cell: each => tookCell(each) },
    { title: 'exposure', keep: 2, cell: each => exposureText(each.exposure) },
    { title: 'mover', keep: 10, cell: each => each.mover?.mover ?? '-' },
    { title: 'caught', keep: 9, cell: each => each.mover?.consistency ?? '-' },
    { title: 'verified', keep: 3, cell: each => verifiedCell(each, now, figures) },
    { title: 'boot proof', keep: 4, cell: each => proofCell(each, now, figures) },
    { title: 'makes it?', keep: 4, cell: each => makesItCell(each, figures) },
  ];
  if (rows.length === 0) return [clip('no machines in this plan', width, figures.ellipsis)];
  return layOut(rows, columns, width, figures);
}

function passCell(each: MachineReport, figures: Figures): string {
  const last = each.passes.at(-1);
  return last === undefined ? '-' : `${last.pass} ${last.kind === 'full' ? 'F' : figures.delta}`;
}

function tookCell({ passes }: MachineReport): string {
  const last = passes.at(-1);
  return last?.givenUp === true ? 'given up' : or(last?.tookMs, formatDuration);
}

function verifiedCell({ verification }: MachineReport, now: number, figures: Figures): string {
  if (verification === undefined) return '-';
  const differ = verification.mismatches.length;
  if (differ > 0) return `${figures.bad} ${differ} differ`;
  if (!verification.current) return `${figures.warn} pass ${verification.pass} only`;
  const how = verification.sample === undefined ? 'ago' : 'sample';
  return `${figures.ok} ${formatDuration(Math.max(0, now - verification.at))} ${how}`;
}

function proofCell({ proof }: MachineReport, now: number, figures: Figures): string {
  if (proof === undefined) return '-';
  const { kind, word } = proofStatus(proof, now);
  return proof.standing === 'none' && proof.course === undefined
    ? word
    : `${figureOf(figures, kind)} ${word}`;
}

function makesItCell({ makesIt }: MachineReport, figures: Figures): string {
  const kind = ({ 'will-make-it': 'ok', 'at-risk': 'warn', 'cannot-say': 'unknown' } as const)[
    makesIt.verdict
  ];
  return `${figureOf(figures, kind)} ${makesItText(makesIt)}`;
}

/** Joins parts with dots and breaks between them; a part that is wider than the line breaks at its spaces. */
function wrap(parts: readonly string[], width: number, figures: Figures): string[] {
  return fill(parts, ` ${figures.dot} `, width).flatMap(line =>
    stringWidth(line) <= width ? [line] : words(line, width),
  );
}

/** Breaks a line at its spaces; a word that is wider than the line is broken where the line ends. */
function words(line: string, width: number): string[] {
  return fill(line.split(' '), ' ', width).flatMap(each => broken(each, width));
}

function broken(word: string, width: number): string[] {
  const lines: string[] = [];
  let rest = word;
  while (stringWidth(rest) > width) {
    const head = clip(rest, width, '');
    // A character that is wider than the line has no place at all.
    if (head === '') return lines;
    lines.push(head);
    rest = rest.slice(head.length);
  }
  return [...lines, rest];
}

function fill(parts: readonly string[], glue: string, width: number): string[] {
  const lines: string[] = [];
  let current: string | undefined;
  for (const part of parts) {
    const longer = current === undefined ? part : `${current}${glue}${part}`;
    if (current !== undefined && stringWidth(longer) > width) {
      lines.push(current);
      current = part;
    } else current = longer;
  }
  return current === undefined ? lines : [...lines, current];
}
