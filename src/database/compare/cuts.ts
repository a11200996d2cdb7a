import type { Readers } from './examine.ts';
import { isWhole } from './keys.ts';
import type { Key, KeyRange } from './types.ts';

/** Where a range ends that begins after a key. */
export interface Cuts {
  /** The last key of the range, or undefined where the rest is the last range. */
  end(rest: KeyRange): Promise<Key | undefined>;
  /** How many rows the range really had, on the side that had more. */
  learn(rows: number): void;
}

/**
 * A key that is one whole number is cut by arithmetic, as wide as the last ranges advise: nothing has to be read for it.
 * Any other key is cut where the left server finds its n-th row.
 */
export async function cutsFor(
  [truth]: Readers,
  within: KeyRange,
  rangeRows: number,
  rows: number,
): Promise<Cuts> {
  const [only, second] = truth.asked.key;
  if (only === undefined || second !== undefined || !isWhole(only.column))
    return { end: rest => truth.boundary(rest, rangeRows), learn: () => undefined };
  const ends = await truth.extremes();
  // An empty table is one range.
  if (ends === undefined) return { end: async () => undefined, learn: () => undefined };
  const least = BigInt(ends[0]);
  const most = BigInt(ends[1]);
  const last = within.to === undefined ? most : minimum(BigInt(within.to[0] ?? '0'), most);
  const span = most - least + 1n;
  let width = atLeastOne((span * BigInt(rangeRows)) / BigInt(Math.max(rows, 1)));
  return {
    async end({ from }) {
      const before = from === undefined ? least - 1n : maximum(BigInt(from[0] ?? '0'), least - 1n);
      const end = before + width;
      return end >= last ? undefined : [String(end)];
    },
    learn(seen) {
      const wanted = (width * BigInt(rangeRows)) / BigInt(Math.max(seen, 1));
      // No further at once than eight times: what comes next may be otherwise again.
      width = atLeastOne(minimum(maximum(wanted, width / 8n), width * 8n));
    },
  };
}

const minimum = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const maximum = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const atLeastOne = (value: bigint): bigint => maximum(value, 1n);
