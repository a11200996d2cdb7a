import { crc32 } from 'node:zlib';
import type { z } from 'zod';
import { LandfallError } from '../foundation/errors.ts';
import { type Event, type EventBody, eventBody, eventEnvelope, JOURNAL_VERSION } from './events.ts';

/**
 * One event as one line: JSON without raw newlines, ended by a CRC-32 of every byte before it. JSON alone would let a
 * flipped bit turn one number into another; with the sum, a line is either what was written or refused.
 */

/** Longer lines are refused on both sides, so that reading needs bounded memory. */
export const MAX_LINE_BYTES = 16 * 1024 * 1024;

const SUM = /^,"crc":"([0-9a-f]{8})"\}$/;
const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const LATIN_1 = new TextDecoder('latin1');
const SUM_BYTES = ',"crc":"00000000"}'.length;

export type Decoded =
  | { readonly ok: true; readonly event: Event }
  | {
      readonly ok: false;
      /** `damaged` bytes, or a `newer` format that this landfall cannot know. */
      readonly fault: 'damaged' | 'newer';
      readonly reason: string;
    };

export type Envelope = Pick<Event, 'seq' | 'at' | 'by'>;

/** The line, newline included. Throws `bug` where the body is not one of ours: nothing unreadable is ever written. */
export function encodeEvent(body: EventBody, { seq, at, by }: Envelope): string {
  const checked = eventBody.safeParse(body);
  if (!checked.success) throw unwritable(body, reasonOf(checked.error));
  const json = JSON.stringify({ v: JOURNAL_VERSION, seq, at, by, ...checked.data });
  const head = json.slice(0, -1);
  const line = `${head},"crc":"${checksum(Buffer.from(head))}"}\n`;
  if (Buffer.byteLength(line) > MAX_LINE_BYTES) throw unwritable(body, 'it is too long for one line');
  return line;
}

/** The event of one line, given without its newline. */
export function decodeEvent(line: Uint8Array): Decoded {
  const parsed = parseJson(line);
  if (isRecord(parsed) && typeof parsed['v'] === 'number' && parsed['v'] > JOURNAL_VERSION) {
    return {
      ok: false,
      fault: 'newer',
      reason: `it was written by a newer landfall (journal version ${parsed['v']}, this one reads up to ${JOURNAL_VERSION})`,
    };
  }
  const sum = SUM.exec(LATIN_1.decode(line.subarray(-SUM_BYTES)))?.[1];
  if (sum === undefined) return damaged('it does not end with a checksum');
  if (sum !== checksum(line.subarray(0, -SUM_BYTES))) return damaged('its checksum does not match its text');
  return eventFrom(parsed);
}

/** The event in a value that was parsed already, from a line of a journal or from an engine. May edit the value. */
export function eventFrom(parsed: unknown): Decoded {
  if (!isRecord(parsed)) return damaged('it is not a JSON object');
  const envelope = eventEnvelope.safeParse(parsed);
  if (!envelope.success) return damaged(reasonOf(envelope.error));
  const { v, seq, at, by, crc, ...rest } = parsed;
  const body = parseBody(rest);
  return body.success
    ? { ok: true, event: { ...envelope.data, ...body.data } }
    : damaged(reasonOf(body.error));
}

/**
 * A newer landfall of the same journal version may have added optional fields: they are dropped. Anything else that
 * does not fit is an error. Edits `candidate`, which must be freshly parsed.
 */
function parseBody(candidate: unknown): z.ZodSafeParseResult<EventBody> {
  for (;;) {
    const result = eventBody.safeParse(candidate);
    if (result.success) return result;
    for (const issue of result.error.issues) {
      if (issue.code !== 'unrecognized_keys') return result;
      const owner = issue.path.reduce<unknown>(
        (value, key) => (isContainer(value) ? Reflect.get(value, key) : undefined),
        candidate,
      );
      for (const key of issue.keys) if (isContainer(owner)) Reflect.deleteProperty(owner, key);
    }
  }
}

function parseJson(line: Uint8Array): unknown {
  try {
    return JSON.parse(UTF_8.decode(line));
  } catch {
    // What is wrong with it is told by the checksum, which is more exact than a parser's complaint.
    return undefined;
  }
}

function checksum(bytes: Uint8Array): string {
  return crc32(bytes).toString(16).padStart(8, '0');
}

const damaged = (reason: string): Decoded => ({ ok: false, fault: 'damaged', reason });

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null;

function isRecord(value: unknown): value is Record<string, unknown> {
  return isContainer(value) && !Array.isArray(value);
}

function reasonOf(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return 'it is not an event';
  if (issue.code === 'invalid_union') return 'its type is unknown to this landfall';
  return `${issue.path.length === 0 ? 'the event' : issue.path.join('.')}: ${issue.message}`;
}

function unwritable(body: EventBody, reason: string): LandfallError {
  return new LandfallError('bug', {
    what: `an event of type ${body.type} cannot be written to the journal: ${reason}`,
    why: 'what it would have recorded is not recorded',
    next: ['report this with the journal of the evacuation; the work done so far is kept'],
  });
}
