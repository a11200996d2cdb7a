import { type Adapting, type Probe, refined } from './adapt.ts';
import type { Listed, Reader } from './reader.ts';
import { type Chosen, chosen } from './reads.ts';
import type { Difference, KeyRange, RangeVerdict } from './types.ts';

export type Readers = readonly [left: Reader, right: Reader];

/** A range in which one side has more rows than one answer may carry; it has to be cut. */
export interface Overfull {
  readonly overfull: KeyRange;
  readonly rows: readonly [left: number, right: number];
}

/** Four times four bytes of hash; the proof after a repair takes all 32. */
const SLICES = 4;
export const ALL_SLICES = 8;

export interface Examining {
  readonly adapting: Adapting;
  readonly keyBytes: number;
  /** Rows of one answer. */
  readonly most: number;
}

/** What differs in one range, asked as `how` says first, and finer until the rows are known. */
export async function examine(
  readers: Readers,
  range: KeyRange,
  how: Probe,
  { adapting, keyBytes, most }: Examining,
): Promise<RangeVerdict | Overfull> {
  const told = (rows: readonly [number, number], differences: readonly Difference[]): RangeVerdict => ({
    ...range,
    rowsLeft: rows[0],
    rowsRight: rows[1],
    equal: differences.length === 0,
    differences,
  });
  switch (how.kind) {
    case 'sums': {
      const [left, right] = await onBoth(readers, side => side.sums(range, SLICES));
      const rows = [left.rows, right.rows] as const;
      if (left.mark === right.mark) return told(rows, []);
      if (Math.max(...rows) > most) return { overfull: range, rows };
      return examine(readers, range, refined(Math.max(...rows), adapting, keyBytes), {
        adapting,
        keyBytes,
        most,
      });
    }
    case 'buckets': {
      const [left, right] = await onBoth(readers, side => side.buckets(range, how.count));
      const rows = [left.rows, right.rows] as const;
      const differing = new Set<number>();
      for (const [bucket, mark] of left.marks) if (right.marks.get(bucket) !== mark) differing.add(bucket);
      for (const bucket of right.marks.keys()) if (!left.marks.has(bucket)) differing.add(bucket);
      if (differing.size === 0) return told(rows, []);
      if (Math.max(...rows) > most) return { overfull: range, rows };
      const listed = await lists(readers, range, most, chosen(how.count, differing));
      const found = differences(...listed);
      return told(rows, found.length > 0 ? found : await contradicted(readers, range, most));
    }
    case 'list': {
      const [left, right] = await lists(readers, range, most + 1);
      const rows = [left.length, right.length] as const;
      if (Math.max(...rows) > most) return { overfull: range, rows };
      return told(rows, differences(left, right));
    }
  }
}

const lists = (
  readers: Readers,
  range: KeyRange,
  most: number,
  only?: Chosen,
): Promise<readonly [Listed[], Listed[]]> =>
  onBoth(readers, side => side.list(range, most, only === undefined ? {} : { only }));

/**
 * Sums differ and the short hashes of the rows do not: rows were written between two questions, or two rows have the same
 * four bytes of hash. More bytes tell which.
 */
async function contradicted(readers: Readers, range: KeyRange, most: number): Promise<Difference[]> {
  const [left, right] = await onBoth(readers, side => side.sums(range, ALL_SLICES));
  if (left.mark === right.mark) return [];
  return differences(...(await onBoth(readers, side => side.list(range, most, { wide: true }))));
}

export const onBoth = async <T>(
  [left, right]: Readers,
  ask: (side: Reader) => Promise<T>,
): Promise<readonly [T, T]> => {
  // Both have ended, whatever happened, before anybody goes on with the sessions.
  const [one, other] = await Promise.allSettled([ask(left), ask(right)]);
  if (one.status === 'rejected') throw one.reason;
  if (other.status === 'rejected') throw other.reason;
  return [one.value, other.value];
};

/** Keys as texts, told apart by their lengths, so that no two keys become one. */
export const nameOf = (key: readonly string[]): string =>
  key.length === 1 ? (key[0] ?? '') : key.map(text => `${text.length}:${text}`).join('');

/** Left is the truth. */
export function differences(left: readonly Listed[], right: readonly Listed[]): Difference[] {
  const truth = new Map(left.map(row => [nameOf(row.key), row]));
  const found: Difference[] = [];
  for (const { key, hash } of right) {
    const name = nameOf(key);
    const own = truth.get(name);
    if (own === undefined) found.push({ kind: 'extra', key });
    else if (own.hash !== hash) found.push({ kind: 'different', key });
    truth.delete(name);
  }
  for (const { key } of truth.values()) found.push({ kind: 'missing', key });
  return found;
}
