import type { SQLInputValue } from 'node:sqlite';
import type { Table } from '../catalog/schema.ts';
import { accessOf, type Values } from './access.ts';
import type { Connection } from './connection.ts';
import { type Overlay, relaid } from './overlay.ts';
import { columnOf, type Facts, type Shape, tableName } from './physical.ts';
import { encoder, shadowEncoder } from './row-codec.ts';
import type { StoredRow } from './store.ts';

/** Rows that come late in the order of their rids and are looked up to see whether they still fit between their neighbours. */
const LATE_ROWS = 64;

interface Place {
  readonly name: string;
  readonly place: number;
  readonly encode: (value: Values[number]) => SQLInputValue;
}

/** Writes rows into one physical table, inside the SQLite transaction of a commit. */
export class RowWriter {
  readonly #connection: Connection;
  readonly #table: Table;
  readonly #facts: Facts;
  readonly #places: readonly Place[];
  readonly #name: string;
  /** What becomes of the facts when the commit succeeds. */
  rows: number;
  ascending: boolean;
  #last: StoredRow | undefined;
  #late = 0;

  constructor(connection: Connection, table: Table, shape: Shape) {
    const { facts } = shape;
    this.#connection = connection;
    this.#table = table;
    this.#facts = facts;
    this.#name = tableName(shape.storeId);
    this.rows = facts.rows;
    this.ascending = facts.ascending;
    const places: Place[] = [];
    table.columns.forEach((column, place) => {
      if (!shape.columns.has(column.id)) return;
      places.push({ name: `c${column.id}`, place, encode: encoder(column.type, facts) });
    });
    for (const id of shape.shadows) {
      const place = table.columns.findIndex(column => column.id === id);
      // The column of a shadow may have been dropped since.
      if (place < 0) continue;
      places.push({ name: `k${id}`, place, encode: shadowEncoder(columnOf(table, id).type) });
    }
    this.#places = places;
    if (this.ascending && this.#clustered) this.#last = this.#neighbour('<=', Number.MAX_SAFE_INTEGER);
  }

  get #clustered() {
    return accessOf(this.#table).clustered;
  }

  write(overlay: Overlay): void {
    const names = this.#places.map(({ name }) => name);
    const insert = `INSERT INTO ${this.#name}(${['rid', ...names].join(', ')}) VALUES(${['?', ...names.map(() => '?')].join(', ')})`;
    const update = `UPDATE ${this.#name} SET ${names.map(name => `${name} = ?`).join(', ')} WHERE rid = ?`;
    const inserting = this.#connection.borrow(insert);
    const updating = this.#connection.borrow(update);
    for (const [rid, { table, before, after }] of overlay.entries) {
      if (!after) {
        if (before) this.remove(rid);
        continue;
      }
      const values = relaid(after, table, this.#table, overlay.fills);
      if (before) {
        updating.run(...this.#encoded(values), rid);
        if (this.ascending) this.#moved(relaid(before, table, this.#table, overlay.fills), values);
      } else {
        inserting.run(rid, ...this.#encoded(values));
        this.rows++;
        if (this.ascending) this.#follow({ rid, values });
      }
    }
    this.#connection.giveBack(insert, inserting);
    this.#connection.giveBack(update, updating);
  }

  remove(rid: number): void {
    this.rows -= this.#connection.run(`DELETE FROM ${this.#name} WHERE rid = ?`, rid);
  }

  #encoded(values: Values): SQLInputValue[] {
    const encoded: SQLInputValue[] = [];
    for (const { place, encode } of this.#places) encoded.push(encode(values[place] ?? null));
    return encoded;
  }

  /** An update that changes the clustered key leaves the row where it is. */
  #moved(before: Values, after: Values): void {
    const clustered = this.#clustered;
    if (clustered && clustered.compareRows({ rid: 0, values: before }, { rid: 0, values: after }) !== 0) {
      this.ascending = false;
    }
  }

  #follow(row: StoredRow): void {
    const clustered = this.#clustered;
    if (!clustered) return;
    if (!this.#last || row.rid > this.#last.rid) {
      if (this.#last && clustered.compareRows(this.#last, row) > 0) this.ascending = false;
      this.#last = row;
      return;
    }
    // Committed after rows that were inserted later: right where it fits between its neighbours.
    this.#late++;
    const before = this.#neighbour('<', row.rid);
    const after = this.#neighbour('>', row.rid);
    const fits =
      (!before || clustered.compareRows(before, row) <= 0) &&
      (!after || clustered.compareRows(row, after) <= 0);
    if (!fits || this.#late > LATE_ROWS) this.ascending = false;
  }

  #neighbour(side: '<' | '<=' | '>', rid: number): StoredRow | undefined {
    const columns = this.#table.columns.map(column =>
      this.#places.some(({ name }) => name === `c${column.id}`) ? `c${column.id}` : 'NULL',
    );
    const row = this.#connection.first(
      `SELECT ${columns.join(', ')}, rid FROM ${this.#name} WHERE rid ${side} ? ORDER BY rid ${side === '>' ? '' : 'DESC'} LIMIT 1`,
      [rid],
      this.#facts.wide,
    );
    return row && accessOf(this.#table).decode(row, this.#facts);
  }
}
