import type { Catalog } from '../catalog/schema.ts';

/**
 * What one transaction has made of a catalog, done to another one that came between: in tempdb several sessions define
 * their tables at once, and none waits for another one's transaction.
 */
export function rebase(base: Catalog, own: Catalog, onto: Catalog): Catalog {
  if (base === onto) return own;
  return {
    schemas: merged(base.schemas, own.schemas, onto.schemas),
    tables: merged(base.tables, own.tables, onto.tables),
    modules: merged(base.modules, own.modules, onto.modules),
    sequences: merged(base.sequences, own.sequences, onto.sequences),
    synonyms: merged(base.synonyms, own.synonyms, onto.synonyms),
    types: merged(base.types, own.types, onto.types),
    principals: merged(base.principals, own.principals, onto.principals),
    byName: merged(base.byName, own.byName, onto.byName),
    permissions: own.permissions === base.permissions ? onto.permissions : own.permissions,
    version: own.version,
  };
}

function merged<K, V>(
  base: ReadonlyMap<K, V>,
  own: ReadonlyMap<K, V>,
  onto: ReadonlyMap<K, V>,
): ReadonlyMap<K, V> {
  if (own === base) return onto;
  const result = new Map(onto);
  for (const [key, value] of own) if (base.get(key) !== value) result.set(key, value);
  for (const key of base.keys()) if (!own.has(key)) result.delete(key);
  return result;
}
