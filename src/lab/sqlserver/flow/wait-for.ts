import { SqlError } from '../errors.ts';
import type { FlowStatement } from '../syntax/statements.ts';
import { nvarchar } from '../values/types.ts';
import { valueAs } from './expressions.ts';
import type { Runtime } from './runtime.ts';

const DAY = 86_400_000;
const FORM = /^\s*(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.:](\d{1,3}))?)?\s*$/;

/** WAITFOR DELAY and WAITFOR TIME; a cancelled request ends it. */
export async function waitFor(
  runtime: Runtime,
  statement: Extract<FlowStatement, { statement: 'waitfor' }>,
): Promise<void> {
  const { state } = runtime;
  const text = String((await valueAs(runtime, statement.moment, nvarchar(64))) ?? '');
  const ms = durationOf(text);
  if (ms === undefined)
    throw new SqlError(148, `Incorrect time syntax in time string '${text}' used with WAITFOR.`, {
      severity: 15,
      endsBatch: true,
    });
  const { clock } = state.instance;
  const wait = statement.kind === 'delay' ? ms : untilTime(clock.now(), ms);
  const { request } = state;
  if (request) state.request = { ...request, waitType: 'WAITFOR' };
  try {
    if (wait > 0) await clock.sleep(wait, state.signal);
  } finally {
    state.request = request;
  }
}

/** Milliseconds of `hh:mm[:ss[.mmm]]`, less than a day; undefined for any other text. */
export function durationOf(text: string): number | undefined {
  const parts = FORM.exec(text);
  if (!parts) return undefined;
  const [hours, minutes, seconds] = [parts[1], parts[2], parts[3]].map(part => Number(part ?? 0));
  if (hours === undefined || minutes === undefined || seconds === undefined) return undefined;
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  const fraction = parts[4] === undefined ? 0 : Number(parts[4].padEnd(3, '0'));
  return ((hours * 60 + minutes) * 60 + seconds) * 1000 + fraction;
}

const untilTime = (now: number, time: number): number => (time - (now % DAY) + DAY) % DAY;
