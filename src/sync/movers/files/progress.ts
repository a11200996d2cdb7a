import { createLineCutter } from './lines.ts';
import { parseCount } from './stats.ts';

/** One record of `--info=progress2`. */
export interface Progress {
  /** Bytes of files so far, travelled or not. */
  readonly bytes: number;
  /** rsync's own rate, bytes per second; 0 where it says `0.00kB/s`. */
  readonly rate: number;
  /** Files transferred. */
  readonly transferred?: number;
  /** Entries still to be checked, and all entries. */
  readonly left?: number;
  readonly total?: number;
  /** Share of checked entries, 0 to 1; only where the total is final (`to-chk`, not `ir-chk`). */
  readonly fraction?: number;
}

const RECORD =
  /^\s*([\d.,']+[KMGTP]?)\s+\d+%\s+([\d.,]+)(kB|MB|GB|TB)\/s\s+(?:\d+:\d\d:\d\d|\?\?:\?\?:\?\?)(?:\s+\(xfr#(\d+), (ir|to)-chk=(\d+)\/(\d+)\))?\s*$/;

/** rsync counts rates in powers of 1024 whatever it calls them (facts of the disk, 2.2). */
const RATE_UNITS: Readonly<Record<string, number>> = {
  kB: 1024,
  MB: 1024 ** 2,
  GB: 1024 ** 3,
  TB: 1024 ** 4,
};

/** A progress record, or undefined for any other line. */
export function parseProgress(line: string): Progress | undefined {
  const match = RECORD.exec(line);
  if (match === null) return undefined;
  const [, bytes = '', rate = '', unit = '', transferred, which, left, total] = match;
  const base = {
    bytes: parseCount(bytes),
    rate: Math.round(Number(rate.replace(',', '.')) * (RATE_UNITS[unit] ?? 1)),
  };
  if (transferred === undefined) return base;
  const entries = Number(total);
  return {
    ...base,
    transferred: Number(transferred),
    left: Number(left),
    total: entries,
    ...(which === 'to' && entries > 0 ? { fraction: 1 - Number(left) / entries } : {}),
  };
}

export interface OutputReader {
  /** Takes a chunk of rsync's standard output; returns the latest progress in it, if there was any. */
  push(chunk: Uint8Array): Progress | undefined;
  /** The lines that were no progress (the statistics), bounded to the last 200. */
  end(): string[];
}

/**
 * Reads rsync's standard output of a pass as it comes. A pass writes one record per finished file, hundreds of
 * thousands of them: only the latest of a chunk is handed on.
 */
export function createOutputReader(): OutputReader {
  const others: string[] = [];
  let latest: Progress | undefined;
  const cutter = createLineCutter({
    ends: 'any',
    maxLength: 4096,
    onLine(line) {
      const progress = parseProgress(line);
      if (progress !== undefined) {
        latest = progress;
        return;
      }
      if (line.trim() === '') return;
      others.push(line);
      if (others.length > 200) others.shift();
    },
  });
  return {
    push(chunk) {
      latest = undefined;
      cutter.push(chunk);
      return latest;
    },
    end() {
      cutter.end();
      return others;
    },
  };
}
