import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeEvent, encodeEvent } from '../../../src/journal/codec.ts';
import type { Event, EventBody } from '../../../src/journal/events.ts';
import { arbitraryEvent } from '../../support/events.ts';
import { bodies } from './bodies.ts';

const envelope = { seq: 7, at: 1_788_000_000_000, by: 'engine@jump1:4711' };
const decode = (line: string) => decodeEvent(Buffer.from(line));

/** A line with a correct checksum and any content: what another version of landfall might have written. */
function sealed(value: unknown): string {
  const head = JSON.stringify(value).slice(0, -1);
  return `${head},"crc":"${crc32(head).toString(16).padStart(8, '0')}"}`;
}

describe('a line', () => {
  test('gives back the event, and is one line', () => {
    fc.assert(
      fc.property(arbitraryEvent, event => {
        const { v, seq, at, by, ...body } = event;
        // The rest of an event without its envelope is its body.
        const line = encodeEvent(body as EventBody, { seq, at, by });
        expect(line.indexOf('\n')).toBe(line.length - 1);
        const decoded = decode(line.slice(0, -1));
        // JSON has no -0; nothing else may differ.
        const expected: Event = JSON.parse(JSON.stringify(event));
        expect(decoded).toEqual({ ok: true, event: expected });
      }),
    );
  });

  test('with any one bit flipped is refused', () => {
    fc.assert(
      fc.property(arbitraryEvent, fc.nat(), fc.nat({ max: 7 }), (event, place, bit) => {
        const { v, seq, at, by, ...body } = event;
        const bytes = Buffer.from(encodeEvent(body as EventBody, { seq, at, by })).subarray(0, -1);
        const index = place % bytes.length;
        bytes[index] = (bytes[index] ?? 0) ^ (1 << bit);
        expect(decodeEvent(bytes).ok).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  test('of a newer journal version is told apart from a damaged one', () => {
    const newer = decode(sealed({ v: 2, seq: 7, at: 1, by: 'x', type: 'moon.landed' }));
    expect(newer).toMatchObject({
      ok: false,
      fault: 'newer',
      reason: expect.stringContaining('newer landfall'),
    });
    // Even where the newer one seals its lines in another way.
    expect(decode('{"v":3,"sum":"?"}')).toMatchObject({ ok: false, fault: 'newer' });
  });

  test('of our version with an unknown type is damaged, never skipped', () => {
    const decoded = decode(sealed({ v: 1, ...envelope, type: 'moon.landed' }));
    expect(decoded).toMatchObject({
      ok: false,
      fault: 'damaged',
      reason: expect.stringContaining('type is unknown'),
    });
  });

  test('with unknown fields, at any depth, is read without them', () => {
    const passEnded = bodies.passEnded('web1', 1);
    const [run] = passEnded.runs;
    const line = sealed({
      v: 1,
      ...envelope,
      ...passEnded,
      weather: 'rain',
      runs: [{ ...run, wind: { gusts: 40 } }],
      hot: [{ path: '/a', bytes: 1, extra: null }],
    });
    expect(decode(line)).toEqual({
      ok: true,
      event: { v: 1, ...envelope, ...passEnded, hot: [{ path: '/a', bytes: 1 }] },
    });
  });

  test.each([
    ['', 'checksum'],
    ['{}', 'checksum'],
    ['null', 'checksum'],
    [sealed({ v: 1, ...envelope, type: 'note.added' }), 'text'],
    [sealed({ v: 1, ...envelope, seq: 0, ...bodies.note('x') }), 'seq'],
    [sealed({ v: 0, ...envelope, ...bodies.note('x') }), 'v'],
    [sealed({ ...envelope, ...bodies.note('x') }), 'v'],
    [sealed({ v: 1, ...envelope, type: 'note.added', text: 5, more: 1 }), 'text'],
    [sealed({ v: 1, ...envelope, ...bodies.note('x') }).replace('"x"', '"y"'), 'checksum does not match'],
    ['{"v":1', 'checksum'],
  ])('%j is refused with the reason', (line, reason) => {
    expect(decode(line)).toMatchObject({
      ok: false,
      fault: 'damaged',
      reason: expect.stringContaining(reason),
    });
  });
});

test('what could not be read back is never written', () => {
  const broken = { type: 'note.added', text: 5 } as unknown as EventBody;
  expect(() => encodeEvent(broken, envelope)).toThrow(/note\.added cannot be written.*text/);
  const nan: EventBody = { type: 'journal.mended', cutBytes: Number.NaN, atByte: 0 };
  expect(() => encodeEvent(nan, envelope)).toThrow(/cutBytes/);
  const huge = bodies.note('x'.repeat(17 * 1024 * 1024));
  expect(() => encodeEvent(huge, envelope)).toThrow(/too long/);
});
