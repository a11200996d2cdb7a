import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../../../../src/foundation/clock.ts';
import type { Catalog, Column, Index, Table } from '../../../../../src/lab/sqlserver/catalog/schema.ts';
import { openStore, type StoreOptions } from '../../../../../src/lab/sqlserver/storage/open.ts';
import type { Store, StoredRow, Transaction } from '../../../../../src/lab/sqlserver/storage/store.ts';
import type { SqlType, Value } from '../../../../../src/lab/sqlserver/values/types.ts';

export function temporaryFile(name = 'store.db'): string {
  const directory = mkdtempSync(join(tmpdir(), 'store-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, name);
}

export function newStore(options: Partial<StoreOptions> = {}): Store {
  const store = openStore({
    file: temporaryFile(),
    clock: systemClock,
    databaseId: 5,
    kind: 'user',
    ...options,
  });
  onTestFinished(() => store.close());
  return store;
}

export function column(id: number, type: SqlType, more: Partial<Column> = {}): Column {
  return {
    id,
    name: `c${id}`,
    type,
    nullable: true,
    rowguid: false,
    sparse: false,
    features: {},
    ...more,
  };
}

export function index(id: number, columns: readonly number[], more: Partial<Index> = {}): Index {
  return {
    id,
    name: `i${id}`,
    unique: false,
    clustered: id === 1,
    columns: columns.map(each => ({ column: Math.abs(each), descending: each < 0, included: false })),
    disabled: false,
    fillFactor: 0,
    ...more,
  };
}

export function table(
  columns: readonly Column[],
  indexes: readonly Index[],
  more: Partial<Table> = {},
): Table {
  return {
    id: 1001,
    schemaId: 1,
    name: 'T',
    created: 0,
    modified: 0,
    shipped: false,
    columns,
    keys: [],
    indexes,
    foreignKeys: [],
    checks: [],
    storeId: 0,
    published: false,
    features: {},
    ...more,
  };
}

export function withTable(catalog: Catalog, table: Table): Catalog {
  return {
    ...catalog,
    tables: new Map([...catalog.tables, [table.id, table]]),
    byName: new Map([...catalog.byName, [`dbo.${table.name.toLowerCase()}`, table.id]]),
  };
}

/** Defines a table in the transaction. */
export function defineTable(transaction: Transaction, shape: Table): Table {
  const made = { ...shape, storeId: transaction.createPhysical(shape) };
  transaction.define(catalog => withTable(catalog, made));
  return made;
}

export function createTable(store: Store, shape: Table): Table {
  const transaction = store.begin(1, { snapshot: false });
  const made = defineTable(transaction, shape);
  transaction.commit();
  return made;
}

/** Another definition of a table that is there. */
export function redefine(store: Store, shape: Table): Table {
  const transaction = store.begin(1, { snapshot: false });
  transaction.define(catalog => withTable(catalog, shape));
  transaction.commit();
  return shape;
}

export function begin(store: Store, session = 1, snapshot = false): Transaction {
  return store.begin(session, { snapshot });
}

export function insertAll(store: Store, into: Table, rows: readonly (readonly Value[])[]): number[] {
  const transaction = begin(store);
  const rids = rows.map(row => transaction.insert(into, row));
  transaction.commit();
  return rids;
}

export const valuesOf = (rows: Iterable<StoredRow>): (readonly Value[])[] => [...rows].map(row => row.values);

/** All committed rows. */
export function committed(store: Store, of: Table): (readonly Value[])[] {
  const snapshot = store.snapshot();
  try {
    return valuesOf(snapshot.scan(of));
  } finally {
    snapshot.close();
  }
}

/** Rows of a table as a transaction sees them. */
export function seen(transaction: Transaction, of: Table): (readonly Value[])[] {
  const view = transaction.view();
  try {
    return valuesOf(view.scan(of));
  } finally {
    view.close();
  }
}
