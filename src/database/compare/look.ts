import type { DatabaseTable } from '../../journal/database-facts.ts';
import { nameOf } from './examine.ts';
import { openReaders, type Reader } from './reader.ts';
import type { CompareOptions, Key, KeyRange, Side } from './types.ts';

/** Rows of a range by the name of their key, with eight bytes of hash each. */
export type Seen = ReadonlyMap<string, { readonly key: Key; readonly hash: string }>;

/** Both sides, one at a time: whoever compares while rows are written decides which is read before which. */
export interface Looks {
  left(range: KeyRange): Promise<Seen>;
  right(range: KeyRange): Promise<Seen>;
}

export async function openLooks(
  left: Side,
  right: Side,
  table: DatabaseTable,
  options: CompareOptions,
): Promise<Looks> {
  const [one, other] = await openReaders(left, right, table, options);
  const seen = async (side: Reader, range: KeyRange): Promise<Seen> => {
    const rows = await side.list(range, Number.MAX_SAFE_INTEGER, { wide: true });
    return new Map(rows.map(row => [nameOf(row.key), row]));
  };
  return { left: range => seen(one, range), right: range => seen(other, range) };
}
