import { formatDuration } from '../foundation/units.ts';
import { basisOf } from './basis.ts';
import type { Document } from './document/blocks.ts';
import { csvOf } from './document/csv.ts';
import { printHtml } from './document/html.ts';
import { printMarkdown } from './document/markdown.ts';
import { executiveDocument, executiveFacts } from './executive.ts';
import { recoveryCsv, recoverySheets } from './inventory/recovery/csv.ts';
import { recoveryDocument } from './inventory/recovery/document.ts';
import { readinessDocument } from './readiness.ts';
import { rehearsalDocument, stepTimes } from './rehearsal-report.ts';
import { isoInstant } from './render.ts';
import { runbookDocument } from './runbook/document.ts';
import { paperCode } from './runbook/paper.ts';
import type { Report } from './shape.ts';
import { timelineDocument } from './timeline.ts';
import { stepsCsv, worksheetsDocument, worksheetsOf } from './worksheets.ts';

/** Every document that can be made of a report, and what it can be printed as. */
export const REPORT_KINDS = [
  'readiness',
  'runbook',
  'worksheets',
  'recovery',
  'executive',
  'rehearsal',
  'timeline',
] as const;
export type ReportKind = (typeof REPORT_KINDS)[number];

export const REPORT_FORMATS = ['md', 'html', 'csv', 'json'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

export interface RenderedFile {
  /** `runbook.html`: no directory in it. */
  readonly name: string;
  readonly text: string;
}

/** A document as blocks. `report` needs its checklist for all but `readiness`, `executive` and `timeline`. */
export function documentOf(kind: ReportKind, report: Report): Document | undefined {
  switch (kind) {
    case 'readiness':
      return readinessDocument(report);
    case 'runbook':
      return runbookDocument(report);
    case 'worksheets':
      return worksheetsDocument(report);
    case 'recovery':
      return recoveryDocument(report);
    case 'executive':
      return executiveDocument(report);
    case 'rehearsal':
      return rehearsalDocument(report);
    case 'timeline':
      return timelineDocument(report);
  }
}

/** One document in one format; undefined where the report lacks what it is made of. */
export function renderReport(kind: ReportKind, format: ReportFormat, report: Report): string | undefined {
  if (format === 'csv') return csv(kind, report);
  if (format === 'json') return `${JSON.stringify(json(kind, report))}\n`;
  const document = documentOf(kind, report);
  if (document === undefined) return undefined;
  return format === 'html' ? printHtml(document) : printMarkdown(document);
}

/** The same as files: as CSV, worksheets are one file for each owner, recovery ones for each department and tier. */
export function renderFiles(kind: ReportKind, format: ReportFormat, report: Report): RenderedFile[] {
  if (kind === 'worksheets' && format === 'csv')
    return worksheetsOf(report).map(({ file, csv: text }) => ({ name: file, text }));
  if (kind === 'recovery' && format === 'csv')
    return report.recovery === undefined
      ? []
      : recoverySheets(report.recovery).map(({ file, csv: text }) => ({ name: file, text }));
  const text = renderReport(kind, format, report);
  return text === undefined ? [] : [{ name: `${kind}.${format}`, text }];
}

/** What a binder holds: everything to read, to print and to hand out. */
export function renderAll(report: Report): RenderedFile[] {
  return [
    ...REPORT_KINDS.flatMap(kind =>
      (['md', 'html'] as const).flatMap(format => renderFiles(kind, format, report)),
    ),
    ...renderFiles('worksheets', 'csv', report),
    ...renderFiles('recovery', 'csv', report),
    ...renderFiles('timeline', 'csv', report),
    ...renderFiles('readiness', 'json', report),
  ];
}

function csv(kind: ReportKind, report: Report): string {
  switch (kind) {
    case 'readiness':
      return gatesCsv(report);
    case 'runbook':
    case 'worksheets':
      return stepsCsv(report);
    case 'recovery':
      return recoveryCsv(report.recovery ?? { entries: [] });
    case 'executive':
      return csvOf(
        ['about', 'words'],
        executiveFacts(report).map(({ about, words }) => [about, words]),
      );
    case 'rehearsal':
      return csvOf(
        [
          'no.',
          'step',
          'title',
          'status',
          'took s',
          'allowed s',
          'allowance from',
          'over',
          'earlier s',
          'by',
        ],
        stepTimes(report).map(each => [
          String(each.no),
          each.id,
          each.title,
          each.status,
          seconds(each.tookMs),
          seconds(each.allowanceMs),
          each.allowanceFrom ?? '',
          each.overMs === undefined ? '' : each.overMs > 0 ? formatDuration(each.overMs) : 'within',
          each.earlier.map(({ ms }) => seconds(ms)).join(' '),
          each.by ?? '',
        ]),
      );
    case 'timeline':
      return csvOf(
        ['when', 'about', 'what', 'by', 'tone'],
        (report.history?.events ?? []).map(({ at, subject, text, by, tone }) => [
          isoInstant(at),
          subject,
          text,
          by,
          tone,
        ]),
      );
  }
}

const seconds = (ms: number | undefined): string => (ms === undefined ? '' : (ms / 1000).toFixed(1));

const gatesCsv = ({ gates, machines, databases }: Report): string =>
  csvOf(
    [
      'scope',
      'subject',
      'gate',
      'title',
      'verdict',
      'severity',
      'evidence',
      'seen',
      'remedy',
      'cost of ignoring',
      'waiver',
    ],
    [...gates, ...machines.flatMap(each => each.gates), ...databases.flatMap(each => each.gates)].map(
      each => [
        each.scope,
        each.subject,
        each.id,
        each.title,
        each.verdict,
        each.severity,
        each.evidence.join('\n'),
        each.evidenceAt === undefined ? '' : isoInstant(each.evidenceAt),
        each.remedySteps.join('\n'),
        each.costOfIgnoring,
        each.waiver === undefined ? '' : `${each.waiver.standing}: ${each.waiver.reason}`,
      ],
    ),
  );

/** What programs read: the parts of the model that the document is made of. */
function json(kind: ReportKind, report: Report): object {
  const about = {
    v: 1,
    type: kind,
    generated: report.generated,
    evacuation: report.evacuation,
    basis: basisOf(report),
  };
  switch (kind) {
    case 'readiness':
      return { type: 'report', ...report };
    case 'runbook':
    case 'worksheets':
      return {
        ...about,
        ...(report.checklist === undefined ? {} : { code: paperCode(report), checklist: report.checklist }),
        ...(report.cutover === undefined ? {} : { cutover: report.cutover }),
        contacts: report.contacts,
      };
    case 'recovery':
      return { ...about, entries: [], ...report.recovery };
    case 'executive':
      return { ...about, lines: executiveFacts(report) };
    case 'rehearsal':
      return {
        ...about,
        steps: stepTimes(report),
        outages: report.checklist?.outages ?? [],
        stages: report.phases ?? [],
        ...(report.cutover?.lost === undefined ? {} : { lost: report.cutover.lost }),
      };
    case 'timeline':
      return { ...about, deadline: report.deadline, history: report.history ?? null };
  }
}
