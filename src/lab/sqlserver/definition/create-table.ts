import { newObjectId, putTable } from '../catalog/edit.ts';
import type { Table } from '../catalog/schema.ts';
import { shownTemporaryName } from '../catalog/temporary.ts';
import { unsupported } from '../errors.ts';
import type { Execution } from '../flow/execution.ts';
import type { Scope } from '../query/scope.ts';
import type { Database } from '../server/instance.ts';
import type { ResultColumn } from '../server/replies.ts';
import type { DefinitionStatement } from '../syntax/definitions.ts';
import type { Name } from '../syntax/names.ts';
import type { TableShape } from '../syntax/statements.ts';
import { addParts } from './build.ts';
import { buildingFor } from './building.ts';
import { type Building, newDraft, tableOf } from './draft.ts';
import { fault } from './faults.ts';
import { defining, type Place, placeOf, requireFree, writableStore } from './place.ts';

type CreateTable = Extract<DefinitionStatement, { readonly statement: 'create-table' }>;

export function createTable(statement: CreateTable, execution: Execution): void {
  requireKnownOptions(statement);
  const place = placeOf(statement.name, execution, statement.line);
  const { database } = place;
  const transaction = defining(database, execution);
  const { catalog } = transaction;
  const shown = shownTemporaryName(place.name);
  requireFree(catalog, place, statement.line, shown);
  const building = buildingFor(place, catalog, execution);
  const draft = newDraft(building.newId(), place.schemaId, place.name, shown);
  addParts(draft, statement.shape, true, building);
  store(place, tableOf(draft, building.now), execution);
}

/** Storage clauses change nothing that can be seen; a clause that would is refused. */
function requireKnownOptions(statement: CreateTable): void {
  for (const option of statement.options)
    if (!/^(ON|TEXTIMAGE_ON|FILESTREAM_ON|DATA_COMPRESSION)\b/i.test(option))
      throw unsupported(`the table option ${option}`, statement.line);
}

/** Puts a new table into the catalog, with an empty physical table behind it. */
function store(place: Place, table: Table, execution: Execution): Table {
  const transaction = execution.transaction(place.database);
  const stored = { ...table, storeId: transaction.createPhysical(table) };
  transaction.define(catalog => putTable(catalog, stored));
  return stored;
}

/**
 * The table of a DECLARE @t TABLE, a table type or a table function's result: in no catalog and without rows of its own.
 *
 * @param now milliseconds since the epoch
 */
export function tableFromShape(name: string, shape: TableShape, scope: Scope, now: number): Table {
  const { database } = scope;
  const catalog = scope.catalogOf(database);
  let ids = 0;
  const building: Building = {
    scope,
    database,
    catalog,
    schema: '',
    now,
    newId: () => newObjectId(catalog, ids++),
    nameTaken: () => false,
    note: () => {},
    foreignKeys: 'refused',
  };
  const draft = newDraft(building.newId(), 1, name, name);
  addParts(draft, shape, true, building);
  return tableOf(draft, now);
}

/**
 * Makes the table of `SELECT … INTO` from the columns of its result: types, nullability and the identity property go over,
 * keys and defaults do not.
 *
 * @throws SqlError 2714, 1038 for a column without a name, 2705
 */
export function tableFromColumns(
  name: Name,
  columns: readonly ResultColumn[],
  execution: Execution,
  line = 1,
): { readonly database: Database; readonly table: Table } {
  const place = placeOf(name, execution, line);
  const transaction = defining(place.database, execution);
  const shown = shownTemporaryName(place.name);
  requireFree(transaction.catalog, place, line, shown);
  const draft = newDraft(writableStore(place.database).nextObjectId(), place.schemaId, place.name, shown);
  columns.forEach((column, at) => {
    requireName(columns, column, at, shown, line);
    draft.columns.push({
      id: at + 1,
      name: column.name,
      // A rowversion is copied as the binary(8) it was: a new table has none of its own.
      type: column.type.kind === 'rowversion' ? { kind: 'binary', length: 8 } : column.type,
      nullable: column.nullable,
      ...(column.identity ? { identity: { seed: 1n, increment: 1n, notForReplication: false } } : {}),
      rowguid: false,
      sparse: false,
      features: {},
    });
  });
  draft.lastColumn = columns.length;
  const { now } = execution.evaluation;
  return { database: place.database, table: store(place, tableOf(draft, now), execution) };
}

function requireName(
  columns: readonly ResultColumn[],
  column: ResultColumn,
  at: number,
  shown: string,
  line: number,
): void {
  if (column.name === '')
    throw fault(
      1038,
      'An object or column name is missing or empty. For SELECT INTO statements, verify each column has a name. For other statements, look for empty alias names. Aliases defined as "" or [] are not allowed. Change the alias to a valid name.',
      line,
      5,
    );
  const before = columns.slice(0, at);
  if (before.some(other => other.name.toLowerCase() === column.name.toLowerCase()))
    throw fault(
      2705,
      `Column names in each table must be unique. Column name '${column.name}' in table '${shown}' is specified more than once.`,
      line,
      3,
    );
}
