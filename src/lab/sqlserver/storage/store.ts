import type { Catalog, Table } from '../catalog/schema.ts';
import type { Value } from '../values/types.ts';

/**
 * The store of one database: a SQLite file of committed rows, and above it the uncommitted writes of each transaction in
 * memory, so that several transactions write at once and readers have a snapshot. Synchronous throughout; where a statement
 * would have to wait for another transaction's lock, `LockWait` is thrown and the statement waits and begins again.
 */
export interface Store {
  readonly catalog: Catalog;
  /** Committed rows only, at this moment, unchanged until it is closed: SNAPSHOT isolation, database snapshots. */
  snapshot(): Snapshot;
  begin(session: number, options: { readonly snapshot: boolean }): Transaction;
  readonly locks: Locks;
  readonly log: Log;
  readonly tracking: Tracking;
  /** Object ids are never used twice; not undone by a rollback. */
  nextObjectId(): number;
  /**
   * The committed rows of one moment as a store file of its own, while others go on writing: what a full backup holds.
   * `openStore` opens it. Resolves with the LSN of the last commit in it.
   */
  copyTo(file: string, options?: CopyOptions): Promise<Lsn>;
  /** Next identity value of a table; not undone by a rollback, kept over a restart. */
  nextIdentity(table: Table): bigint;
  /** Last identity value handed out or given, null before the first. */
  identity(table: Table): bigint | null;
  setIdentity(table: Table, value: bigint | null): void;
  nextSequenceValue(sequence: number): bigint;
  sequenceValue(sequence: number): bigint | null;
  setSequence(sequence: number, next: bigint): void;
  /** Next rowversion of the database: 8 bytes, big-endian. */
  nextRowVersion(): Uint8Array;
  readonly rowVersion: Uint8Array;
  /** Lowest rowversion that a running transaction has taken, else the next one: MIN_ACTIVE_ROWVERSION(). */
  minimumActiveRowVersion(): Uint8Array;
  /** Committed rows without a scan; exact. */
  rowCount(table: Table): number;
  /**
   * Statements that wrote to a table since the store was opened, by object id: `dml/` counts one each time a statement has
   * changed rows (`new Map()` here). For sys.dm_db_index_usage_stats.
   */
  readonly usage: Map<number, TableUsage>;
  /** Bytes of the file and of its log. */
  size(): { readonly data: number; readonly log: number };
  /** Rolls back what is open and closes the file. */
  close(): void;
}

export interface TableUsage {
  readonly updates: number;
  /** Milliseconds since the epoch. */
  readonly lastUpdate: number;
}

export interface CopyOptions {
  readonly signal?: AbortSignal;
  /** Pages of the file, done and in all. */
  readonly progress?: (done: number, total: number) => void;
}

/**
 * What a statement reads: a snapshot, or a transaction's view of one. Where `places` of columns are given the values of the
 * others may be NULL.
 */
export interface View {
  readonly catalog: Catalog;
  /** The view of the store that this one is another name of. */
  readonly origin?: View;
  /** Rows of a table in the order of `index` (the clustered one by default), or in any order without an index. */
  scan(table: Table, range?: Range, places?: ReadonlySet<number>): Iterable<StoredRow>;
  /** Rows whose key columns of `index` equal `key`, by the collation of each column. */
  seek(
    table: Table,
    indexId: number,
    key: readonly Value[],
    places?: ReadonlySet<number>,
  ): Iterable<StoredRow>;
  row(table: Table, rid: number): StoredRow | undefined;
}

export interface Snapshot extends View {
  close(): void;
}

export interface StoredRow {
  /** The store's own row identity: stays when keys change; the name of its lock. */
  readonly rid: number;
  /** One value a column, in the order of `Table.columns`; computed columns that are not persisted are null. */
  readonly values: readonly Value[];
}

/**
 * A range over the leading columns of an index; bounds compare as the collation of the column does, by ascending value
 * also where the index is descending (rows come in the order of the index, or its reverse). Keys of several columns compare
 * column by column. As in a comparison of SQL, a row whose bounded column is NULL is in no range; a null in the leading
 * part that both keys have in common means IS NULL.
 */
export interface Range {
  readonly indexId: number;
  readonly low?: Edge;
  readonly high?: Edge;
  readonly reverse?: boolean;
}

export interface Edge {
  readonly key: readonly Value[];
  readonly inclusive: boolean;
}

export interface Transaction {
  readonly id: number;
  readonly session: number;
  /** Milliseconds since the epoch. */
  readonly begun: number;
  /** LSN of its first write, undefined before. */
  readonly beginLsn: Lsn | undefined;
  /**
   * What a statement reads: the committed rows of now (of the transaction's beginning for SNAPSHOT) with the transaction's
   * own writes over them. To be closed when the statement ends.
   */
  view(options?: { readonly dirty?: boolean }): Snapshot;
  /** `values` are in the table's column order and already converted. Throws LockWait, never a constraint error. */
  insert(table: Table, values: readonly Value[]): number;
  /** Throws 3960 where SNAPSHOT isolation finds the row changed since its beginning. */
  update(table: Table, rid: number, values: readonly Value[]): void;
  /** Nothing happens where this transaction has deleted the row already (two paths of a cascade). */
  delete(table: Table, rid: number): void;
  /**
   * For unique indexes: the row that has this key among the newest committed rows and the transaction's own. Locks the key
   * first, so that the answer holds until the transaction ends. `key` as in `seek`, all key columns. Of several (the
   * statement has written a duplicate) the one that was written before the others.
   */
  holder(table: Table, indexId: number, key: readonly Value[]): number | undefined;
  /** Undo to here: a statement that fails, SAVE TRANSACTION. */
  savepoint(): Savepoint;
  rollbackTo(savepoint: Savepoint): void;
  /** The catalog with this transaction's own definitions; others see them after the commit. */
  readonly catalog: Catalog;
  /** A new catalog; takes the schema lock of the database until the end of the transaction. */
  define(change: (catalog: Catalog) => Catalog): void;
  /** An empty physical table for a new definition; given to `define` as `storeId`. */
  createPhysical(table: Table): number;
  /** What the rows that are there have in a column that `define` adds without a rewrite; NULL where this is not called. */
  fillColumn(storeId: number, column: number, value: Value): void;
  /**
   * Free text of replication itself: captured with the commit, under an LSN of its own that lies before the rows of this
   * transaction, which are captured as the tables lay them out in the end. Undone by `rollbackTo`.
   */
  note(text: string): void;
  /** Rows written so far. */
  readonly writes: number;
  /** Marks this transaction's changes as those of a replication agent; captured with it, for loopback detection. */
  originator?: string;
  /** SET DEADLOCK_PRIORITY, -10 to 10; the lower one is the victim. */
  deadlockPriority?: number;
  /** WITH CHANGE_TRACKING_CONTEXT: kept with what is written while it is set. */
  trackingContext?: Uint8Array;
  /**
   * While it is set a definition lays rows out anew (ALTER COLUMN, a new identity column): no change of data, so neither
   * captured for replication nor tracked.
   */
  relayout?: boolean;
  /** What is not the store's to undo (the identity that TRUNCATE has begun again) is undone with what was written here. */
  onUndo(undo: () => void): void;
  /** All or nothing, durable when it returns. */
  commit(): Commit;
  rollback(): void;
}

export interface Savepoint {
  readonly depth: number;
}

export interface Commit {
  /** undefined where nothing was written. */
  readonly lsn: Lsn | undefined;
  /** Change tracking version, undefined where the database tracks nothing or nothing tracked was written. */
  readonly version: bigint | undefined;
}

/** 10 bytes as SQL Server writes them: virtual log file, block, slot. Grows by one commit after the other. */
export type Lsn = bigint;

/** A statement has to wait; thrown through the whole statement, which is undone, waits for `free` and begins again. */
export class LockWait extends Error {
  override readonly name = 'LockWait';
  readonly resource: string;
  readonly owner: number;
  readonly mode: LockMode;

  constructor(resource: string, owner: number, mode: LockMode) {
    super(`waits for transaction ${owner} at ${resource}`);
    this.resource = resource;
    this.owner = owner;
    this.mode = mode;
  }
}

export type LockMode = 'S' | 'X' | 'Sch-M';

export interface Locks {
  /**
   * Takes or throws LockWait; held until the transaction ends. `rid` undefined is the whole table; a row is locked S (it
   * stays as it is: foreign keys, REPEATABLE READ) or X.
   */
  take(transaction: Transaction, table: Table, rid: number | undefined, mode: LockMode): void;
  /** A reader that locks nothing asks whether anybody else has written a row in what it will read; throws LockWait. */
  respect(transaction: Transaction | undefined, table: Table, range?: Range): void;
  /**
   * Waits until the owner of `wait` is gone or has let go.
   *
   * @throws SqlError 1205 where waiting would close a circle, 1222 after `timeoutMs` (-1 waits for ever)
   */
  wait(waiting: Transaction | number, wait: LockWait, timeoutMs: number, signal: AbortSignal): Promise<void>;
  /** For sys.dm_tran_locks and blocking_session_id. */
  held(): readonly {
    readonly session: number;
    readonly resource: string;
    readonly mode: LockMode;
    readonly waiting: boolean;
  }[];
}

/** The transaction log as far as replication and change tracking need it. */
export interface Log {
  readonly current: Lsn;
  /** Begin LSN and session of the transaction that has been open longest and has written. */
  oldestActive(): Transaction | undefined;
  active(): readonly Transaction[];
  /** Whether rows of published tables are kept at their commit, and up to which LSN they have been given away. */
  capture(on: boolean): void;
  readonly capturing: boolean;
  /** Captured transactions after `after`, in commit order, at most `limit`. */
  captured(after: Lsn, limit: number): readonly CapturedTransaction[];
  /** Everything up to here may be forgotten. */
  distributed(upTo: Lsn): void;
  readonly distributedUpTo: Lsn;
  /** Bytes of captured rows that nobody has taken away yet. */
  readonly backlog: { readonly transactions: number; readonly bytes: number };
  /** LSNs go on behind this one where it is higher: a restored database whose distributor is ahead of it. */
  reach(lsn: Lsn): void;
  /** Writes a record of its own into the captured log (tracer token, subscription set-up, validation) and gives its LSN. */
  append(record: LogRecord): Lsn;
  /** Everything committed in an LSN range, for log backups: empty where recovery is SIMPLE. */
  readonly backups: LogForBackups;
}

export interface CapturedTransaction {
  readonly lsn: Lsn;
  readonly beginLsn: Lsn;
  /** Milliseconds since the epoch. */
  readonly committed: number;
  readonly originator: string | undefined;
  readonly changes: readonly LogRecord[];
}

export type LogRecord =
  | { readonly kind: 'insert'; readonly table: number; readonly after: readonly Value[] }
  | {
      readonly kind: 'update';
      readonly table: number;
      readonly before: readonly Value[];
      readonly after: readonly Value[];
    }
  | { readonly kind: 'delete'; readonly table: number; readonly before: readonly Value[] }
  /** Free text of replication itself: JSON that only `replication/` reads. */
  | { readonly kind: 'note'; readonly text: string };

/** A log backup holds every commit of an LSN range, and applies it to a database that is being restored. */
export interface LogForBackups {
  enable(on: boolean): void;
  readonly from: Lsn;
  /** Of the records that are kept. */
  readonly bytes: number;
  read(after: Lsn): Iterable<Uint8Array>;
  truncate(upTo: Lsn): void;
  /**
   * Applies one record of `read` from another copy of the same database; records in their order, no transaction open.
   * Gives the LSN of its commit; a record that the store has already is passed over.
   */
  apply(record: Uint8Array): Lsn;
  /** When a record was committed, milliseconds since the epoch, and its LSN, without applying it: STOPAT. */
  describe(record: Uint8Array): { readonly lsn: Lsn; readonly beginLsn: Lsn; readonly committed: number };
}

/** Change tracking as the commits write it, change by change; net changes are computed by who asks. */
export interface Tracking {
  /** Version of the last commit that wrote a tracked table, 0 before the first. With a view: as of its moment. */
  currentVersion(view?: View): bigint;
  /** Changes after a version in the order of the commits; with a view: as of its moment. */
  changes(table: Table, since: bigint, view?: View): Iterable<TrackedChange>;
  /** What a client must have read at least to read on. */
  minimumValidVersion(table: Table, view?: View): bigint;
  /** Forgets what was committed longer ago; the minimum valid versions rise. */
  cleanup(olderThanMs: number): void;
  /** Commit time in milliseconds since the epoch of a version that is still kept. */
  committedAt(version: bigint): number | undefined;
}

export interface TrackedChange {
  readonly version: bigint;
  readonly operation: 'I' | 'U' | 'D';
  /** Primary key in the order of its index. An update of the primary key is a delete and an insert. */
  readonly key: readonly Value[];
  /** column_ids that an update changed, where the table tracks columns. */
  readonly columns: readonly number[] | undefined;
  readonly context: Uint8Array | undefined;
}
