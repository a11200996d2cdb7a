import { findObject, resolveObject, sameName, schemaName } from '../catalog/find.ts';
import type { Table } from '../catalog/schema.ts';
import { isTemporary } from '../catalog/temporary.ts';
import { SqlError } from '../errors.ts';
import type { Database } from '../server/instance.ts';
import type { Name } from '../syntax/names.ts';
import type { SessionStatement } from '../syntax/statements.ts';
import { enterDatabase } from './enter-database.ts';
import type { Runtime } from './runtime.ts';
import { setOptions } from './set-options.ts';

/** USE and SET. */
export async function runSessionStatement(runtime: Runtime, statement: SessionStatement): Promise<void> {
  switch (statement.statement) {
    case 'use':
      return enterDatabase(runtime, statement.database);
    case 'set-option':
      return setOptions(runtime, statement.options, statement.value);
    case 'set-identity-insert':
      return setIdentityInsert(runtime, statement.table, statement.on);
    case 'set-isolation':
      runtime.state.options.isolation = statement.level;
  }
}

interface Found {
  readonly database: Database;
  readonly table: Table;
}

/** @throws SqlError 1088, 8106, 8107 */
function setIdentityInsert(runtime: Runtime, name: Name, on: boolean): void {
  const { state } = runtime;
  const found = findTableNamed(runtime, name);
  if (!found)
    throw new SqlError(
      1088,
      `Cannot find the object "${name.filter(part => part !== '').join('.')}" because it does not exist or you do not have permissions.`,
      { state: 11, endsBatch: true },
    );
  const { database, table } = found;
  const shown = name.at(-1) ?? table.name;
  if (!table.columns.some(column => column.identity))
    throw new SqlError(
      8106,
      `Table '${shown}' does not have the identity property. Cannot perform SET operation.`,
    );
  const current = state.identityInsert;
  const same = current?.database === database && current.table === table.id;
  if (!on) {
    if (same) state.identityInsert = undefined;
    return;
  }
  if (current && !same && current.database.catalog.tables.has(current.table))
    throw new SqlError(
      8107,
      `IDENTITY_INSERT is already ON for table '${current.name}'. Cannot perform SET operation for table '${shown}'.`,
    );
  const schema = schemaName(database.catalog, table.schemaId);
  state.identityInsert = { database, table: table.id, name: `${database.name}.${schema}.${table.name}` };
}

/** A table by a name of up to three parts, as the session sees it. */
function findTableNamed(runtime: Runtime, name: Name): Found | undefined {
  const { scope, state } = runtime;
  const last = name.at(-1) ?? '';
  if (isTemporary(last)) {
    const table = scope.temporary(last);
    const database = state.instance.databases.get('tempdb');
    return table && database && { table, database };
  }
  const wanted = name.at(-3) ?? '';
  const database = wanted === '' ? scope.database : state.instance.databases.get(wanted.toLowerCase());
  if (!database) return undefined;
  const catalog = scope.catalogOf(database);
  const direct = resolveObject(catalog, name, scope.defaultSchema);
  if (direct?.kind === 'table') return { database, table: direct.object };
  if (direct?.kind !== 'synonym') return undefined;
  const target = direct.object.target.split('.').map(part => part.replace(/^\[|\]$/g, ''));
  const behind = findObject(catalog, target.at(-2) ?? 'dbo', target.at(-1) ?? '');
  return behind?.kind === 'table' && sameName(target.at(-3) ?? database.name, database.name)
    ? { database, table: behind.object }
    : undefined;
}
