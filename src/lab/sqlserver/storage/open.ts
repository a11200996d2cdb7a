import type { Clock } from '../../../foundation/clock.ts';
import type { Catalog } from '../catalog/schema.ts';
import { unsupported } from '../errors.ts';
import type { Store } from './store.ts';

export interface StoreOptions {
  readonly file: string;
  readonly clock: Clock;
  readonly databaseId: number;
  /** A temporary store begins empty at every opening and is not kept. */
  readonly kind: 'user' | 'temporary';
  /** What a new file begins with; an empty catalog by default. */
  readonly catalog?: Catalog;
  /** For the text of 3960. */
  readonly databaseName?: () => string;
}

/**
 * Opens the store of a database, and creates its file where there is none.
 *
 * @throws SqlError 5172 where the file is no store, 824 where it is torn
 */
export function openStore(_options: StoreOptions): Store {
  throw unsupported('openStore');
}

/**
 * Writes a new file with a catalog and no rows.
 *
 * @throws SqlError 5170 where the file is there already
 */
export function createStoreFile(_file: string, _catalog: Catalog): void {
  throw unsupported('createStoreFile');
}

/** A catalog without any object; what every database has (dbo, sys, …) is put in by whoever creates one. */
export function emptyCatalog(): Catalog {
  return {
    schemas: new Map(),
    tables: new Map(),
    modules: new Map(),
    sequences: new Map(),
    synonyms: new Map(),
    types: new Map(),
    principals: new Map(),
    permissions: [],
    byName: new Map(),
    version: 1,
  };
}
