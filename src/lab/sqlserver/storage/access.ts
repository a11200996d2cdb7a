import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';
import type { Index, Table } from '../catalog/schema.ts';
import { comparator, comparisonKey } from '../values/index.ts';
import type { SqlType, Value } from '../values/types.ts';
import { columnOf, indexedName, keyColumns, type Shape, tableName } from './physical.ts';
import {
  encoder,
  isVirtual,
  type Marks,
  ordersNatively,
  rowDecoder,
  shadowEncoder,
  sqlLiteral,
} from './row-codec.ts';
import type { StoredRow } from './store.ts';

export type Values = readonly Value[];
/** Equal keys are the same in a Map; null is the key of one column that is NULL. */
export type KeyName = string | number | bigint | null;

export interface KeyPart {
  /** Place in `Table.columns`. */
  readonly place: number;
  /** Column of the SQLite table that the index holds. */
  readonly name: string;
  readonly descending: boolean;
  /** NULL comes first. */
  readonly compare: (left: Value, right: Value) => number;
  readonly encode: (value: Value) => SQLInputValue;
  readonly keyName: (value: Value) => KeyName;
}

export interface IndexAccess {
  readonly table: Table;
  readonly index: Index;
  readonly parts: readonly KeyPart[];
  /** In the order of the index; rows that are equal in it are in the order of their rid. */
  readonly compareRows: (left: StoredRow, right: StoredRow) => number;
  /** Name of a row's key. */
  readonly nameOf: (values: Values) => KeyName;
  /** Name of a key, or of the leading part of one. */
  readonly nameOfKey: (key: Values) => KeyName;
}

interface Select {
  readonly shape: Shape;
  readonly fills: Fills;
  readonly text: string;
}

/** Places of columns that are wanted. */
export type Places = ReadonlySet<number>;

/** What a definition of a table means for the file: made once a definition. */
export class TableAccess {
  readonly table: Table;
  readonly clustered: IndexAccess | undefined;
  readonly unique: readonly IndexAccess[];
  /** Place of the rowversion column, -1 without one. */
  readonly rowVersionPlace: number;
  readonly #indexes = new Map<number, IndexAccess>();
  readonly #decoders: ((row: SQLOutputValue[]) => Value[])[] = [];
  #select: Select | undefined;
  readonly #partial = new WeakMap<Places, Select>();

  constructor(table: Table) {
    this.table = table;
    this.rowVersionPlace = table.columns.findIndex(column => column.type.kind === 'rowversion');
    for (const index of table.indexes) {
      if (!index.disabled && keyColumns(index).length > 0)
        this.#indexes.set(index.id, indexAccess(table, index));
    }
    const indexes = [...this.#indexes.values()];
    this.clustered = indexes.find(({ index }) => index.clustered);
    this.unique = indexes.filter(({ index }) => index.unique);
  }

  index(id: number): IndexAccess {
    const access = this.#indexes.get(id);
    if (!access) throw new Error(`${this.table.name} has no index ${id} to read by`);
    return access;
  }

  /** `SELECT` of all columns in the table's order, NULL for those not wanted, and the rid behind them. */
  select(shape: Shape, fills: Fills, places?: Places): string {
    const known = places ? this.#partial.get(places) : this.#select;
    if (known?.shape === shape && known.fills === fills) return known.text;
    const columns = this.table.columns.map((column, place) => {
      if (isVirtual(column) || places?.has(place) === false) return 'NULL';
      if (shape.columns.has(column.id)) return `c${column.id}`;
      const fill = encoder(column.type, { wide: false, odd: false })(fills.get(column.id) ?? null);
      return sqlLiteral(fill) ?? 'NULL';
    });
    const text = `SELECT ${[...columns, 'rid'].join(', ')} FROM ${tableName(shape.storeId)}`;
    const made = { shape, fills, text };
    if (places) this.#partial.set(places, made);
    else this.#select = made;
    return text;
  }

  /** The row array that SQLite gave becomes the row's values. */
  decode(row: SQLOutputValue[], marks: Marks): StoredRow {
    const kind = (marks.wide ? 1 : 0) + (marks.odd ? 2 : 0);
    let decode = this.#decoders[kind];
    if (!decode) {
      decode = rowDecoder(this.table.columns, { ...marks });
      this.#decoders[kind] = decode;
    }
    const rid = Number(row.pop());
    return { rid, values: decode(row) };
  }
}

/** Values of columns that a transaction has added and not committed. */
export type Fills = ReadonlyMap<number, Value>;
export const NO_FILLS: Fills = new Map();

const accesses = new WeakMap<Table, TableAccess>();

export function accessOf(table: Table): TableAccess {
  let access = accesses.get(table);
  if (!access) {
    access = new TableAccess(table);
    accesses.set(table, access);
  }
  return access;
}

function indexAccess(table: Table, index: Index): IndexAccess {
  const parts = keyColumns(index).map(({ column, descending }): KeyPart => {
    const { type } = columnOf(table, column);
    return {
      place: table.columns.findIndex(each => each.id === column),
      name: indexedName(table, column),
      descending,
      compare: nullsFirst(plainComparator(type)),
      encode: shadowEncoder(type),
      keyName: keyNamer(type),
    };
  });
  const nameOf = (valueAt: (part: KeyPart, n: number) => Value, count: number): KeyName => {
    const [first] = parts;
    if (parts.length === 1 && first && count === 1) return first.keyName(valueAt(first, 0));
    let name = '';
    for (let n = 0; n < count; n++) {
      const part = parts[n];
      if (part) name += tagged(part.keyName(valueAt(part, n)));
    }
    return name;
  };
  return {
    table,
    index,
    parts,
    compareRows: (left, right) => {
      for (const { place, compare, descending } of parts) {
        const order = compare(left.values[place] ?? null, right.values[place] ?? null);
        if (order !== 0) return descending ? -order : order;
      }
      return left.rid - right.rid;
    },
    nameOf: values => nameOf(part => values[part.place] ?? null, parts.length),
    nameOfKey: key => nameOf((_, n) => key[n] ?? null, key.length),
  };
}

/** Parts of a key can not run into one another. */
function tagged(name: KeyName): string {
  if (name === null) return '-';
  return typeof name === 'string'
    ? `s${name.length}:${name}`
    : `${typeof name === 'number' ? 'n' : 'b'}${name};`;
}

function nullsFirst(compare: (left: Value, right: Value) => number): (left: Value, right: Value) => number {
  return (left, right) => {
    if (left === null) return right === null ? 0 : -1;
    return right === null ? 1 : compare(left, right);
  };
}

/** Numbers without the way through the collations. */
function plainComparator(type: SqlType): (left: Value, right: Value) => number {
  if (!ordersNatively(type)) return comparator(type);
  return (left, right) => (lower(left, right) ? -1 : lower(right, left) ? 1 : 0);
}

function lower(left: Value, right: Value): boolean {
  if (left === null || right === null || typeof left === 'object' || typeof right === 'object') return false;
  return left < right;
}

function keyNamer(type: SqlType): (value: Value) => KeyName {
  if (!ordersNatively(type)) {
    const key = comparisonKey(type);
    return value => (value === null ? null : key(value));
  }
  return value => {
    if (typeof value === 'number' || typeof value === 'bigint') return value === 0 ? 0 : value;
    if (value === null) return null;
    throw new TypeError(`a key of ${type.kind} is no number`);
  };
}
