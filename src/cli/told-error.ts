import { z } from 'zod';
import { ERROR_CODES, type ErrorCode, type ErrorRecord, LandfallError } from '../foundation/errors.ts';
import { errorRecord } from '../journal/events.ts';

/** Errors that another process of ours met and told. */

const told = z.object({
  type: z.literal('error'),
  pid: z.number(),
  error: errorRecord,
});

/**
 * The last error of this process among these lines, where one of them is what a detached engine prints for an error.
 * The log may be shared: an engine that was refused, because another had been faster, writes its refusal there, too.
 */
export function errorAmong(lines: string, pid: number): LandfallError | undefined {
  for (const line of lines.split('\n').reverse()) {
    if (!line.startsWith('{')) continue;
    const parsed = told.safeParse(parseJson(line));
    if (parsed.success && parsed.data.pid === pid) return errorOf(parsed.data.error);
  }
  return undefined;
}

/** The error as it was, with its exit code; one of another version counts as `fallback`. */
export function errorOf(record: ErrorRecord, fallback: ErrorCode = 'command.refused'): LandfallError {
  const { code, family: _family, ...facts } = record;
  return new LandfallError(isCode(code) ? code : fallback, facts);
}

const isCode = (code: string): code is ErrorCode => Object.hasOwn(ERROR_CODES, code);

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
