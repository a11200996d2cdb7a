import { objectKey, schemaName } from './find.ts';
import type {
  Catalog,
  Permission,
  Principal,
  Schema,
  Sequence,
  StoredModule,
  Synonym,
  Table,
  UserType,
} from './schema.ts';

/** Pure changes: each makes a new catalog with a higher version, for `Transaction.define`. */

/**
 * An object id that no object of the catalog has and that none had before: positive, a function of the catalog alone, with
 * the step that SQL Server's own ids have. `place` tells apart several ids taken from one catalog.
 */
export function newObjectId(catalog: Catalog, place = 0): number {
  // 2^31 - 1 is a prime, so that a step of any size visits every id before it meets the first one again.
  const modulus = 2147483647n;
  let turn = BigInt(catalog.version) * 1024n + BigInt(place);
  for (;;) {
    const id = Number((245575913n + turn * 16000057n) % modulus);
    if (id > 100 && !taken(catalog, id)) return id;
    turn += 1n;
  }
}

const taken = (catalog: Catalog, id: number): boolean =>
  catalog.tables.has(id) ||
  catalog.modules.has(id) ||
  catalog.sequences.has(id) ||
  catalog.synonyms.has(id) ||
  catalog.types.has(id);

export function putSchema(catalog: Catalog, schema: Schema): Catalog {
  return changed(catalog, { schemas: withEntry(catalog.schemas, schema.id, schema) });
}

export function dropSchema(catalog: Catalog, id: number): Catalog {
  return changed(catalog, { schemas: without(catalog.schemas, id) });
}

/** The lowest schema id that is free: ids of users' schemas begin at 5. */
export function newSchemaId(catalog: Catalog): number {
  let id = 5;
  while (catalog.schemas.has(id)) id += 1;
  return id;
}

/** Adds a table, or replaces the one with its id. */
export function putTable(catalog: Catalog, table: Table): Catalog {
  return changed(catalog, {
    tables: withEntry(catalog.tables, table.id, table),
    byName: renamed(catalog, catalog.tables.get(table.id), table),
  });
}

/** Drops a table with its triggers and its permissions. */
export function dropTable(catalog: Catalog, id: number): Catalog {
  const table = catalog.tables.get(id);
  if (!table) return catalog;
  const dropped = changed(dropChildren(catalog, id), { tables: without(catalog.tables, id) });
  return { ...dropped, byName: unnamed(dropped, table) };
}

export function putModule(catalog: Catalog, module: StoredModule): Catalog {
  return changed(catalog, {
    modules: withEntry(catalog.modules, module.id, module),
    byName: renamed(catalog, catalog.modules.get(module.id), module),
  });
}

/** Drops a module; a view with its triggers. */
export function dropModule(catalog: Catalog, id: number): Catalog {
  const module = catalog.modules.get(id);
  if (!module) return catalog;
  const rest = dropChildren(catalog, id);
  const dropped = changed(rest, { modules: without(rest.modules, id) });
  return { ...dropped, byName: unnamed(dropped, module) };
}

export function putSequence(catalog: Catalog, sequence: Sequence): Catalog {
  return changed(catalog, {
    sequences: withEntry(catalog.sequences, sequence.id, sequence),
    byName: renamed(catalog, catalog.sequences.get(sequence.id), sequence),
  });
}

export function dropSequence(catalog: Catalog, id: number): Catalog {
  const sequence = catalog.sequences.get(id);
  if (!sequence) return catalog;
  return changed(withoutPermissions(catalog, id), {
    sequences: without(catalog.sequences, id),
    byName: unnamed(catalog, sequence),
  });
}

export function putSynonym(catalog: Catalog, synonym: Synonym): Catalog {
  return changed(catalog, {
    synonyms: withEntry(catalog.synonyms, synonym.id, synonym),
    byName: renamed(catalog, catalog.synonyms.get(synonym.id), synonym),
  });
}

export function dropSynonym(catalog: Catalog, id: number): Catalog {
  const synonym = catalog.synonyms.get(id);
  if (!synonym) return catalog;
  return changed(withoutPermissions(catalog, id), {
    synonyms: without(catalog.synonyms, id),
    byName: unnamed(catalog, synonym),
  });
}

export function putType(catalog: Catalog, type: UserType): Catalog {
  return changed(catalog, { types: withEntry(catalog.types, type.id, type) });
}

export function dropType(catalog: Catalog, id: number): Catalog {
  return changed(catalog, { types: without(catalog.types, id) });
}

/** user_type_id of a new type: alias and table types begin at 257. */
export function newTypeId(catalog: Catalog): number {
  let id = 257;
  while (catalog.types.has(id)) id += 1;
  return id;
}

export function putPrincipal(catalog: Catalog, principal: Principal): Catalog {
  return changed(catalog, { principals: withEntry(catalog.principals, principal.id, principal) });
}

export function dropPrincipal(catalog: Catalog, id: number): Catalog {
  return changed(catalog, {
    principals: without(catalog.principals, id),
    permissions: catalog.permissions.filter(permission => permission.grantee !== id),
  });
}

/** principal_id of a new user or role: users' own begin at 5. */
export function newPrincipalId(catalog: Catalog): number {
  let id = 5;
  while (catalog.principals.has(id)) id += 1;
  return id;
}

export function putPermissions(catalog: Catalog, permissions: readonly Permission[]): Catalog {
  return changed(catalog, { permissions });
}

function changed(catalog: Catalog, change: Partial<Catalog>): Catalog {
  return { ...catalog, ...change, version: catalog.version + 1 };
}

/** Triggers of an object that goes, and the permissions on it. */
function dropChildren(catalog: Catalog, parent: number): Catalog {
  let rest = withoutPermissions(catalog, parent);
  for (const module of catalog.modules.values())
    if (module.type === 'TR' && module.parent === parent) rest = dropModule(rest, module.id);
  return rest;
}

function withoutPermissions(catalog: Catalog, id: number): Catalog {
  const kept = catalog.permissions.filter(permission => permission.class !== 1 || permission.majorId !== id);
  return kept.length === catalog.permissions.length ? catalog : { ...catalog, permissions: kept };
}

function withEntry<V>(map: ReadonlyMap<number, V>, id: number, value: V): ReadonlyMap<number, V> {
  return new Map(map).set(id, value);
}

function without<V>(map: ReadonlyMap<number, V>, id: number): ReadonlyMap<number, V> {
  const copy = new Map(map);
  copy.delete(id);
  return copy;
}

interface Named {
  readonly id: number;
  readonly schemaId: number;
  readonly name: string;
}

const keyOf = (catalog: Catalog, object: Named): string =>
  objectKey(schemaName(catalog, object.schemaId), object.name);

function renamed(catalog: Catalog, before: Named | undefined, after: Named): ReadonlyMap<string, number> {
  const key = keyOf(catalog, after);
  const old = before && keyOf(catalog, before);
  if (old === key) return catalog.byName;
  const names = new Map(catalog.byName);
  if (old !== undefined) names.delete(old);
  return names.set(key, after.id);
}

function unnamed(catalog: Catalog, object: Named): ReadonlyMap<string, number> {
  const names = new Map(catalog.byName);
  names.delete(keyOf(catalog, object));
  return names;
}
