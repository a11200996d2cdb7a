import { type ErrorPlace, type LandfallError, recordOf } from '../foundation/errors.ts';
import { harmless } from '../foundation/text.ts';
import type { Style } from './style.ts';

/** An error for a person: what, where, why it matters, what to do next. */
export function formatFailure(error: LandfallError, style: Style): string {
  const { what, why, where, evidence, next } = error.facts;
  const head =
    error.family === 'cancelled'
      ? style.warn(`${style.marks.warn} stopped`)
      : style.bad(`${style.marks.bad} error`);
  const lines = [`${head}: ${harmless(what)}  ${style.dim(`[${error.code}]`)}`];
  const place = where === undefined ? '' : formatPlace(where);
  if (place !== '') lines.push(`  where:  ${harmless(place)}`);
  if (where?.command !== undefined) lines.push(`  ran:    ${harmless(where.command)}`);
  if (why !== undefined) lines.push(`  why it matters: ${harmless(why)}`);
  for (const line of evidence ?? []) lines.push(`  | ${harmless(line)}`);
  next.forEach((step, index) => {
    lines.push(`  ${index === 0 ? 'next:   ' : '   or:  '}${harmless(step)}`);
  });
  return `${lines.join('\n')}\n`;
}

/** The same for programs; one JSON object a line. */
export function failureJson(error: LandfallError): string {
  return `${JSON.stringify({ v: 1, type: 'error', exit: error.exit, error: recordOf(error) })}\n`;
}

export function formatPlace(where: ErrorPlace): string {
  const file =
    where.file === undefined
      ? undefined
      : [where.file, where.line, where.column].filter(p => p !== undefined).join(':');
  return [where.machine, where.host === where.machine ? undefined : where.host, file]
    .filter(p => p !== undefined)
    .join(', ');
}
