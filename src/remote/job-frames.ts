import { LandfallError } from '../foundation/errors.ts';
import { harmlessBytes } from '../foundation/text.ts';
import { FOLLOW_MARK } from './job-script.ts';

/** What a follower says, frame by frame (job-script.ts, FOLLOW). */
export type JobFrame =
  /** The follower runs and found its way: the link stands. */
  | { readonly kind: 'hello' }
  | { readonly kind: 'out' | 'err'; readonly bytes: Buffer }
  | { readonly kind: 'end'; readonly code: number; readonly startedAtMs: number; readonly endedAtMs: number }
  | { readonly kind: 'lost' }
  | { readonly kind: 'absent' };

/** A login shell may greet us before the follower speaks; more than this is no greeting. */
const MAX_NOISE = 64 * 1024;
const MAX_LINE = 64;

/** Turns chunks, cut anywhere, into frames. Data of a frame is handed on as it comes, never collected. */
export function createFrameReader(host: string, onFrame: (frame: JobFrame) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  let greeted = false;
  let pending: { kind: 'out' | 'err'; left: number } | undefined;

  const line = (text: Buffer): void => {
    const words = text.toString('latin1').split(' ');
    const numbers = words.slice(1).map(Number);
    const [first = Number.NaN, second = Number.NaN, third = Number.NaN] = numbers;
    if (numbers.some(value => !Number.isSafeInteger(value) || value < 0)) throw unreadable(host, text);
    if ((words[0] === 'o' || words[0] === 'e') && numbers.length === 1) {
      pending = { kind: words[0] === 'o' ? 'out' : 'err', left: first };
    } else if (words[0] === 'end' && numbers.length === 3) {
      onFrame({ kind: 'end', code: first, startedAtMs: second * 1000, endedAtMs: third * 1000 });
    } else if (words[0] === 'lost') onFrame({ kind: 'lost' });
    else if (words[0] === 'absent') onFrame({ kind: 'absent' });
    else if (words[0] !== '.') throw unreadable(host, text);
  };

  return chunk => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (;;) {
      if (pending !== undefined) {
        const bytes = rest.subarray(0, pending.left);
        rest = rest.subarray(bytes.length);
        pending.left -= bytes.length;
        const { kind, left } = pending;
        if (left === 0) pending = undefined;
        if (bytes.length > 0) onFrame({ kind, bytes });
        if (left > 0) return;
      }
      const newline = rest.indexOf(0x0a);
      const limit = greeted ? MAX_LINE : MAX_NOISE;
      if (newline === -1 ? rest.length > limit : newline > limit) throw unreadable(host, rest);
      if (newline === -1) return;
      const text = rest.subarray(0, newline);
      rest = rest.subarray(newline + 1);
      if (greeted) line(text);
      else if (text.toString('latin1').endsWith(FOLLOW_MARK)) {
        greeted = true;
        onFrame({ kind: 'hello' });
      }
    }
  };
}

function unreadable(host: string, bytes: Buffer): LandfallError {
  return new LandfallError('remote.answer-unreadable', {
    what: `${host} sent something else than the output of a job`,
    where: { host },
    evidence: [harmlessBytes(bytes.subarray(0, 120))],
    next: [`look at what a non-interactive login prints there: ssh ${host} true`, 'try again'],
  });
}
