import { findConstraint, identified, resolveObject } from '../catalog/find.ts';
import type { Catalog, Table } from '../catalog/schema.ts';
import type { FunctionContext } from '../functions/function.ts';
import type { Database } from '../server/instance.ts';
import { splitName } from '../syntax/parse.ts';
import { catalogOf, type ObjectFacts, objectsOf, systemObjectId, systemObjectsOf } from './catalog-facts.ts';

export interface Resolved {
  readonly database: Database;
  readonly catalog: Catalog;
  readonly facts: ObjectFacts;
}

/** Schema that a name without one means for the user who asks. */
export function defaultSchema(context: FunctionContext, catalog: Catalog): string {
  const user = context.session.user.toLowerCase();
  for (const principal of catalog.principals.values())
    if (principal.name.toLowerCase() === user) return principal.defaultSchema ?? 'dbo';
  return 'dbo';
}

/** What a name in a text means, constraints and objects of the system among them; undefined where it means nothing. */
export function resolveText(context: FunctionContext, text: string): Resolved | undefined {
  let parts: readonly string[];
  try {
    parts = splitName(text.trim());
  } catch {
    return undefined;
  }
  const database = databaseOf(context, parts.at(-3) ?? '');
  if (database === undefined || parts.length > 4) return undefined;
  const name = parts.at(-1) ?? '';
  if (name.startsWith('#')) return temporary(context, database, name);
  const catalog = catalogOf(context, database);
  const facts = resolveIn(context, catalog, parts);
  return facts === undefined ? undefined : { database, catalog, facts };
}

function temporary(context: FunctionContext, database: Database, name: string): Resolved | undefined {
  const table = context.temporary?.(name);
  if (table === undefined || database.name.toLowerCase() !== 'tempdb') return undefined;
  const facts = { ...table, parent: 0, type: 'U' };
  return { database, catalog: catalogOf(context, database), facts };
}

function resolveIn(
  context: FunctionContext,
  catalog: Catalog,
  parts: readonly string[],
): ObjectFacts | undefined {
  const name = parts.at(-1) ?? '';
  const schema = parts.at(-2) ?? '';
  const own = defaultSchema(context, catalog);
  const objects = objectsOf(catalog);
  const found =
    resolveObject(catalog, parts.slice(-2), own)?.object.id ??
    constraint(catalog, schema === '' ? own : schema, name) ??
    (schema === '' ? constraint(catalog, 'dbo', name) : undefined);
  if (found !== undefined) return objects.get(found);
  return systemObjectsOf(context).get(systemObjectId(schema === '' ? 'sys' : schema, name));
}

function constraint(catalog: Catalog, schema: string, name: string): number | undefined {
  const found = findConstraint(catalog, schema, name);
  return found && identified(found)?.objectId;
}

/** '' is the database of the session. */
export const databaseOf = (context: FunctionContext, name: string): Database | undefined =>
  name === '' ? context.database : context.instance.databases.get(name.toLowerCase());

export const databaseById = (context: FunctionContext, id: number): Database | undefined => {
  for (const database of context.instance.databases.values()) if (database.id === id) return database;
  return undefined;
};

/** Name, schema and type of an object by its id, objects of the system among them. */
export const factsById = (
  context: FunctionContext,
  database: Database,
  id: number,
): ObjectFacts | undefined =>
  objectsOf(catalogOf(context, database)).get(id) ?? systemObjectsOf(context).get(id);

/** A table named in a text, of any database; undefined where it is none. */
export function tableNamed(
  context: FunctionContext,
  text: string,
): { readonly database: Database; readonly table: Table } | undefined {
  const found = resolveText(context, text);
  const table = found && (found.catalog.tables.get(found.facts.id) ?? temporaryTable(context, text));
  return found && table && { database: found.database, table };
}

const temporaryTable = (context: FunctionContext, text: string): Table | undefined =>
  context.temporary?.(splitName(text.trim()).at(-1) ?? '');
