import type { LinkRun } from '../../journal/facts-site.ts';

/** What the scripts of a measurement print. What is not understood is absent: a figure that is made up is worse than none. */

/** All streams of a run: bytes of all, from the first byte of any to the last of any. Undefined where one did not end well. */
export function readRun(text: string, streams: number): LinkRun | undefined {
  const runs = [...text.matchAll(/^run (\d{1,12}) (\d{13}) (\d{13})\s*$/gm)].map(found =>
    found.slice(1).map(Number),
  );
  if (runs.length !== streams) return undefined;
  const from = Math.min(...runs.map(([, at = 0]) => at));
  const until = Math.max(...runs.map(([, , at = 0]) => at));
  const bytes = runs.reduce((sum, [count = 0]) => sum + count, 0);
  const ms = until - from;
  if (bytes === 0 || ms <= 0) return undefined;
  const cpu = cpuSeconds(text);
  return {
    ...{ streams, bytes, ms, bytesPerSecond: Math.round((bytes * 1000) / ms) },
    ...(cpu === undefined ? {} : { cpu: Math.round((cpu * 1e5) / ms / streams) / 100 }),
  };
}

/** `times` of each stream: of the shell itself, and of the ssh that it waited for. */
function cpuSeconds(text: string): number | undefined {
  const told = [...text.matchAll(/^(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*$/gm)];
  if (told.length === 0) return undefined;
  const sum = told.reduce((all, [, m = 0, s = 0, n = 0, t = 0]) => all + 60 * (+m + +n) + +s + +t, 0);
  return Number.isFinite(sum) ? sum : undefined;
}

/** Bytes per second of a disk. */
export const readDisk = (text: string): number | undefined => readRun(text, 1)?.bytesPerSecond;

/** Bytes that are free where nothing was written for want of room. */
export function readRoom(text: string): number | undefined {
  const [, kib] = /^room (\d{1,15})\s*$/m.exec(text) ?? [];
  return kib === undefined ? undefined : Number(kib) * 1024;
}

/** The shortest round trip, ms, to a tenth; what is shorter than the clock can tell is 0. */
export function readTrip(text: string): number | undefined {
  const trips = [...text.matchAll(/^trip (-?\d{1,15})\s*$/gm)].map(([, ns]) => Number(ns));
  return trips.length === 0 ? undefined : Math.max(0, Math.round(Math.min(...trips) / 1e5) / 10);
}

/** `openssl speed -mr`: the last figure of its line, bytes per second. */
export function readCipher(text: string): number | undefined {
  const [, figure] = /^\+F:\d+:[^:\n]+:(?:[\d.]+:)*([\d.]+)\s*$/m.exec(text) ?? [];
  const rate = Number(figure);
  return figure === undefined || !Number.isFinite(rate) || rate <= 0 ? undefined : Math.round(rate);
}
