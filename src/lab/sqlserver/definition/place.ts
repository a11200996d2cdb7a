import { findObject, findSchema, resolveObject, schemaName } from '../catalog/find.ts';
import type { Catalog, StoredModule, Table } from '../catalog/schema.ts';
import { isTemporary, temporaryName } from '../catalog/temporary.ts';
import { SqlError, unsupported } from '../errors.ts';
import type { Execution } from '../flow/execution.ts';
import type { Scope } from '../query/scope.ts';
import type { Database } from '../server/instance.ts';
import { requireWritable } from '../server/online.ts';
import type { Store, Transaction } from '../storage/store.ts';
import type { Name } from '../syntax/names.ts';

/** Where a new object goes. */
export interface Place {
  readonly database: Database;
  readonly schemaId: number;
  readonly schema: string;
  /** The inner name of a temporary table. */
  readonly name: string;
}

/** The database that a name means, as far as it names one; @throws SqlError 911, 7202. */
export function databaseOf(name: Name, scope: Scope, line: number): Database {
  if (name.length > 3) throw unsupported(`a change on a linked server (${name.join('.')})`, line);
  if (isTemporary(name.at(-1) ?? '')) return temporaryDatabase(scope);
  const database = name.at(-3) ?? '';
  return database === '' ? scope.database : databaseNamed(database, scope, line);
}

function temporaryDatabase(scope: Scope): Database {
  return databaseNamed('tempdb', scope, 1);
}

function databaseNamed(name: string, scope: Scope, line: number): Database {
  const database = scope.instance.databases.get(name.toLowerCase());
  if (database) return database;
  throw new SqlError(
    911,
    `Database '${name}' does not exist. Make sure that the name is entered correctly.`,
    { line },
  );
}

/** @throws SqlError 3906 where nothing may be written, 927 and 942 where the database is not open. */
export function writableStore(database: Database): Store {
  requireWritable(database);
  if (database.store) return database.store;
  throw new SqlError(942, `Database '${database.name}' cannot be opened because it is offline.`, {
    severity: 14,
    state: 4,
  });
}

/** The transaction of a definition, with the schema lock of its database in its hand. */
export function defining(database: Database, execution: Execution): Transaction {
  writableStore(database);
  const transaction = execution.transaction(database);
  transaction.define(catalog => catalog);
  return transaction;
}

/** @throws SqlError 2760 for a schema that is not there */
export function placeOf(name: Name, execution: Execution, line: number): Place {
  const { scope } = execution;
  const database = databaseOf(name, scope, line);
  const own = name.at(-1) ?? '';
  const temporary = isTemporary(own);
  const written = name.at(-2) ?? '';
  const wanted = temporary ? 'dbo' : written === '' ? scope.defaultSchema : written;
  const schema = findSchema(scope.catalogOf(database), wanted);
  if (!schema || schema.id === 3 || schema.id === 4)
    throw new SqlError(
      2760,
      `The specified schema name "${wanted}" either does not exist or you do not have permission to use it.`,
      { line },
    );
  const { session } = execution.evaluation;
  return {
    database,
    schemaId: schema.id,
    schema: schema.name,
    name: temporary ? temporaryName(own, session.id, session.nestLevel) : own,
  };
}

/** Is the name free; constraints have their names in the same space. @throws SqlError 2714 */
export function requireFree(
  catalog: Catalog,
  place: Pick<Place, 'schema' | 'name'>,
  line: number,
  shown = place.name,
): void {
  if (findObject(catalog, place.schema, place.name) || namedConstraint(catalog, place.schema, place.name))
    throw new SqlError(2714, `There is already an object named '${shown}' in the database.`, {
      state: 6,
      line,
    });
}

function namedConstraint(catalog: Catalog, schema: string, name: string): boolean {
  const wanted = name.toLowerCase();
  for (const table of catalog.tables.values()) {
    if (schemaName(catalog, table.schemaId).toLowerCase() !== schema.toLowerCase()) continue;
    const named = [
      ...table.keys,
      ...table.foreignKeys,
      ...table.checks,
      ...table.columns.flatMap(column => column.default ?? []),
    ];
    if (named.some(constraint => constraint.name.toLowerCase() === wanted)) return true;
  }
  return false;
}

/** A table as the transaction sees it, or undefined; `#t` is looked for in tempdb. */
export function tableNamed(
  name: Name,
  scope: Scope,
  line: number,
): { readonly database: Database; readonly table: Table } | undefined {
  const found = objectNamed(name, scope, line);
  return found?.table && { database: found.database, table: found.table };
}

export interface FoundObject {
  readonly database: Database;
  readonly catalog: Catalog;
  readonly table?: Table;
  readonly module?: StoredModule;
  readonly synonym?: string;
  readonly sequence?: number;
}

export function objectNamed(name: Name, scope: Scope, line: number): FoundObject | undefined {
  const database = databaseOf(name, scope, line);
  const catalog = scope.catalogOf(database);
  const own = name.at(-1) ?? '';
  if (isTemporary(own)) {
    const table = scope.temporary(own);
    return table && { database, catalog, table: catalog.tables.get(table.id) ?? table };
  }
  const found = resolveObject(catalog, name, database === scope.database ? scope.defaultSchema : 'dbo');
  switch (found?.kind) {
    case undefined:
      return undefined;
    case 'table':
      return { database, catalog, table: found.object };
    case 'module':
      return { database, catalog, module: found.object };
    case 'synonym':
      return { database, catalog, synonym: found.object.target };
    case 'sequence':
      return { database, catalog, sequence: found.object.id };
  }
}

/** A name as errors write it: its parts with dots between. */
export const written = (name: Name): string => name.filter(part => part !== '').join('.');
