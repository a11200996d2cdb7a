import type { Table } from '../catalog/schema.ts';
import type { Value } from '../values/types.ts';
import { accessOf, type Fills, type IndexAccess, type KeyName, NO_FILLS, type Values } from './access.ts';
import type { StoredRow } from './store.ts';

/** What a transaction has made of one row. */
export interface Entry {
  /** The definition that the values are laid out by. */
  readonly table: Table;
  /** The committed row, undefined for a new one. */
  readonly before: Values | undefined;
  /** null where the row is deleted. */
  readonly after: Values | null;
  /** Which of the overlay's rows it was, in the order in which they were first touched. */
  readonly touched: number;
  /** Counts the overlay's writes. */
  readonly written: number;
}

/** One write, in the order of the writes: undone backwards, captured forwards. */
export interface Write extends Entry {
  readonly rid: number;
  /** What the transaction had made of the row before; undefined where it had not touched it. */
  readonly previous: Entry | undefined;
  readonly context: Uint8Array | undefined;
  /** Of a definition, not of data. */
  readonly relayout: boolean;
}

/** The row as it was before a write. */
export function beforeOf(write: Write): Values | null {
  const { previous } = write;
  if (!previous) return write.before ?? null;
  return previous.after && relaid(previous.after, previous.table, write.table, NO_FILLS);
}

/** Rows of a physical table that a transaction has written; by the key of an index where somebody seeks in them. */
export class Overlay {
  readonly entries = new Map<number, Entry>();
  /** Committed rows that the transaction has changed or deleted. */
  readonly replaced = new Set<number>();
  /** Columns added by the transaction. */
  fills: Fills = NO_FILLS;
  /** Rows touched so far; grows. */
  touched = 0;
  written = 0;
  readonly #byKey = new Map<IndexAccess, Named>();

  set(rid: number, entry: Entry | undefined): void {
    const previous = this.entries.get(rid);
    for (const [access, names] of this.#byKey) {
      if (previous?.after) removeName(names, access.nameOf(this.#laidOut(previous, access)), rid);
      if (entry?.after) addName(names, access.nameOf(this.#laidOut(entry, access)), rid);
    }
    if (entry) {
      this.entries.set(rid, entry);
      if (entry.before && !previous) this.replaced.add(rid);
    } else {
      this.entries.delete(rid);
      this.replaced.delete(rid);
    }
  }

  #laidOut(entry: Entry, access: IndexAccess): Values {
    return entry.after ? relaid(entry.after, entry.table, access.table, this.fills) : [];
  }

  /** The transaction's rows as `table` lays them out. */
  *rows(table: Table): Generator<StoredRow, void, undefined> {
    for (const [rid, { after, table: from }] of this.entries) {
      if (after) yield { rid, values: relaid(after, from, table, this.fills) };
    }
  }

  row(table: Table, rid: number): StoredRow | undefined {
    const entry = this.entries.get(rid);
    return entry?.after ? { rid, values: relaid(entry.after, entry.table, table, this.fills) } : undefined;
  }

  /** Rows with a whole key. */
  *withKey(table: Table, indexId: number, key: Values): Generator<StoredRow, void, undefined> {
    const access = accessOf(table).index(indexId);
    let names = this.#byKey.get(access);
    if (!names) {
      names = new Map();
      for (const { rid, values } of this.rows(table)) addName(names, access.nameOf(values), rid);
      this.#byKey.set(access, names);
    }
    const found = names.get(access.nameOfKey(key)) ?? NOBODY;
    for (const rid of typeof found === 'number' ? [found] : found) {
      const row = this.row(table, rid);
      if (row) yield row;
    }
  }
}

/** Most keys have one row: a set for each of them would cost more than the row. */
type Named = Map<KeyName, number | Set<number>>;
const NOBODY: ReadonlySet<number> = new Set();

function addName(names: Named, name: KeyName, rid: number): void {
  const rids = names.get(name);
  if (rids === undefined) names.set(name, rid);
  else if (typeof rids === 'number') names.set(name, new Set([rids, rid]));
  else rids.add(rid);
}

function removeName(names: Named, name: KeyName, rid: number): void {
  const rids = names.get(name);
  if (rids === rid) names.delete(name);
  else if (rids !== undefined && typeof rids !== 'number') rids.delete(rid);
}

/** Values of one definition of a table as another one lays them out. */
export function relaid(values: Values, from: Table, to: Table, fills: Fills): Values {
  if (from === to || from.columns === to.columns) return values;
  const places = new Map(from.columns.map((column, place) => [column.id, place]));
  return to.columns.map((column): Value => {
    const place = places.get(column.id);
    return place === undefined ? (fills.get(column.id) ?? null) : (values[place] ?? null);
  });
}
