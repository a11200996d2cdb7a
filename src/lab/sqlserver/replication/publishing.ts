import type { Catalog } from '../catalog/schema.ts';
import type { Instance } from '../server/instance.ts';

/** Turns the capture of a database on or off; tables become published one by one (sp_addarticle). */
export function publishStore(instance: Instance, database: string, on: boolean): void {
  const found = instance.databases.get(database.toLowerCase());
  if (found?.store === undefined) throw new RangeError(`${database} is not online`);
  found.options.published = on;
  found.store.log.capture(on);
}

/** The catalog with one table published, or no longer. */
export function withPublished(catalog: Catalog, tableId: number, published: boolean): Catalog {
  const table = catalog.tables.get(tableId);
  if (table === undefined) throw new RangeError(`no table ${tableId}`);
  const tables = new Map(catalog.tables).set(tableId, { ...table, published });
  return { ...catalog, tables, version: catalog.version + 1 };
}
