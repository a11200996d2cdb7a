import type { Report } from './model.ts';

/** The report for programs: the versioned model itself, one document, indented, with a final newline. */
export function reportJson(report: Report): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}
