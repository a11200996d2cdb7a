import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFrameReader, type JobFrame } from '../../../src/remote/job-frames.ts';
import { FOLLOW_MARK } from '../../../src/remote/job-script.ts';

function read(chunks: readonly Buffer[]): JobFrame[] {
  const frames: JobFrame[] = [];
  const reader = createFrameReader('web1', frame => frames.push(frame));
  for (const chunk of chunks) reader(chunk);
  return frames;
}

/** Joins neighbouring data, so that only the content counts and not where it was cut. */
function joined(frames: readonly JobFrame[]): unknown[] {
  const out: { kind: string; text?: string }[] = [];
  for (const frame of frames) {
    const last = out.at(-1);
    if (frame.kind !== 'out' && frame.kind !== 'err') out.push(frame);
    else if (last?.kind === frame.kind) last.text += frame.bytes.toString('latin1');
    else out.push({ kind: frame.kind, text: frame.bytes.toString('latin1') });
  }
  return out;
}

const frame = (letter: string, bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${letter} ${bytes.length}\n`), bytes]);

describe('frames of a followed job', () => {
  it('come out the same wherever the stream is cut', () => {
    const part = fc.tuple(fc.constantFrom('o', 'e'), fc.uint8Array({ minLength: 1, maxLength: 60 }));
    fc.assert(
      fc.property(fc.array(part), fc.array(fc.nat(500)), (parts, cuts) => {
        const stream = Buffer.concat([
          Buffer.from(`motd\nnoise ${FOLLOW_MARK}\n`),
          ...parts.map(([letter, bytes]) => frame(letter, Buffer.from(bytes))),
          Buffer.from('.\nend 3 1000 1060\n'),
        ]);
        const marks = [0, ...cuts.map(cut => cut % stream.length).sort((a, b) => a - b), stream.length];
        const chunks = marks.slice(1).map((mark, at) => stream.subarray(marks[at], mark));
        expect(joined(read(chunks))).toEqual(joined(read([stream])));
        expect(read(chunks).at(-1)).toEqual({ kind: 'end', code: 3, startedAtMs: 1e6, endedAtMs: 1.06e6 });
      }),
    );
  });

  it('refuses what is not a frame, and does not wait for a line without end', () => {
    const hello = `${FOLLOW_MARK}\n`;
    for (const text of [
      'x 1\n',
      'o -1\n',
      'o\n',
      'o 1 2\n',
      'end 1\n',
      'o 9999999999999999999\n',
      'y'.repeat(70),
    ]) {
      expect(() => read([Buffer.from(hello + text)]), text).toThrow(
        expect.objectContaining({ code: 'remote.answer-unreadable' }),
      );
    }
    expect(() => read([Buffer.alloc(70_000, 'z')])).toThrow();
  });
});
