import { findObject, schemaName } from '../catalog/find.ts';
import type { StoredModule } from '../catalog/schema.ts';
import { SqlError, unsupported } from '../errors.ts';
import type { Database } from '../server/instance.ts';
import type { Name } from '../syntax/names.ts';
import type { SystemProcedure } from '../system/procedure.ts';
import type { Runtime } from './runtime.ts';

export type FoundProcedure =
  | {
      readonly kind: 'module';
      readonly database: Database;
      readonly module: StoredModule;
      readonly schema: string;
    }
  | { readonly kind: 'system'; readonly database: Database; readonly procedure: SystemProcedure };

/**
 * The procedure that a name means: the system's own first (`sp_x` in any database, `msdb.dbo.sp_x` in its own), then one of
 * the database, then for `sp_` one of master, which runs in the database it is called in.
 *
 * @throws SqlError 2812, 911, 7202
 */
export function findProcedure(runtime: Runtime, name: Name): FoundProcedure {
  const { state, scope } = runtime;
  const { instance } = state;
  const last = (name.at(-1) ?? '').toLowerCase();
  const schema = (name.at(-2) ?? '').toLowerCase();
  if (name.length === 4 && (name[0] ?? '') !== '' && name[0]?.toLowerCase() !== instance.name.toLowerCase())
    throw remoteServer(runtime, name[0] ?? '');
  const wanted = name.at(-3) ?? '';
  const database = wanted === '' ? scope.database : instance.databases.get(wanted.toLowerCase());
  if (!database)
    throw new SqlError(
      911,
      `Database '${wanted}' does not exist. Make sure that the name is entered correctly.`,
      { endsBatch: true },
    );
  const own = instance.system.procedures.get(`${database.name.toLowerCase()}..${last}`);
  if (own && own.home.kind === 'database' && ['', own.home.schema.toLowerCase()].includes(schema))
    return { kind: 'system', database, procedure: own };
  if (schema === '' || schema === 'sys' || schema === 'dbo') {
    const procedure = instance.system.procedures.get(last);
    if (procedure) return { kind: 'system', database, procedure };
  }
  const module =
    moduleIn(runtime, database, schema, last) ??
    (last.startsWith('sp_') ? masterModule(runtime, schema, last) : undefined);
  if (!module) throw missing(name);
  return module.database === database ? module : { ...module, database };
}

function moduleIn(
  runtime: Runtime,
  database: Database,
  schema: string,
  name: string,
): Extract<FoundProcedure, { kind: 'module' }> | undefined {
  const catalog = runtime.scope.catalogOf(database);
  const places = schema === '' ? [runtime.scope.defaultSchema, 'dbo'] : [schema];
  for (const place of places) {
    const found = findObject(catalog, place, name);
    if (found?.kind === 'module' && found.object.type === 'P')
      return {
        kind: 'module',
        database,
        module: found.object,
        schema: schemaName(catalog, found.object.schemaId),
      };
    if (found?.kind === 'synonym') throw unsupported('EXECUTE of a synonym');
  }
  return undefined;
}

function masterModule(
  runtime: Runtime,
  schema: string,
  name: string,
): Extract<FoundProcedure, { kind: 'module' }> | undefined {
  const master = runtime.state.instance.databases.get('master');
  return master && moduleIn(runtime, master, schema === '' ? 'dbo' : schema, name);
}

export const missing = (name: Name): SqlError =>
  new SqlError(2812, `Could not find stored procedure '${name.join('.')}'.`, { state: 62 });

/** Why nothing runs on another server: it is not known (7202), or the double does not reach it this way. */
export function remoteServer(runtime: Runtime, server: string): SqlError {
  if (runtime.state.instance.servers.find(server))
    return unsupported(`EXECUTE on the linked server '${server}'`);
  return new SqlError(
    7202,
    `Could not find server '${server}' in sys.servers. Verify that the correct server name was specified. If necessary, execute the stored procedure sp_addlinkedserver to add the server to sys.servers.`,
    { state: 2, severity: 11, endsBatch: true },
  );
}
