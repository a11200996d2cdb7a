import { sameName } from '../catalog/find.ts';
import type { Catalog, Check, Column, ForeignKey, Index, Key, Table } from '../catalog/schema.ts';
import type { Scope } from '../query/scope.ts';
import type { Database } from '../server/instance.ts';
import { fault } from './faults.ts';

/** A table while a statement makes or changes it. */
export interface Draft {
  readonly id: number;
  readonly schemaId: number;
  readonly name: string;
  /** As errors and system names have it: `#t` for a temporary table. */
  readonly shown: string;
  columns: Column[];
  keys: Key[];
  indexes: Index[];
  foreignKeys: ForeignKey[];
  checks: Check[];
  /** The highest column_id that a column of the table ever had. */
  lastColumn: number;
  readonly from: Table | undefined;
}

/** What the making of tables needs besides the shape. */
export interface Building {
  readonly scope: Scope;
  readonly database: Database;
  readonly catalog: Catalog;
  /** Schema of the table. */
  readonly schema: string;
  readonly now: number;
  /** A new object id at each call. */
  readonly newId: () => number;
  /** Has an object of the table's schema this name already. */
  readonly nameTaken: (name: string) => boolean;
  /** An informational message. */
  readonly note: (text: string, number: number) => void;
  /** Foreign keys are not kept (temporary tables), or not even allowed (table variables). */
  readonly foreignKeys: 'kept' | 'skipped' | 'refused';
}

const LAST_COLUMN = 'max_column_id_used';

export const newDraft = (id: number, schemaId: number, name: string, shown: string): Draft => ({
  id,
  schemaId,
  name,
  shown,
  columns: [],
  keys: [],
  indexes: [],
  foreignKeys: [],
  checks: [],
  lastColumn: 0,
  from: undefined,
});

export const draftOf = (table: Table, shown: string): Draft => ({
  id: table.id,
  schemaId: table.schemaId,
  name: table.name,
  shown,
  columns: [...table.columns],
  keys: [...table.keys],
  indexes: [...table.indexes],
  foreignKeys: [...table.foreignKeys],
  checks: [...table.checks],
  lastColumn: Number(table.features[LAST_COLUMN] ?? Math.max(0, ...table.columns.map(column => column.id))),
  from: table,
});

export function tableOf(draft: Draft, now: number): Table {
  const { from } = draft;
  return {
    id: draft.id,
    schemaId: draft.schemaId,
    name: draft.name,
    created: from?.created ?? now,
    modified: now,
    shipped: from?.shipped ?? false,
    columns: draft.columns,
    keys: draft.keys,
    indexes: draft.indexes,
    foreignKeys: draft.foreignKeys,
    checks: draft.checks,
    storeId: from?.storeId ?? 0,
    ...(from?.changeTracking ? { changeTracking: from.changeTracking } : {}),
    published: from?.published ?? false,
    features: { ...from?.features, [LAST_COLUMN]: draft.lastColumn },
  };
}

export const draftColumn = (draft: Draft, name: string): Column | undefined =>
  draft.columns.find(column => sameName(column.name, name));

/** @throws SqlError 1911 */
export function indexedColumn(draft: Draft, name: string, line: number): Column {
  const column = draftColumn(draft, name);
  if (column) return column;
  throw fault(1911, `Column name '${name}' does not exist in the target table or view.`, line);
}

export function replaceColumn(draft: Draft, column: Column): void {
  draft.columns = draft.columns.map(other => (other.id === column.id ? column : other));
}

/** 1 for a clustered index, the lowest free id from 2 for another. */
export function newIndexId(draft: Draft, clustered: boolean): number {
  if (clustered) return 1;
  let id = 2;
  while (draft.indexes.some(index => index.id === id)) id += 1;
  return id;
}
