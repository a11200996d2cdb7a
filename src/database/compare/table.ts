import { LandfallError } from '../../foundation/errors.ts';
import type { DatabaseTable } from '../../journal/database-facts.ts';
import type { CompareOptions, RangeVerdict, Side } from './types.ts';

/**
 * Compares a table that has a key, range by range in the left server's order of keys. Every row of both sides is in
 * exactly one range. Adaptive: sums over ranges, then over buckets of a range that differs, then lists of keys.
 */
// biome-ignore lint/correctness/useYield: its signature is published before it is written
export async function* compareTable(
  _left: Side,
  _right: Side,
  _table: DatabaseTable,
  _options: CompareOptions,
): AsyncGenerator<RangeVerdict> {
  throw new LandfallError('bug', { what: 'compareTable is not written yet', next: ['wait'] });
}
