import { counted } from '../../foundation/units.ts';
import { ago } from '../../readiness/evidence.ts';
import type { Gate } from '../../readiness/gate.ts';
import type { SubjectVerdict } from '../../readiness/verdict.ts';
import type { GateRow, Part } from '../gates.ts';
import type { Item, View } from '../screen.ts';
import type { StatusKind } from '../text/glyphs.ts';
import { type Line, line, type Span, span } from '../text/line.ts';
import type { Column } from '../text/table.ts';
import { ageText, statusSpan } from './cells.ts';
import { layoutsOf } from './columns.ts';
import { headingItem, quietMark, rowItem } from './parts.ts';

/** Rows of the list; what a row costs is paid only where it is seen. */
export function gateItems(view: View): readonly Item[] {
  const { gates } = view;
  if (gates === undefined) return [];
  const layouts = layoutsOf(() => columnsOf(view), view.glyphs.ellipsis);
  return gates.rows().map(row =>
    row.kind === 'subject'
      ? headingItem(`subject:${row.part}:${row.verdict.scope}/${row.verdict.subject}`, () =>
          subjectLine(view, row.verdict, row.part),
        )
      : rowItem(
          row.gate.id,
          () => `${row.gate.id} ${row.gate.title} ${row.standing}`,
          width => layouts(width).row(row),
        ),
  );
}

type Row = GateRow & { readonly kind: 'gate' };

const columnsOf = (view: View): Column<Row>[] => [
  { title: 'gate', keep: 0, least: 14, most: 14, cell: row => [standingSpan(view, row)] },
  { title: 'what', keep: 0, least: 24, most: 72, cell: ({ gate }) => line(span(gate.title)) },
  {
    title: 'evidence',
    keep: 2,
    least: 36,
    most: 200,
    cell: ({ gate }) => line(span(gate.evidence[0] ?? '', 'muted')),
  },
  {
    title: 'age',
    keep: 1,
    least: 7,
    most: 8,
    align: 'right',
    cell: ({ gate }) =>
      line(span(gate.evidenceAt === undefined ? '' : ageText(view.now - gate.evidenceAt), 'muted')),
  },
];

const FAILED: Readonly<Record<Gate['verdict'], readonly [StatusKind, string]>> = {
  pass: ['ok', 'met'],
  fail: ['bad', 'failed'],
  unproven: ['unknown', 'unproven'],
  'not-covered': ['bad', 'not covered'],
};

/** What the gate says, and how much that weighs. */
export function standingSpan(view: View, { gate, standing }: Pick<Row, 'gate' | 'standing'>): Span {
  if (standing === 'waived') return statusSpan(view, 'warn', 'waived');
  if (standing === 'not-covered') return quietMark(view, 'not covered');
  if (standing === 'warns') return statusSpan(view, 'warn', gate.verdict === 'fail' ? 'warning' : 'unproven');
  return statusSpan(view, ...FAILED[gate.verdict]);
}

const SUBJECT: Readonly<Record<SubjectVerdict['verdict'], readonly [StatusKind, string]>> = {
  'not-ready': ['bad', 'not ready'],
  unproven: ['unknown', 'unproven'],
  ready: ['ok', 'ready'],
};

function subjectLine(view: View, each: SubjectVerdict, part: Part): Line {
  const { subject, scope, verdict } = each;
  const name = line(
    span(` ${subject}`, 'title', { bold: true }),
    span(scope === 'machine' ? '' : ` (${scope})`, 'muted'),
  );
  if (part !== 'open')
    return [...name, span(part === 'met' ? '  what is met' : '  what this version cannot check', 'muted')];
  const counts = [
    ...some(each.blocking.length, 'in the way'),
    ...some(each.warnings.length, each.warnings.length === 1 ? 'warning' : 'warnings'),
    ...some(each.waived.length, 'waived'),
    ...(each.missing.length === 0 ? [] : [`${counted(each.missing.length, 'check')} missing`]),
  ];
  return [
    ...name,
    { text: '  ' },
    statusSpan(view, ...SUBJECT[verdict]),
    span(counts.length === 0 ? '' : `  ${counts.join(', ')}`, 'muted'),
  ];
}

const some = (count: number, words: string): string[] => (count === 0 ? [] : [`${count} ${words}`]);

export const evidenceAge = (gate: Gate, now: number): string =>
  gate.evidenceAt === undefined ? 'there is none' : ago(gate.evidenceAt, now);
