import { harmlessBytes } from '../foundation/text.ts';
import type { HotPath } from '../pace/hot.ts';
import type { Item } from './movers/files/items.ts';

export { type HotPath, recurring } from '../pace/hot.ts';

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
