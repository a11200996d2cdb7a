import type { PassMetrics } from './metrics.ts';

/** A path that pass after pass has to send again: what keeps a machine from converging. */
export interface HotPath {
  readonly path: string;
  /** Bytes that travelled for it. */
  readonly bytes: number;
}

/** The paths that the last delta passes have in common, with the bytes of the last; empty with fewer than two. */
export function recurring(passes: readonly PassMetrics[], over = 2): HotPath[] {
  const last = passes.filter(pass => pass.kind === 'delta').slice(-over);
  const newest = last.at(-1);
  if (newest === undefined || last.length < over) return [];
  return newest.hot.filter(({ path }) => last.every(pass => pass.hot.some(hot => hot.path === path)));
}
