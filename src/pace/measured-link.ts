import type { State } from '../journal/state.ts';

/** What a measurement of the line lets passes count with. Bytes per second. */
export interface MeasuredLink {
  /** Of all streams together, and never more than the disks at its ends gave and took. */
  readonly bytesPerSecond: number;
  /** Of one stream alone; a copy by blocks has no more. */
  readonly oneStream?: number;
  /** It was held down to a limit and reached it: the line gives at least this. */
  readonly atLeast?: true;
  /** Epoch ms. */
  readonly at: number;
  readonly bottleneck: string;
  /** The hypervisors between which it was measured. */
  readonly from: string;
  readonly to: string;
}

/** A line that others use, too, is not today what it was yesterday. */
export const LINK_FRESH_MS = 12 * 3600e3;
/** A measurement that got this much of the limit it was held to was held back by it and by nothing else. */
export const REACHED = 0.75;

/**
 * The best of what was measured between any two hypervisors: they share one line, so that the sums of several would
 * promise too much. Undefined where nobody measured within `maxAgeMs` before `now` (epoch ms).
 */
export function measuredLink(
  { links }: Pick<State, 'links'>,
  now: number,
  maxAgeMs = LINK_FRESH_MS,
): MeasuredLink | undefined {
  return Object.values(links ?? {})
    .filter(({ at }) => at <= now && now - at <= maxAgeMs)
    .flatMap(link => countedWith(link) ?? [])
    .toSorted((a, b) => b.bytesPerSecond - a.bytesPerSecond || b.at - a.at)[0];
}

type Measured = NonNullable<State['links']>[string];

function countedWith(link: Measured): MeasuredLink | undefined {
  const runs = link.forth.filter(({ bytesPerSecond }) => bytesPerSecond > 0);
  const best = Math.max(0, ...runs.map(({ bytesPerSecond }) => bytesPerSecond));
  if (best === 0) return undefined;
  const [one] = runs.filter(({ streams }) => streams === 1);
  const ends = [link.sourceRead, link.targetWrite].filter(each => each !== undefined && each > 0);
  const least = (rate: number): number => Math.min(rate, ...ends.flatMap(each => each ?? []));
  const { at, bottleneck, from, to, heldTo } = link;
  return {
    bytesPerSecond: least(best),
    ...(one === undefined ? {} : { oneStream: least(one.bytesPerSecond) }),
    ...(heldTo !== undefined && least(best) >= REACHED * heldTo ? { atLeast: true as const } : {}),
    ...{ at, bottleneck, from, to },
  };
}
