import type { PassState } from '../journal/state.ts';
import { type ConvergeSettings, judge } from './converge.ts';
import { effectiveRate, metricsOf, type PassMetrics, scanFloor } from './metrics.ts';

/**
 * The model T_k = C + sent(T_{k-1}) / B (DESIGN 5; facts of the disk, 3.2). Milliseconds, bytes, bytes per second.
 */

/**
 * Distinct bytes dirtied in `ms` by writes that fall evenly on `units` units of `unitBytes` each, `writesPerSecond` of
 * them: H·(1 − (1 − 1/H)^(r·t))·s. It saturates at the hot set.
 */
export function dirtiedBy(units: number, writesPerSecond: number, unitBytes: number): (ms: number) => number {
  return ms => units * (1 - (1 - 1 / units) ** ((writesPerSecond * ms) / 1000)) * unitBytes;
}

/** The durations of successive passes, given the first. */
export function series(model: {
  readonly firstMs: number;
  readonly floorMs: number;
  readonly rate: number;
  readonly dirtied: (ms: number) => number;
  readonly passes: number;
}): number[] {
  const result = [model.firstMs];
  while (result.length < model.passes) {
    const last = result.at(-1) ?? model.firstMs;
    result.push(model.floorMs + (model.dirtied(last) / model.rate) * 1000);
  }
  return result;
}

/** One observation: in `ms` between the starts of two passes, `bytes` literal bytes had come up. */
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

export interface Forecast {
  readonly nextMs: number;
  readonly nextLiteralBytes: number;
  /** Passes still to come until the sequence would be judged converged; undefined where it never is. */
  readonly passesLeft?: number;
  /** Their time in all, milliseconds. */
  readonly etaMs?: number;
}

/**
 * What the next pass will take if it starts `gapMs` after the last ended, and how long until the passes converge.
 * Undefined before the first delta pass has ended: until then nothing is known about the writers.
 */
export function forecast(
  passes: readonly PassState[],
  settings: ConvergeSettings,
  gapMs = 0,
): Forecast | undefined {
  const all = metricsOf(passes);
  const last = all.at(-1);
  const rate = effectiveRate(all);
  if (last === undefined || rate === undefined) return undefined;
  const floor = scanFloor(all);
  const dirtied = fitDirtied(pointsOf(all), Math.max(...all.map(pass => pass.totalBytes)));
  if (dirtied === undefined) return undefined;

  const next = (ms: number): { ms: number; bytes: number } => {
    const bytes = dirtied(ms);
    return { ms: floor + (bytes / rate) * 1000, bytes };
  };
  const first = next(last.ms + gapMs);
  const base = { nextMs: first.ms, nextLiteralBytes: first.bytes };
  if (judge(passes, settings).verdict === 'converged') return { ...base, passesLeft: 0, etaMs: 0 };

  let step = first;
  let etaMs = 0;
  for (let count = 1; last.pass + count <= settings.atMost; count += 1) {
    etaMs += step.ms;
    if (step.bytes <= settings.small || step.ms <= 1.2 * floor) return { ...base, passesLeft: count, etaMs };
    step = next(step.ms);
  }
  return base;
}

/** The literal bytes of each delta pass against the time since the pass before it began. */
function pointsOf(all: readonly PassMetrics[]): DirtyPoint[] {
  return all.slice(1).flatMap((pass, index) => {
    const before = all[index];
    return before === undefined || pass.kind === 'full'
      ? []
      : [{ ms: Math.max(pass.startedAt - before.startedAt, before.ms), bytes: pass.literalBytes }];
  });
}

/** How good the forecasts were: the one stored at the start of each pass against what it took. */
export function hindsight(
  passes: readonly PassState[],
): { readonly pass: number; readonly predictedMs: number; readonly ms: number }[] {
  const predicted = new Map(passes.map(({ pass, predictedMs }) => [pass, predictedMs]));
  return metricsOf(passes).flatMap(({ pass, ms }) => {
    const predictedMs = predicted.get(pass);
    return predictedMs === undefined ? [] : [{ pass, predictedMs, ms }];
  });
}
