import { harmlessBytes } from '../foundation/text.ts';
import type { PassMetrics } from './metrics.ts';
import type { Item } from './movers/files/items.ts';

/** Paths that pass after pass has to send again: what keeps a machine from converging. */
export interface HotPath {
  readonly path: string;
  /** Bytes that travelled for it. */
  readonly bytes: number;
}

/** How many paths a pass keeps in the journal. */
const KEPT = 20;
/** How many a collector holds before it drops the small ones. */
const HELD = 4000;

export interface HotCollector {
  add(mountpoint: string, item: Item): void;
  /** The paths that cost most, most expensive first. */
  top(): HotPath[];
}

/** Collects the expensive paths of a pass in bounded memory. Deletions and directories cost nothing. */
export function createHotCollector(): HotCollector {
  let held = new Map<string, number>();
  const largest = (count: number): HotPath[] =>
    [...held]
      .map(([path, bytes]) => ({ path, bytes }))
      .sort((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1))
      .slice(0, count);

  return {
    add(mountpoint, item) {
      if (item.isDeletion || item.isDirectory || item.bytes <= 0) return;
      const path = `${mountpoint === '/' ? '' : mountpoint}/${harmlessBytes(item.name)}`;
      held.set(path, (held.get(path) ?? 0) + item.bytes);
      if (held.size > HELD) held = new Map(largest(HELD / 2).map(({ path: kept, bytes }) => [kept, bytes]));
    },
    top: () => largest(KEPT),
  };
}

/** The paths that the last delta passes have in common, with the bytes of the last; empty with fewer than two. */
export function recurring(passes: readonly PassMetrics[], over = 2): HotPath[] {
  const last = passes.filter(pass => pass.kind === 'delta').slice(-over);
  const newest = last.at(-1);
  if (newest === undefined || last.length < over) return [];
  return newest.hot.filter(({ path }) => last.every(pass => pass.hot.some(hot => hot.path === path)));
}
