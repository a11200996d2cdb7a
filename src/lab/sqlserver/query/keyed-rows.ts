import type { Evaluation, Row } from './bound.ts';
import type { Key } from './joins.ts';
import { type Hold, hold, sizeOf, spillOf } from './memory.ts';
import type { SpilledKeys } from './spill.ts';

export interface Kept {
  readonly row: Row;
  matched: boolean;
}

const NONE: readonly Kept[] = [];
/** What an entry of a map, its key and its bucket cost. */
const ENTRY = 120;

/** Rows by key: in memory as far as it goes, the rest on disk. All are put in before the first is asked for. */
export class KeyedRows {
  readonly #context: Evaluation;
  readonly #hold: Hold;
  readonly #buckets = new Map<Key, Kept[]>();
  #spilled: SpilledKeys | undefined;
  /** Bits of the rows on disk that have found a partner. */
  #matched = new Uint8Array(0);

  constructor(context: Evaluation) {
    this.#context = context;
    this.#hold = hold(context);
  }

  get empty(): boolean {
    return this.#buckets.size === 0 && this.#spilled === undefined;
  }

  add(key: Key, row: Row): void {
    if (this.#spilled === undefined && this.#hold.take(sizeOf(row) + ENTRY + keySize(key))) {
      const bucket = this.#buckets.get(key);
      if (bucket === undefined) this.#buckets.set(key, [{ row, matched: false }]);
      else bucket.push({ row, matched: false });
      return;
    }
    this.#spilled ??= spillOf(this.#context).keyed();
    this.#spilled.add(key, row);
  }

  of(key: Key | undefined): Iterable<Kept> {
    if (key === undefined) return NONE;
    const bucket = this.#buckets.get(key) ?? NONE;
    return this.#spilled === undefined ? bucket : this.#both(bucket, key, this.#spilled);
  }

  /** Is it in memory? For those who put a key in once at most of the time. */
  held(key: Key): boolean {
    return this.#buckets.has(key);
  }

  has(key: Key): boolean {
    if (this.#buckets.has(key)) return true;
    if (this.#spilled === undefined) return false;
    for (const _row of this.#spilled.of(key)) return true;
    return false;
  }

  *#both(bucket: readonly Kept[], key: Key, spilled: SpilledKeys): Iterable<Kept> {
    yield* bucket;
    for (const { place, row } of spilled.of(key)) {
      const kept = { row, matched: false };
      yield kept;
      if (kept.matched) this.#mark(place);
    }
  }

  /** Rows that have found no partner. */
  *unmatched(): Iterable<Row> {
    for (const bucket of this.#buckets.values())
      for (const { row, matched } of bucket) if (!matched) yield row;
    for (const { place, row } of this.#spilled?.rows() ?? [])
      if (((this.#matched[place >> 3] ?? 0) & (1 << (place & 7))) === 0) yield row;
  }

  #mark(place: number): void {
    const byte = place >> 3;
    if (byte >= this.#matched.length) {
      const larger = new Uint8Array(Math.max(1024, 2 * byte));
      larger.set(this.#matched);
      this.#matched = larger;
    }
    this.#matched[byte] = (this.#matched[byte] ?? 0) | (1 << (place & 7));
  }

  free(): void {
    this.#hold.free();
    this.#buckets.clear();
  }
}

export const keySize = (key: Key): number => (typeof key === 'string' ? 16 + key.length : 16);
