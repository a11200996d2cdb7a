import type { StoredModule, Table } from '../catalog/schema.ts';
import { SqlError, unsupported } from '../errors.ts';
import type { Database } from '../server/instance.ts';
import type { Name, TypeName } from '../syntax/names.ts';
import { splitName } from '../syntax/parse.ts';
import type { SystemView } from '../system/view.ts';
import { resolveType, type SqlType } from '../values/index.ts';
import type { Scope } from './scope.ts';

/** What a name in FROM means. */
export type FoundObject =
  | { readonly kind: 'table'; readonly database: Database; readonly table: Table; readonly schema: string }
  | {
      readonly kind: 'view';
      readonly database: Database;
      readonly module: StoredModule;
      readonly schema: string;
    }
  | { readonly kind: 'system'; readonly database: Database; readonly view: SystemView };

/** Compatibility views that only master shows without `sys.`. */
const MASTER_ONLY = new Set(
  'sysaltfiles syscacheobjects syscharsets sysconfigures syscurconfigs syscursorcolumns syscursorrefs syscursors syscursortables sysdatabases sysdevices syslanguages syslockinfo syslogins sysmessages sysoledbusers sysopentapes sysperfinfo sysprocesses sysremotelogins sysservers'.split(
    ' ',
  ),
);

export function invalidObject(name: Name, line: number): SqlError {
  return new SqlError(208, `Invalid object name '${name.join('.')}'.`, { line, endsBatch: true });
}

/** Splits a name into database, schema and object; a server that is not this one is refused. */
export function located(
  name: Name,
  scope: Scope,
  line: number,
): { readonly database: Database; readonly schema: string; readonly object: string } {
  const object = name.at(-1) ?? '';
  const schema = name.at(-2) ?? '';
  const databaseName = name.at(-3) ?? '';
  const server = name.at(-4) ?? '';
  if (server !== '' && server.toLowerCase() !== scope.instance.name.toLowerCase()) {
    if (scope.instance.servers.find(server) === undefined)
      throw new SqlError(
        7202,
        `Could not find server '${server}' in sys.servers. Verify that the correct server name was specified. If necessary, execute the stored procedure sp_addlinkedserver to add the server to sys.servers.`,
        { severity: 11, state: 2, line, endsBatch: true },
      );
    throw unsupported(`queries through the linked server ${server}`, line);
  }
  if (databaseName === '') return { database: scope.database, schema, object };
  const database = scope.instance.databases.get(databaseName.toLowerCase());
  if (database === undefined) throw invalidObject(name, line);
  requireOpen(database, line);
  return { database, schema, object };
}

/** @throws SqlError 927, 942 */
export function requireOpen(database: Database, line: number): void {
  if (database.store !== undefined || database.snapshot !== undefined) return;
  if (database.options.state === 'RESTORING')
    throw new SqlError(
      927,
      `Database '${database.name}' cannot be opened. It is in the middle of a restore.`,
      { severity: 14, state: 2, line, endsBatch: true },
    );
  throw new SqlError(942, `Database '${database.name}' cannot be opened because it is offline.`, {
    severity: 14,
    state: 4,
    line,
    endsBatch: true,
  });
}

/**
 * The table or view that a name means, through synonyms.
 *
 * @throws SqlError 208
 */
export function findObject(name: Name, scope: Scope, line: number, depth = 0): FoundObject {
  const object = name.at(-1) ?? '';
  if (object.startsWith('#')) {
    const table = scope.temporary(object);
    const database = scope.instance.databases.get('tempdb');
    if (table === undefined || database === undefined) throw invalidObject([object], line);
    return { kind: 'table', database, table, schema: 'dbo' };
  }
  const place = located(name, scope, line);
  const { database } = place;
  const lower = object.toLowerCase();
  const schema = place.schema.toLowerCase();
  const release = scope.instance.product.release;
  if (schema === 'sys' || schema === 'information_schema') {
    const view = scope.instance.system.views.get(`${schema}.${lower}`);
    if (view !== undefined && view.parameters === undefined && (view.since ?? 0) <= release)
      return { kind: 'system', database, view };
  }
  const catalog = scope.catalogOf(database);
  const schemas = schemasOf(place.schema, scope);
  for (const candidate of schemas) {
    const id = catalog.byName.get(`${candidate.toLowerCase()}.${lower}`);
    if (id === undefined) continue;
    const table = catalog.tables.get(id);
    if (table !== undefined) return { kind: 'table', database, table, schema: candidate };
    const module = catalog.modules.get(id);
    if (module?.type === 'V') return { kind: 'view', database, module, schema: candidate };
    const synonym = catalog.synonyms.get(id);
    if (synonym !== undefined) {
      if (depth > 0) throw invalidObject(name, line);
      const target = splitName(synonym.target);
      const full =
        target.length > 2 ? target : [database.name, target.at(-2) ?? candidate, target.at(-1) ?? ''];
      return findObject(full, scope, line, depth + 1);
    }
    if (module !== undefined && (module.type === 'IF' || module.type === 'TF'))
      throw new SqlError(216, `Parameters were not supplied for the function '${name.join('.')}'.`, {
        line,
        endsBatch: true,
      });
  }
  if ((schema === '' || schema === 'dbo') && lower.startsWith('sys')) {
    const view = scope.instance.system.views.get(`sys.${lower}`);
    if (
      view !== undefined &&
      (view.since ?? 0) <= release &&
      (!MASTER_ONLY.has(lower) || database.name.toLowerCase() === 'master')
    )
      return { kind: 'system', database, view };
  }
  throw invalidObject(name, line);
}

/** A name without a schema means the user's default schema, then dbo. */
function schemasOf(schema: string, scope: Scope): readonly string[] {
  if (schema !== '') return [schema];
  return scope.defaultSchema.toLowerCase() === 'dbo' ? ['dbo'] : [scope.defaultSchema, 'dbo'];
}

/** @throws SqlError 4121 for a scalar function, 208 for a table function */
export function findFunction(
  name: Name,
  type: 'FN' | 'table',
  scope: Scope,
  line: number,
): { readonly database: Database; readonly module: StoredModule; readonly schema: string } {
  const { database, schema, object } = located(name, scope, line);
  const catalog = scope.catalogOf(database);
  for (const candidate of schemasOf(schema, scope)) {
    const id = catalog.byName.get(`${candidate.toLowerCase()}.${object.toLowerCase()}`);
    const module = id === undefined ? undefined : catalog.modules.get(id);
    if (module === undefined) {
      const synonym = id === undefined ? undefined : catalog.synonyms.get(id);
      if (synonym !== undefined) {
        const target = splitName(synonym.target);
        return findFunction(
          target.length > 2 ? target : [database.name, target.at(-2) ?? candidate, target.at(-1) ?? ''],
          type,
          scope,
          line,
        );
      }
      continue;
    }
    if (type === 'FN' ? module.type === 'FN' : module.type === 'IF' || module.type === 'TF')
      return { database, module, schema: candidate };
  }
  if (type === 'table') throw invalidObject(name, line);
  throw new SqlError(
    4121,
    `Cannot find either column "${name[0] ?? ''}" or the user-defined function or aggregate "${name.join('.')}", or the name is ambiguous.`,
    { line, endsBatch: true },
  );
}

/** The type of a parameter or of RETURNS: built in, or an alias type of the database. */
export function typeOfParameter(name: TypeName, database: Database, scope: Scope, line: number): SqlType {
  const own = resolveType(name, database.collation);
  if (own !== undefined) return own;
  const wanted = (name.name.at(-1) ?? '').toLowerCase();
  for (const type of scope.catalogOf(database).types.values())
    if (type.name.toLowerCase() === wanted && type.base !== undefined) return type.base;
  throw new SqlError(
    2715,
    `Column, parameter, or variable #1: Cannot find data type ${name.name.join('.')}.`,
    {
      line,
      endsBatch: true,
    },
  );
}
