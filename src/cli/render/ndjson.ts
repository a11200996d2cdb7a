import type { Io } from '../io.ts';
import type { Watcher } from './watcher.ts';

export const STREAM_VERSION = 1;

/** Versioned ND-JSON on stdout: every journal event and every sample, one object a line. */
export function ndjsonWatcher(io: Io): Watcher {
  const write = (type: string, body: object): void =>
    io.out(`${JSON.stringify({ v: STREAM_VERSION, type, ...body })}\n`);
  return {
    event: event => write('event', { event }),
    sample: sample => write('sample', { sample }),
    end: () => Promise.resolve(),
  };
}
