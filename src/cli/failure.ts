import { type ErrorPlace, type ErrorRecord, type LandfallError, recordOf } from '../foundation/errors.ts';
import { harmless } from '../foundation/text.ts';
import type { Style } from './style.ts';

/** An error for a person: what, where, why it matters, what to do next. */
export const formatFailure = (error: LandfallError, style: Style): string =>
  formatRecord(recordOf(error), style);

/** The same for an error that a journal kept; `indent` sets it below the line that it belongs to. */
export function formatRecord(record: ErrorRecord, style: Style, indent = ''): string {
  const { what, why, where, evidence, next } = record;
  const head =
    record.family === 'cancelled'
      ? style.warn(`${style.marks.warn} stopped`)
      : style.bad(`${style.marks.bad} error`);
  const lines = [`${head}: ${harmless(what)}  ${style.dim(`[${record.code}]`)}`];
  const place = where === undefined ? '' : formatPlace(where);
  if (place !== '') lines.push(`  where:  ${harmless(place)}`);
  if (where?.command !== undefined) lines.push(`  ran:    ${harmless(where.command)}`);
  if (why !== undefined) lines.push(`  why it matters: ${harmless(why)}`);
  for (const line of evidence ?? []) lines.push(`  | ${harmless(line)}`);
  next.forEach((step, index) => {
    lines.push(`  ${index === 0 ? 'next:   ' : '        '}${harmless(step)}`);
  });
  return lines.map(line => `${indent}${line}\n`).join('');
}

/** The same for programs; one JSON object a line. `pid` is whose error it is, where several write into one file. */
export function failureJson(error: LandfallError, pid?: number): string {
  const whose = pid === undefined ? {} : { pid };
  return `${JSON.stringify({ v: 1, type: 'error', ...whose, exit: error.exit, error: recordOf(error) })}\n`;
}

function formatPlace(where: ErrorPlace): string {
  const file =
    where.file === undefined
      ? undefined
      : [where.file, where.line, where.column].filter(p => p !== undefined).join(':');
  return [where.machine, where.host === where.machine ? undefined : where.host, file]
    .filter(p => p !== undefined)
    .join(', ');
}
