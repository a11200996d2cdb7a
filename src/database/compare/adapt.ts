/**
 * How a range is asked about. `sums` tell only whether it differs; `buckets` tell which parts of it do, a part being the
 * rows whose keys fall into one bucket; a `list` tells the rows.
 */
export type Probe =
  | { readonly kind: 'sums' }
  | { readonly kind: 'buckets'; readonly count: number }
  | { readonly kind: 'list' };

/** Bytes of one row of each answer on the wire, of one side. */
const SUMS = 1_000;
const BUCKET = 20;
const LIST = 6;
/** A request costs as much as so many bytes: its own text, and the rows that are hashed once more. */
const REQUEST = 4_000;
const MOST_BUCKETS = 16_384;

export interface Adapting {
  /** Share of rows that differ, as the last ranges had it. */
  readonly share: number;
}

/** Nothing is known yet: the first range is asked for its sums. */
export const UNKNOWN: Adapting = { share: 0 };

/** Two ranges ago counts half as much as the last one. */
export const learned = (before: Adapting, rows: number, differing: number): Adapting =>
  rows === 0 ? before : { share: before.share * 0.5 + Math.min(1, differing / rows) * 0.5 };

/** Cheapest bytes to find the rows of a range, where `share` of them differ. `keyBytes`: a key as it travels. */
export function probeFor(rows: number, { share }: Adapting, keyBytes: number): Probe {
  const list = rows * (LIST + keyBytes) + REQUEST;
  const parts = cheapestBuckets(rows, share, keyBytes);
  // Of a range in which not one row is expected to differ, the sums are all that is needed.
  const untouched = (1 - share) ** rows;
  const sums = SUMS + REQUEST + (1 - untouched) * Math.min(parts.bytes, list);
  if (sums <= parts.bytes && sums <= list) return { kind: 'sums' };
  return parts.bytes < list ? { kind: 'buckets', count: parts.count } : { kind: 'list' };
}

/** After the sums have told that a range differs. */
export function refined(rows: number, { share }: Adapting, keyBytes: number): Probe {
  // At least one row differs; where nothing is known yet, one in a hundred is as good a guess as any.
  const expected = Math.max(share, 1 / Math.max(rows, 1), share === 0 ? 0.01 : 0);
  const parts = cheapestBuckets(rows, expected, keyBytes);
  return parts.bytes < rows * (LIST + keyBytes) + REQUEST
    ? { kind: 'buckets', count: parts.count }
    : { kind: 'list' };
}

function cheapestBuckets(
  rows: number,
  share: number,
  keyBytes: number,
): { readonly count: number; readonly bytes: number } {
  let best = { count: 1, bytes: Number.POSITIVE_INFINITY };
  for (let size = 2; size <= Math.max(2, rows / 2); size *= Math.SQRT2) {
    const count = Math.ceil(rows / size);
    if (count > MOST_BUCKETS) continue;
    const differing = 1 - (1 - share) ** size;
    const bytes = count * BUCKET + differing * rows * (LIST + keyBytes) + count / 8 + 2 * REQUEST;
    if (bytes < best.bytes) best = { count, bytes };
  }
  return best;
}
