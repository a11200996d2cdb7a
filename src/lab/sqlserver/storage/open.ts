import type { Clock } from '../../../foundation/clock.ts';
import { emptyCatalog } from '../catalog/empty.ts';
import type { Catalog } from '../catalog/schema.ts';
import { decodeCatalog } from './catalog-codec.ts';
import { lsnFact } from './change-log.ts';
import { DatabaseStore } from './database-store.ts';
import { FIRST_LSN } from './lsn.ts';
import { readPhysical } from './physical-rows.ts';
import type { Store } from './store.ts';
import { createFile, damage, fact, openFile } from './store-file.ts';
import { WaitGraph } from './wait-graph.ts';

export { WaitGraph } from './wait-graph.ts';

export interface StoreOptions {
  readonly file: string;
  readonly clock: Clock;
  readonly databaseId: number;
  /** A temporary store begins empty at every opening and is not kept. */
  readonly kind: 'user' | 'temporary';
  /** What a new file begins with; the catalog of a new database by default. */
  readonly catalog?: Catalog;
  /** For the text of 3960. */
  readonly databaseName?: () => string;
  /** One for all databases of an instance finds deadlocks that go through several of them. */
  readonly waits?: WaitGraph;
}

/**
 * Opens the store of a database, and creates its file where there is none.
 *
 * @throws SqlError 5172 where the file is no store, 824 where it is torn
 */
export function openStore(options: StoreOptions): Store {
  const { file, databaseId, kind } = options;
  const connection = openFile(file, {
    temporary: kind === 'temporary',
    databaseId,
    catalog: () => options.catalog ?? emptyCatalog(),
  });
  try {
    const text = fact(connection, 'catalog');
    if (typeof text !== 'string') throw new Error('the file is malformed: no catalog');
    const catalog = decodeCatalog(text);
    return new DatabaseStore({
      file,
      connection,
      catalog,
      ...readPhysical(connection),
      version: BigInt(Number(fact(connection, 'trackingVersion') ?? 0)),
      lsn: lsnFact(connection, 'lsn') ?? FIRST_LSN,
      clock: options.clock,
      temporary: kind === 'temporary',
      databaseName: options.databaseName ?? (() => String(databaseId)),
      waits: options.waits ?? new WaitGraph(),
    });
  } catch (error) {
    connection.close();
    throw damage(error, file, databaseId);
  }
}

/**
 * Writes a new file with a catalog and no rows.
 *
 * @throws SqlError 5170 where the file is there already
 */
export function createStoreFile(file: string, catalog: Catalog): void {
  createFile(file, catalog);
}
