import type { DatabaseTable } from '../../journal/database-facts.ts';
import { ALL_SLICES, onBoth } from './examine.ts';
import { openReaders } from './reader.ts';
import type { CompareOptions, KeyRange, Side, WholeVerdict } from './types.ts';

/** Whether one range of a table with a key is equal on both sides, by all 256 bits of every row: the proof of a repair. */
export async function compareRange(
  left: Side,
  right: Side,
  table: DatabaseTable,
  range: KeyRange,
  options: CompareOptions,
): Promise<WholeVerdict> {
  const readers = await openReaders(left, right, table, options);
  const [one, other] = await onBoth(readers, side => side.sums(range, ALL_SLICES));
  options.onProgress?.(one.rows);
  return { rowsLeft: one.rows, rowsRight: other.rows, equal: one.mark === other.mark };
}

/**
 * Tables without a key, and all others where only the whole counts: whether both hold the same rows, each as often. One
 * read of each side; order does not matter, and rows that are there twice count twice.
 */
export const compareWhole = (
  left: Side,
  right: Side,
  table: DatabaseTable,
  options: CompareOptions,
): Promise<WholeVerdict> => compareRange(left, right, { ...table, key: [] }, {}, options);
