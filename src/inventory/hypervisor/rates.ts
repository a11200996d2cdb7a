import type { Clock } from '../../foundation/clock.ts';
import type { DomainSurvey } from '../../journal/facts-site.ts';
import type { DomainStats } from '../../tools/domain-stats.ts';

/**
 * Bytes per second of each disk between two readings of its counters, `seconds` apart. Undefined where the domain ran at
 * neither; a disk whose counters went back (it was started anew in between) has none.
 */
export function ratesBetween(
  first: DomainStats | undefined,
  second: DomainStats | undefined,
  seconds: number,
): DomainSurvey['rates'] {
  if (first?.state !== 'running' || second?.state !== 'running' || !(seconds > 0)) return undefined;
  return second.disks.flatMap(({ target, read, written }) => {
    const before = first.disks.find(disk => disk.target === target);
    const [wrote, readOut] = [difference(before?.written, written), difference(before?.read, read)];
    if (wrote === undefined || readOut === undefined) return [];
    return [
      {
        device: target,
        written: Math.round(wrote / seconds),
        read: Math.round(readOut / seconds),
        seconds: Math.round(seconds * 10) / 10,
      },
    ];
  });
}

const difference = (before: number | undefined, after: number | undefined): number | undefined =>
  before === undefined || after === undefined || after < before ? undefined : after - before;

/** Write rates of less than this are noise. */
export const RATE_MS = 5000;

export const STATS = ['domstats', '--raw', '--state', '--vcpu', '--balloon', '--block', '--nowait'] as const;

type Stats = ReadonlyMap<string, DomainStats>;

export interface Sampling {
  readonly stats: () => Promise<Stats>;
  /** When `first` was read, on the monotonic clock. */
  readonly begun: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Reads the counters a second time once some seconds have gone by; what was asked meanwhile counts as waiting. Answers
 * with the rates of a domain by its name.
 */
export async function ratesSince(
  first: Stats,
  { stats, begun, clock, signal }: Sampling,
): Promise<(domain: string) => DomainSurvey['rates']> {
  const left = RATE_MS - (clock.monotonic() - begun);
  if (left > 0) await clock.sleep(left, signal);
  const second = await stats();
  const seconds = (clock.monotonic() - begun) / 1000;
  return domain => ratesBetween(first.get(domain), second.get(domain), seconds);
}
