import type { PassRun } from '../journal/events.ts';
import type { PassState } from '../journal/state.ts';
import type { Mover } from '../step/mover.ts';

/** What one ended pass amounts to, over all its file systems or disks. Milliseconds and bytes. */
export interface PassMetrics {
  readonly pass: number;
  readonly kind: 'full' | 'delta';
  readonly mover: Mover;
  readonly checksum: boolean;
  readonly startedAt: number;
  /** Time that the mover itself took; waiting for the link or for the control machine is not the data's doing. */
  readonly ms: number;
  readonly listMs: number;
  readonly literalBytes: number;
  readonly sentBytes: number;
  readonly totalBytes: number;
  readonly hot: readonly { readonly path: string; readonly bytes: number }[];
  readonly troubles: readonly string[];
}

/** The ended passes in order, as numbers. */
export function metricsOf(passes: readonly PassState[]): PassMetrics[] {
  return passes
    .flatMap(({ pass, kind, mover, checksum, ended }) => {
      if (ended === undefined) return [];
      const sum = (value: (run: PassRun) => number): number =>
        ended.runs.reduce((total, run) => total + value(run), 0);
      const listMs = sum(run => run.listSeconds) * 1000;
      return [
        {
          pass,
          kind,
          mover,
          checksum,
          startedAt: ended.startedAt,
          ms: Math.max(
            sum(run => run.ms),
            listMs,
            1,
          ),
          listMs,
          literalBytes: sum(run => run.literalBytes),
          sentBytes: sum(run => run.sentBytes),
          totalBytes: sum(run => run.totalBytes),
          hot: ended.hot,
          troubles: ended.runs.flatMap(run => run.troubles),
        },
      ];
    })
    .toSorted((a, b) => a.pass - b.pass);
}

/** The newest passes that one mover made: what another made before them took other ways, at another pace. */
export function byOneMover(all: readonly PassMetrics[]): PassMetrics[] {
  const mover = all.at(-1)?.mover;
  return all.slice(all.findLastIndex(pass => pass.mover !== mover) + 1);
}

/** Passes that are looked at for the rate: the link of last week is not that of today. */
const RATE_PASSES = 5;

/**
 * B of DESIGN 5 in bytes per second: the middle of what the newest passes got that took at least twice as long as one
 * with nothing to send; where there are no two of them, what the pass got that sent most, its file list apart.
 * Undefined before the first pass.
 */
export function effectiveRate(passes: readonly PassMetrics[]): number | undefined {
  const largest = passes.toSorted((a, b) => b.sentBytes - a.sentBytes)[0];
  if (largest === undefined || largest.sentBytes === 0) return undefined;
  const best = perSecond(largest.sentBytes, largest.ms - largest.listMs);
  const quick = passes.filter(pass => pass.kind === 'delta' && !pass.checksum);
  const idle = Math.min(
    ...quick.map(pass => Math.max(pass.listMs, pass.ms - (pass.sentBytes / best) * 1000)),
  );
  const telling = passes
    .filter(pass => !pass.checksum && pass.sentBytes > 0 && pass.ms >= 2 * idle)
    .slice(-RATE_PASSES)
    .map(pass => perSecond(pass.sentBytes, pass.ms - (pass.kind === 'full' ? pass.listMs : idle)));
  return telling.length < 2 ? best : median(telling);
}

const perSecond = (bytes: number, ms: number): number => bytes / (Math.max(1, ms) / 1000);

/** Deltas that are looked at for it. */
const WIRE_PASSES = 5;

/**
 * Bytes on the wire for a byte that is new: below 1 where compression spares something, above where the mover adds to
 * it. What a pass sends besides (its file list) belongs to the floor.
 */
export function wireShare(passes: readonly PassMetrics[]): number {
  const deltas = passes.filter(pass => pass.kind === 'delta' && pass.literalBytes > 0).slice(-WIRE_PASSES);
  const told = deltas.length > 0 ? deltas : passes.filter(pass => pass.literalBytes > 0);
  const literal = told.reduce((sum, pass) => sum + pass.literalBytes, 0);
  const sent = told.reduce((sum, pass) => sum + pass.sentBytes, 0);
  return literal === 0 ? 1 : Math.min(1.2, Math.max(0.02, sent / literal));
}

/**
 * C of DESIGN 5 in milliseconds: what a pass costs that has nothing to send (connecting, the file list, comparing).
 *
 * Every delta pass that compares by size and time gives an estimate, T_k − new_k / B. It is worth something only
 * where most of the pass was not transfer: subtracting two large numbers leaves noise. So C is the least estimate of
 * the passes that spent at most half their time on transfer, and never less than the longest file list; as long as
 * there is no such pass it is that file list alone, which is a lower bound.
 */
export function scanFloor(passes: readonly PassMetrics[]): number {
  const list = longestList(passes);
  const estimates = floorEstimates(passes)
    .filter(({ ms, transfer }) => transfer <= ms / 2)
    .map(({ ms, transfer }) => ms - transfer);
  // No pass can have been shorter than the floor: a link that has become slow is not taken for one.
  const shortest = Math.min(...passes.map(pass => pass.ms));
  return estimates.length === 0 ? list : Math.max(list, Math.min(shortest, ...estimates));
}

/** Estimates that the usual floor is made of. */
const FLOOR_PASSES = 8;

/**
 * The same as it usually is: the judgement wants the least, a forecast the middle. Here every delta pass of late counts,
 * the less the more of it was transfer.
 */
export function usualFloor(passes: readonly PassMetrics[]): number {
  const estimates = floorEstimates(passes).slice(-FLOOR_PASSES);
  let floor = 0;
  let weight = 0;
  for (const { ms, transfer } of estimates) {
    const trust = 1 / (ms + transfer) ** 2;
    floor += trust * Math.max(0, ms - transfer);
    weight += trust;
  }
  return weight === 0 ? scanFloor(passes) : floor / weight;
}

const longestList = (passes: readonly PassMetrics[]): number =>
  Math.max(0, ...passes.map(pass => pass.listMs));

function floorEstimates(
  passes: readonly PassMetrics[],
): { readonly ms: number; readonly transfer: number }[] {
  const rate = effectiveRate(passes);
  if (rate === undefined) return [];
  const share = wireShare(passes);
  return passes
    .filter(pass => pass.kind === 'delta' && !pass.checksum)
    .map(pass => ({ ms: pass.ms, transfer: ((pass.literalBytes * share) / rate) * 1000 }));
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = 0, high = low] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return (low + high) / 2;
}
