import type { PassState } from '../journal/state.ts';
import { fitDirtied, pointsOf } from './dirtied.ts';
import {
  byOneMover,
  effectiveRate,
  metricsOf,
  type PassMetrics,
  scanFloor,
  usualFloor,
  wireShare,
} from './metrics.ts';
import { recentOf } from './recent.ts';

/** The fitted T_k = C + sent(T_{k-1}) / B of one machine and the mover that it travels by now. Milliseconds and bytes. */
export interface Model {
  readonly floorMs: number;
  /** Bytes per second on the wire. */
  readonly rate: number;
  /** New bytes after so many milliseconds since the last pass began: never falling, never more than the machine. */
  readonly dirtied: (ms: number) => number;
  /** What a pass takes that finds so many new bytes, over a link that gives at most `cap` bytes per second. */
  readonly passMs: (bytes: number, cap?: number) => number;
  /** The most that a pass is expected to bring: what the largest delta brought, or the whole curve. */
  readonly mostBytes: number;
}

/** What a pass by blocks costs without anything to send: a job, a piece, a commit (facts of the disk, 3.2). */
const BLOCKS_FLOOR_MS = 2000;

/**
 * Only passes of the mover at work are fitted. One that has no delta pass of its own yet begins with what the other has
 * seen of the writers and of the link, which are the same; its floor is its own. Undefined before any delta pass.
 */
export function modelOf(all: readonly PassMetrics[]): Model | undefined {
  const newest = all.at(-1);
  if (newest === undefined) return undefined;
  const own = byOneMover(all);
  const ownPoints = pointsOf(own);
  const points = ownPoints.length > 0 ? ownPoints : pointsOf(all);
  const size = Math.max(...all.map(pass => pass.totalBytes));
  const dirtied = fitDirtied(points, size);
  const rate = effectiveRate(own) ?? effectiveRate(all);
  if (dirtied === undefined || rate === undefined) return undefined;
  const floorMs = ownPoints.length > 0 ? usualFloor(own) : priorFloor(all, newest);
  const share = wireShare(ownPoints.length > 0 ? own : all);
  return {
    floorMs,
    rate,
    dirtied,
    passMs: (bytes, cap = rate) => floorMs + ((bytes * share) / Math.max(1, Math.min(rate, cap))) * 1000,
    mostBytes: Math.max(...points.map(({ bytes }) => bytes), dirtied(Number.MAX_SAFE_INTEGER)),
  };
}

const kept = new WeakMap<readonly PassState[], { readonly model: Model | undefined }>();

/** The same of a machine's passes, fitted once as long as they are the same: screens ask every second. */
export function modelOfPasses(passes: readonly PassState[]): Model | undefined {
  const known = kept.get(passes);
  if (known !== undefined) return known.model;
  const model = modelOf(metricsOf(recentOf(passes)));
  kept.set(passes, { model });
  return model;
}

/** A mover that worked here before keeps the floor that it had. */
function priorFloor(all: readonly PassMetrics[], { mover }: PassMetrics): number {
  const earlier = all.filter(pass => pass.mover === mover);
  if (earlier.some(({ kind }) => kind === 'delta')) return usualFloor(earlier);
  return mover === 'blocks' ? BLOCKS_FLOOR_MS : scanFloor(earlier);
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
