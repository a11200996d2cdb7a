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
