import { SqlError } from '../errors.ts';
import type { Value } from '../values/types.ts';

/** @returns SqlError 701 */
export function outOfMemory(): SqlError {
  return new SqlError(
    701,
    "There is insufficient system memory in resource pool 'default' to run this query.",
    { severity: 17, state: 123 },
  );
}

/** What an array costs besides its values. */
const ARRAY = 32;

/** About what a row costs in memory, in bytes. */
export function sizeOf(row: readonly Value[]): number {
  let size = ARRAY + 8 * row.length;
  for (const value of row) {
    if (value === null || typeof value === 'number') continue;
    if (typeof value === 'string') size += 16 + value.length;
    else if (typeof value === 'bigint') size += 24;
    else size += value instanceof Uint8Array ? 120 + value.length : 160;
  }
  return size;
}

/**
 * Bytes, as they are estimated, of what the open transactions of a database have written: it lies in memory until they
 * commit. So much is about 300 000 rows of ten columns; loads of more come in several transactions.
 */
const MOST_WRITTEN = 256 << 20;
/** What a write costs besides the row: its record, its place in the overlay, its locks. */
const WRITE = 400;

export class WriteMemory {
  #used = 0;

  /** @throws SqlError 701 where the transactions of the database would hold too much */
  take(after: readonly Value[] | null): number {
    const bytes = WRITE + (after ? sizeOf(after) : 0);
    if (this.#used + bytes > MOST_WRITTEN) throw outOfMemory();
    this.#used += bytes;
    return bytes;
  }

  give(bytes: number): void {
    this.#used -= bytes;
  }
}

/** Rows that a statement collects before it writes them: no more than a transaction may hold. */
export class Collected {
  #bytes = 0;

  /** @throws SqlError 701 */
  add(row: readonly Value[]): void {
    this.#bytes += sizeOf(row);
    if (this.#bytes > MOST_WRITTEN / 2) throw outOfMemory();
  }
}
