import type { PassRun } from '../journal/events.ts';
import type { PassState } from '../journal/state.ts';

/** What one ended pass amounts to, over all its file systems. Milliseconds and bytes. */
export interface PassMetrics {
  readonly pass: number;
  readonly kind: 'full' | 'delta';
  readonly checksum: boolean;
  readonly startedAt: number;
  /** Time that rsync itself took; waiting for the link or for the control machine is not the data's doing. */
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
    .flatMap(({ pass, kind, checksum, ended }) => {
      if (ended === undefined) return [];
      const sum = (value: (run: PassRun) => number): number =>
        ended.runs.reduce((total, run) => total + value(run), 0);
      const listMs = sum(run => run.listSeconds) * 1000;
      return [
        {
          pass,
          kind,
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

/**
 * B of DESIGN 5 in bytes per second: what the pass that sent most got through, its file list apart. Undefined before
 * the first pass.
 */
export function effectiveRate(passes: readonly PassMetrics[]): number | undefined {
  const largest = passes.toSorted((a, b) => b.sentBytes - a.sentBytes)[0];
  if (largest === undefined || largest.sentBytes === 0) return undefined;
  return largest.sentBytes / (Math.max(1, largest.ms - largest.listMs) / 1000);
}

/**
 * C of DESIGN 5 in milliseconds: what a pass costs that has nothing to send (connecting, the file list, comparing).
 *
 * Every delta pass that compares by size and time gives an estimate, T_k − sent_k / B. It is worth something only
 * where most of the pass was not transfer: subtracting two large numbers leaves noise. So C is the least estimate of
 * the passes that spent at most half their time on transfer, and never less than the longest file list; as long as
 * there is no such pass it is that file list alone, which is a lower bound.
 */
export function scanFloor(passes: readonly PassMetrics[]): number {
  const rate = effectiveRate(passes);
  const quick = passes.filter(pass => pass.kind === 'delta' && !pass.checksum);
  const list = Math.max(0, ...passes.map(pass => pass.listMs));
  if (rate === undefined) return list;
  const estimates = quick
    .map(pass => ({ ms: pass.ms, transfer: (pass.sentBytes / rate) * 1000 }))
    .filter(({ ms, transfer }) => transfer <= ms / 2)
    .map(({ ms, transfer }) => ms - transfer);
  // No pass can have been shorter than the floor: a link that has become slow is not taken for one.
  const shortest = Math.min(...passes.map(pass => pass.ms));
  return estimates.length === 0 ? list : Math.max(list, Math.min(shortest, ...estimates));
}
