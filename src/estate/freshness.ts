import { formatDuration } from '../foundation/units.ts';

/** How old what was seen may be before it is shown as stale, by what it is. Silence is never fresh. */
const FRESH_FOR = {
  /** What runs on hypervisors and in guests: people change it during an evacuation. */
  inventory: 6 * 3600e3,
  /** Who talks to whom shows over days, and does not become wrong overnight. */
  peers: 24 * 3600e3,
  /** A line that others use, too. */
  link: 12 * 3600e3,
} as const;

export interface Freshness {
  readonly at: number;
  readonly ageMs: number;
  readonly stale: boolean;
  /** `12 m ago`, `2d 3h ago: stale`. */
  readonly words: string;
}

/** How old an observation is at `now`, both epoch ms. A time to come is a clock that was set back: stale. */
export function freshness(kind: keyof typeof FRESH_FOR, at: number, now: number): Freshness {
  const ageMs = now - at;
  const stale = ageMs < 0 || ageMs > FRESH_FOR[kind];
  const age = ageMs < 0 ? 'in the future' : `${formatDuration(ageMs)} ago`;
  return { at, ageMs, stale, words: stale ? `${age}: stale` : age };
}
