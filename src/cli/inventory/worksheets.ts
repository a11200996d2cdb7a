import type { Redactor } from '../../foundation/redact.ts';
import { renderFiles, renderReport } from '../../reports/documents.ts';
import { onlyMachines } from '../../reports/inventory/recovery/narrow.ts';
import type { Report } from '../../reports/shape.ts';
import type { View } from '../../step/step.ts';
import type { Io } from '../io.ts';
import { writeReportFiles } from '../report-files.ts';
import { fullReport } from '../reporting.ts';

export interface Sheets {
  /** A file, or `-`. */
  readonly markdown: string | undefined;
  readonly csv: string | undefined;
  /** Only these; all where none is named. */
  readonly machines: readonly string[];
}

export interface SheetSource {
  readonly view: View;
  readonly now: number;
  readonly redactor: Redactor;
}

/** Writes the recovery worksheets that were asked for and tells where they are; nothing where none were. */
export async function writeWorksheets(
  io: Io,
  { markdown, csv, machines }: Sheets,
  { view, now, redactor }: SheetSource,
): Promise<void> {
  if (markdown === undefined && csv === undefined) return;
  const report = narrowed(await fullReport({ ...view, events: [], now, redactor }), machines);
  const told = (paths: readonly string[]): void => {
    for (const path of paths) io.err(`worksheets written to ${path}\n`);
  };
  const text = renderReport('recovery', 'md', report) ?? '';
  if (markdown === '-') io.out(text);
  else if (markdown !== undefined)
    told(await writeReportFiles(io.cwd, markdown, [{ name: 'recovery.md', text }], text));
  if (csv !== undefined)
    told(await writeReportFiles(io.cwd, `${csv}/`, renderFiles('recovery', 'csv', report), undefined));
  const { leftOut = [] } = report.recovery ?? {};
  if (leftOut.length > 0) io.err(`not in the worksheets, as --machine has it: ${leftOut.join(', ')}\n`);
}

const narrowed = (report: Report, machines: readonly string[]): Report =>
  report.recovery === undefined ? report : { ...report, recovery: onlyMachines(report.recovery, machines) };
