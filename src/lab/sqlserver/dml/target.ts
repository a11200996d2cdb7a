import { findSchema, resolveObject } from '../catalog/find.ts';
import type { StoredModule, Table } from '../catalog/schema.ts';
import { isTemporary } from '../catalog/temporary.ts';
import { SqlError, unsupported } from '../errors.ts';
import type { Execution } from '../flow/execution.ts';
import type { Database } from '../server/instance.ts';
import type { Name } from '../syntax/names.ts';
import { splitName } from '../syntax/parse.ts';
import { type Written, writtenTo } from './changes.ts';
import { compileFault } from './faults.ts';

/** What INSERT, TRUNCATE or a bulk load names. */
export type Named =
  | { readonly kind: 'table'; readonly database: Database; readonly table: Table }
  | { readonly kind: 'variable'; readonly name: string; readonly table: Table }
  | { readonly kind: 'view'; readonly database: Database; readonly view: StoredModule };

/** @throws SqlError 208, 911, 259, 286, 1087 */
export function namedTarget(name: Name, execution: Execution, line: number): Named {
  const { scope } = execution;
  const own = name.at(-1) ?? '';
  if (name.length === 1 && own.startsWith('@')) {
    const table = scope.rowSet(own);
    if (table) return { kind: 'variable', name: own.toLowerCase(), table };
    throw compileFault(1087, `Must declare the table variable "${own}".`, line);
  }
  if (name.length === 1 && scope.rowSet(own))
    throw compileFault(286, 'The logical tables INSERTED and DELETED cannot be updated.', line);
  if (name.length > 3) throw unsupported(`a change on a linked server (${name.join('.')})`, line);
  const database = databaseOf(name, execution, line);
  if (isTemporary(own)) {
    const table = scope.temporary(own);
    if (table) return { kind: 'table', database, table };
    throw noObject(name, line);
  }
  const catalog = scope.catalogOf(database);
  const schema = name.at(-2) ?? '';
  const system = findSchema(catalog, schema)?.name.toLowerCase();
  if (system === 'sys' || system === 'information_schema')
    throw new SqlError(259, 'Ad hoc updates to system catalogs are not allowed.', { line });
  const found = resolveObject(catalog, name, database === scope.database ? scope.defaultSchema : 'dbo');
  if (found?.kind === 'table') return { kind: 'table', database, table: found.object };
  if (found?.kind === 'module' && found.object.type === 'V')
    return { kind: 'view', database, view: found.object };
  if (found?.kind === 'synonym') return namedTarget(splitName(found.object.target), execution, line);
  throw noObject(name, line);
}

export const noObject = (name: Name, line: number): SqlError =>
  compileFault(208, `Invalid object name '${name.join('.')}'.`, line);

function databaseOf(name: Name, execution: Execution, line: number): Database {
  const { scope } = execution;
  const written = isTemporary(name.at(-1) ?? '') ? 'tempdb' : (name.at(-3) ?? '');
  if (written === '') return scope.database;
  const database = scope.instance.databases.get(written.toLowerCase());
  if (database) return database;
  throw noObject(name, line);
}

/** What an INSERT writes to, where it is no view; asks for the permission. */
export function writtenTarget(
  named: Exclude<Named, { readonly kind: 'view' }>,
  execution: Execution,
): Written {
  if (named.kind === 'variable')
    return writtenTo(execution.scope.database, named.table, named.name, execution);
  execution.scope.permit('INSERT', named.database, named.table.id);
  return writtenTo(named.database, named.table, undefined, execution);
}

/** @throws SqlError 259 for a view of the system, 286 for `inserted` and `deleted` */
export function requireNotSystem(name: Name, execution: Execution, line: number): void {
  const schema = name.at(-2)?.toLowerCase();
  if (schema === 'sys' || schema === 'information_schema')
    throw new SqlError(259, 'Ad hoc updates to system catalogs are not allowed.', { line });
  const own = name.at(-1) ?? '';
  if (name.length === 1 && !own.startsWith('@') && execution.scope.rowSet(own))
    throw compileFault(286, 'The logical tables INSERTED and DELETED cannot be updated.', line);
}
