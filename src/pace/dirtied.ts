import type { PassMetrics } from './metrics.ts';

/** How much of a machine its writers make new in a time: the part of the model that belongs to the source. */

/**
 * Distinct bytes dirtied in `ms` by writes that fall evenly on `units` units of `unitBytes` each, `writesPerSecond` of
 * them: H·(1 − (1 − 1/H)^(r·t))·s. It saturates at the hot set.
 */
export function dirtiedBy(units: number, writesPerSecond: number, unitBytes: number): (ms: number) => number {
  return ms => units * (1 - (1 - 1 / units) ** ((writesPerSecond * ms) / 1000)) * unitBytes;
}

/** One observation: in `ms` between two beginnings, `bytes` literal bytes had come up. */
export interface DirtyPoint {
  readonly ms: number;
  readonly bytes: number;
}

/**
 * Fits W·(1 − e^(−d·t/W)), the smooth form of the above: W the hot set in bytes, d the rate at which it is dirtied
 * at first. With one observation W is taken as `size`, the whole machine, which is the careful end; with more, W is
 * the candidate between the largest observation and `size` that leaves the least relative error.
 * Undefined without an observation.
 */
export function fitDirtied(
  points: readonly DirtyPoint[],
  size: number,
): ((ms: number) => number) | undefined {
  const usable = points.filter(point => point.ms > 0 && point.bytes >= 0);
  if (usable.length === 0) return undefined;
  const largest = Math.max(...usable.map(point => point.bytes), 1);
  const ceiling = Math.max(size, largest * 1.02);
  const candidates = usable.length === 1 ? [ceiling] : logSpaced(largest * 1.02, ceiling, 60);

  let best: { readonly error: number; readonly curve: (ms: number) => number } | undefined;
  for (const hotSet of candidates) {
    // Each observation gives d; weighted by its bytes, because small ones are mostly noise.
    const weight = usable.reduce((sum, point) => sum + point.bytes + 1, 0);
    const dirtyRate =
      usable.reduce((sum, point) => sum + slope(point, hotSet) * (point.bytes + 1), 0) / weight;
    const curve = (ms: number): number => hotSet * (1 - Math.exp((-dirtyRate * ms) / hotSet));
    const error = usable.reduce((sum, point) => sum + (curve(point.ms) / (point.bytes + 1) - 1) ** 2, 0);
    if (best === undefined || error < best.error) best = { error, curve };
  }
  return best?.curve;
}

/** The d in bytes per millisecond that sends the curve with this hot set through the point. */
function slope(point: DirtyPoint, hotSet: number): number {
  return (-hotSet / point.ms) * Math.log(1 - Math.min(point.bytes / hotSet, 0.9999));
}

function logSpaced(from: number, to: number, count: number): number[] {
  if (to <= from) return [from];
  return Array.from({ length: count }, (_, i) => from * (to / from) ** (i / (count - 1)));
}

/** Writers of last week are others than those of today. */
const POINTS_KEPT = 12;

/** The literal bytes of each delta pass against the time since the pass before it began; the newest of them. */
export function pointsOf(all: readonly PassMetrics[]): DirtyPoint[] {
  return all
    .flatMap((pass, index) => {
      const before = all[index - 1];
      return before === undefined || pass.kind === 'full'
        ? []
        : [{ ms: Math.max(pass.startedAt - before.startedAt, before.ms), bytes: pass.literalBytes }];
    })
    .slice(-POINTS_KEPT);
}
