import { backup } from 'node:sqlite';
import type { Clock } from '../../../foundation/clock.ts';
import type { Catalog, Table } from '../catalog/schema.ts';
import { type Applied, LogBackups } from './backups.ts';
import { rebase } from './catalog-rebase.ts';
import { ChangeLog } from './change-log.ts';
import { ChangeTracking } from './change-tracking.ts';
import { Committer } from './committer.ts';
import type { Connection } from './connection.ts';
import { Counters } from './counters.ts';
import { StoreLocks } from './locks.ts';
import { WriteMemory } from './memory.ts';
import { Moments } from './moments.ts';
import type { StoreParts } from './parts.ts';
import type { Facts, Shape } from './physical.ts';
import type {
  Commit,
  CopyOptions,
  Locks,
  Log,
  Lsn,
  Snapshot,
  Store,
  TableUsage,
  Tracking,
  Transaction,
} from './store.ts';
import { removeFile, sizeOf } from './store-file.ts';
import { StoreTransaction } from './transaction.ts';
import { Versions } from './versions.ts';
import { StoreView } from './view.ts';
import type { WaitGraph } from './wait-graph.ts';

/** Bytes of SQLite's log from which on it is written back. */
const CHECKPOINT = 16 << 20;
/** What a write costs of log, for the LSNs. */
const BYTES_OF_A_WRITE = 128;
/** Pages that a copy takes at once. */
const COPY_PAGES = 256;

export interface Opened {
  readonly file: string;
  readonly connection: Connection;
  readonly catalog: Catalog;
  readonly shapes: ReadonlyMap<number, Shape>;
  readonly facts: Map<number, Facts>;
  readonly version: bigint;
  readonly lsn: Lsn;
  readonly clock: Clock;
  readonly temporary: boolean;
  readonly databaseName: () => string;
  readonly waits: WaitGraph;
}

export class DatabaseStore implements Store {
  readonly usage = new Map<number, TableUsage>();
  readonly #opened: Opened;
  readonly #parts: StoreParts;
  readonly #committer: Committer;
  readonly #counters: Counters;
  readonly #tracking: ChangeTracking;
  readonly #backups: LogBackups;
  #nextTransaction = 1000;
  #nextStoreId: number;
  #catalogVersion: number;
  /** Size of SQLite's log when it was last written back as far as its readers let it. */
  #checkpointed = 0;
  #closed = false;

  constructor(opened: Opened) {
    const { connection, catalog, shapes, facts, version, clock } = opened;
    const now = () => clock.now();
    const active = new Set<StoreTransaction>();
    const moments = new Moments(opened.file, {
      catalog,
      shapes,
      sequence: 1,
      version,
      lsn: opened.lsn,
    });
    const versions = new Versions();
    this.#opened = opened;
    this.#backups = new LogBackups(connection);
    this.#counters = new Counters(connection);
    this.#tracking = new ChangeTracking(
      connection,
      () => moments.newest(),
      now,
      work => this.#alone(work),
    );
    const log = new ChangeLog(connection, active, now, this.#backups);
    this.#backups.attach(
      applied => this.#apply(applied),
      () => ({ lsn: log.current, catalog: moments.state.catalog }),
    );
    this.#nextStoreId = Math.max(0, ...shapes.keys()) + 1;
    this.#catalogVersion = catalog.version;
    this.#parts = {
      temporary: opened.temporary,
      moments,
      locks: new StoreLocks(opened.waits, clock),
      versions,
      log,
      memory: new WriteMemory(),
      active,
      facts,
      now,
      databaseName: opened.databaseName,
      nextStoreId: () => this.#nextStoreId++,
      nextCatalogVersion: () => ++this.#catalogVersion,
      commit: transaction => this.#commit(transaction),
      undone: () => this.#flushCounters(),
      ended: () => this.#afterwards(),
    };
    this.#committer = new Committer({
      connection,
      moments,
      facts,
      versions,
      counters: this.#counters,
      log,
      tracking: this.#tracking,
      backups: this.#backups,
    });
    for (const table of catalog.tables.values()) {
      // Of a file that was made with a catalog that has tables already.
      if (!shapes.has(table.storeId)) this.#nextStoreId = Math.max(this.#nextStoreId, table.storeId + 1);
    }
    if ([...catalog.tables.values()].some(table => !shapes.has(table.storeId))) this.#createMissing(catalog);
  }

  get catalog(): Catalog {
    return this.#parts.moments.state.catalog;
  }

  get locks(): Locks {
    return this.#parts.locks;
  }

  get log(): Log {
    return this.#parts.log;
  }

  get tracking(): Tracking {
    return this.#tracking;
  }

  snapshot(): Snapshot {
    const { moments } = this.#parts;
    const moment = moments.take();
    return new StoreView({
      moment,
      overlays: () => [],
      catalog: () => moment.state.catalog,
      closed: () => {
        moments.release(moment);
        this.#afterwards();
      },
    });
  }

  begin(session: number, options: { readonly snapshot: boolean }): Transaction {
    if (this.#closed) throw new Error('the store is closed');
    const transaction = new StoreTransaction(this.#parts, this.#nextTransaction++, session, options.snapshot);
    this.#parts.active.add(transaction);
    return transaction;
  }

  #commit(transaction: StoreTransaction): Commit {
    const { log, moments, facts } = this.#parts;
    const { journal, definitions, beginLsn, notes } = transaction;
    if (beginLsn === undefined || (journal.length === 0 && !definitions)) {
      for (const storeId of transaction.created.keys()) facts.delete(storeId);
      this.#flushCounters();
      return { lsn: undefined, version: undefined };
    }
    const noted = notes.length > 0 ? { notes: { lsn: log.next(64), texts: notes } } : {};
    const lsn = log.next(64 + journal.length * BYTES_OF_A_WRITE);
    const catalog = definitions && rebase(definitions.base, definitions.catalog, moments.state.catalog);
    const version = this.#committer.commit({
      lsn,
      beginLsn,
      committed: this.#parts.now(),
      originator: transaction.originator,
      catalog,
      overlays: transaction.overlays,
      journal,
      created: transaction.created,
      ...noted,
    });
    return { lsn, version };
  }

  /** Tables of a catalog that the file was made with. */
  #createMissing(catalog: Catalog): void {
    this.#committer.commit({
      lsn: this.#parts.log.next(64),
      beginLsn: this.#parts.log.current,
      committed: this.#parts.now(),
      originator: undefined,
      catalog,
      overlays: new Map(),
      journal: [],
      created: new Map(),
    });
  }

  #apply({ work, counters }: Applied): void {
    const { log, facts, active } = this.#parts;
    if (active.size > 0) throw new Error('a log backup is applied while transactions are open');
    for (const [kind, id, value] of counters) this.#counters.apply(kind, id, value);
    log.reach(work.lsn);
    this.#committer.commit(work);
    for (const [storeId, overlay] of work.overlays) {
      const fact = facts.get(storeId);
      if (!fact) continue;
      for (const rid of overlay.entries.keys()) fact.nextRid = Math.max(fact.nextRid, rid + 1);
    }
    if (work.catalog) {
      this.#catalogVersion = Math.max(this.#catalogVersion, work.catalog.version);
      for (const { storeId } of work.catalog.tables.values()) {
        this.#nextStoreId = Math.max(this.#nextStoreId, storeId + 1);
      }
    }
    this.#afterwards();
  }

  /** A change of the file besides the commits, which readers of now do not see. */
  #alone(work: () => void): void {
    const { connection } = this.#opened;
    const { moments } = this.#parts;
    moments.leave();
    connection.exec('BEGIN IMMEDIATE');
    try {
      work();
      connection.exec('COMMIT');
    } catch (error) {
      connection.exec('ROLLBACK');
      throw error;
    } finally {
      moments.enter({ ...moments.state, sequence: moments.state.sequence + 1 });
    }
  }

  #flushCounters(): void {
    if (!this.#counters.isDirty) return;
    const { connection } = this.#opened;
    connection.exec('BEGIN IMMEDIATE');
    this.#counters.flush(false);
    connection.exec('COMMIT');
    this.#counters.flushed();
  }

  /** Keeps SQLite's log short: only what nobody reads any more can be written back. */
  #afterwards(): void {
    const { moments } = this.#parts;
    if (this.#closed || moments.pinned) return;
    const size = sizeOf(`${this.#opened.file}-wal`);
    if (size < this.#checkpointed + CHECKPOINT) return;
    if (moments.unread) {
      moments.leave();
      this.#opened.connection.all('PRAGMA wal_checkpoint(TRUNCATE)');
      this.#checkpointed = 0;
    } else {
      this.#opened.connection.all('PRAGMA wal_checkpoint(PASSIVE)');
      this.#checkpointed = size;
    }
  }

  nextObjectId(): number {
    return this.#counters.nextObjectId(this.catalog);
  }

  nextIdentity(table: Table): bigint {
    return this.#counters.nextIdentity(table);
  }

  identity(table: Table): bigint | null {
    return this.#counters.identity(table);
  }

  setIdentity(table: Table, value: bigint | null): void {
    this.#counters.setIdentity(table, value);
  }

  nextSequenceValue(sequence: number): bigint {
    const catalogs = [this.catalog, ...[...this.#parts.active].map(transaction => transaction.catalog)];
    const definition = catalogs.map(catalog => catalog.sequences.get(sequence)).find(each => each);
    if (!definition) throw new Error(`there is no sequence ${sequence}`);
    return this.#counters.nextSequenceValue(definition);
  }

  sequenceValue(sequence: number): bigint | null {
    return this.#counters.sequenceValue(sequence);
  }

  setSequence(sequence: number, next: bigint): void {
    this.#counters.setSequence(sequence, next);
  }

  nextRowVersion(): Uint8Array {
    return eightBytes(this.#counters.nextRowVersion());
  }

  get rowVersion(): Uint8Array {
    return eightBytes(this.#counters.rowVersion);
  }

  minimumActiveRowVersion(): Uint8Array {
    let lowest = this.#counters.rowVersion + 1n;
    for (const { lowestRowVersion } of this.#parts.active) {
      if (lowestRowVersion !== undefined && lowestRowVersion < lowest) lowest = lowestRowVersion;
    }
    return eightBytes(lowest);
  }

  rowCount(table: Table): number {
    return this.#parts.facts.get(table.storeId)?.rows ?? 0;
  }

  size(): { readonly data: number; readonly log: number } {
    const { file } = this.#opened;
    return { data: sizeOf(file), log: sizeOf(`${file}-wal`) };
  }

  async copyTo(file: string, options: CopyOptions = {}): Promise<Lsn> {
    const { moments } = this.#parts;
    const moment = moments.take();
    try {
      await backup(moment.connection.database, file, {
        rate: COPY_PAGES,
        progress: ({ totalPages, remainingPages }) => {
          options.signal?.throwIfAborted();
          options.progress?.(totalPages - remainingPages, totalPages);
        },
      });
      options.progress?.(1, 1);
      return moment.state.lsn;
    } catch (error) {
      removeFile(file);
      throw error;
    } finally {
      moments.release(moment);
      this.#afterwards();
    }
  }

  close(): void {
    if (this.#closed) return;
    const { active, moments } = this.#parts;
    for (const transaction of [...active]) transaction.rollback();
    this.#closed = true;
    const { connection, file } = this.#opened;
    moments.close();
    this.#counters.flush(true);
    connection.all('PRAGMA wal_checkpoint(TRUNCATE)');
    connection.close();
    if (this.#opened.temporary) removeFile(file);
  }
}

function eightBytes(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
}
