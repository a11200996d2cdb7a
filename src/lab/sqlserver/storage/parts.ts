import type { ChangeLog } from './change-log.ts';
import type { StoreLocks } from './locks.ts';
import type { WriteMemory } from './memory.ts';
import type { Moments } from './moments.ts';
import type { Facts } from './physical.ts';
import type { Commit } from './store.ts';
import type { StoreTransaction } from './transaction.ts';
import type { Versions } from './versions.ts';

/** What the transactions of a store have in common. */
export interface StoreParts {
  readonly temporary: boolean;
  readonly moments: Moments;
  readonly locks: StoreLocks;
  readonly versions: Versions;
  readonly log: ChangeLog;
  readonly memory: WriteMemory;
  readonly active: Set<StoreTransaction>;
  /** By storeId; also those that a transaction has made and not committed. */
  readonly facts: Map<number, Facts>;
  now(): number;
  databaseName(): string;
  nextStoreId(): number;
  nextCatalogVersion(): number;
  commit(transaction: StoreTransaction): Commit;
  /** Counters that a rollback has not undone are written. */
  undone(): void;
  /** A transaction is over, its locks are released. */
  ended(): void;
}
