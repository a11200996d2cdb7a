import type { Table } from '../catalog/schema.ts';
import { SqlError } from '../errors.ts';
import { accessOf, type KeyName } from './access.ts';
import { type Overlay, relaid } from './overlay.ts';
import { boundsOfRange } from './range.ts';
import { type LockMode, LockWait, type Range, type Transaction } from './store.ts';

/** What the locks know of a transaction. */
export interface Owner extends Transaction {
  readonly held: HeldLock[];
  overlay(storeId: number): Overlay | undefined;
  /** The row was committed by somebody else after the view that the statement reads by: 3960 or a second try. */
  checkFresh(table: Table, rid: number): void;
}

export interface HeldLock {
  readonly resource: string;
  readonly mode: LockMode;
  release(): void;
}

/** Who holds what of one table. */
export interface TableLocks {
  readonly shared: Set<Owner>;
  exclusive: Owner | undefined;
  schema: Owner | undefined;
  /** Those who hold locks of rows or keys. */
  readonly writers: Set<Owner>;
  readonly rows: Map<number, Owner>;
  readonly sharedRows: Map<number, Set<Owner>>;
  /** Those who hold shared locks of rows. */
  readonly readers: Set<Owner>;
  readonly keys: Map<number, Map<KeyName, Owner>>;
}

/** A wait that knows when it is over. */
export class TableWait extends LockWait {
  readonly tableId: number;
  readonly ownerSession: number;
  /** Behind another waiter, not behind a lock. */
  readonly soft: boolean;
  readonly blocked: () => boolean;

  constructor(
    resource: string,
    owner: Transaction,
    mode: LockMode,
    tableId: number,
    blocked: () => boolean,
    soft = false,
  ) {
    super(resource, owner.id, mode);
    this.tableId = tableId;
    this.ownerSession = owner.session;
    this.blocked = blocked;
    this.soft = soft;
  }
}

/** As a lock of a key. */
export class RowLock implements HeldLock {
  readonly mode = 'X';
  readonly #tableId: number;
  readonly #rid: number;
  readonly #rows: Map<number, Owner>;

  constructor(tableId: number, rid: number, rows: Map<number, Owner>) {
    this.#tableId = tableId;
    this.#rid = rid;
    this.#rows = rows;
  }

  get resource(): string {
    return `RID:${this.#tableId}:${this.#rid}`;
  }

  release(): void {
    this.#rows.delete(this.#rid);
  }
}

/** There are many of them: the name of the resource is made when somebody asks. */
export class KeyLock implements HeldLock {
  readonly mode = 'X';
  readonly #tableId: number;
  readonly #indexId: number;
  readonly #name: KeyName;
  readonly #keys: Map<KeyName, Owner>;

  constructor(tableId: number, indexId: number, name: KeyName, keys: Map<KeyName, Owner>) {
    this.#tableId = tableId;
    this.#indexId = indexId;
    this.#name = name;
    this.#keys = keys;
  }

  get resource(): string {
    return `KEY:${this.#tableId}:${this.#indexId}:${this.#name}`;
  }

  release(): void {
    this.#keys.delete(this.#name);
  }
}

export function others(me: Owner | undefined, ...owners: (Owner | undefined)[]): Owner | undefined {
  return owners.find(owner => owner && owner !== me);
}

export function holdsTable(locks: TableLocks, owner: Owner): boolean {
  return locks.exclusive === owner || locks.schema === owner || locks.shared.has(owner);
}

/** A row of the overlay that lies in the range, or did before. */
export function touchedRow(overlay: Overlay, table: Table, range: Range | undefined): number | undefined {
  const bounds = range && boundsOfRange(accessOf(table).index(range.indexId), range);
  if (!range || !bounds) {
    const [first] = overlay.entries.keys();
    return first;
  }
  const { fills } = overlay;
  for (const rid of overlay.replaced) {
    const { before, table: from } = overlay.entries.get(rid) ?? {};
    if (before && from && bounds.inside(relaid(before, from, table, fills))) return rid;
  }
  // One key is looked up, so that readers do not go through all that a bulk load has written.
  const rows =
    bounds.whole && range.low ? overlay.withKey(table, range.indexId, range.low.key) : overlay.rows(table);
  for (const { rid, values } of rows) if (bounds.inside(values)) return rid;
  return undefined;
}

function isOwner(transaction: Transaction): transaction is Owner {
  return 'held' in transaction && 'overlay' in transaction;
}

export function asOwner(transaction: Transaction): Owner {
  if (!isOwner(transaction)) throw new TypeError('a transaction of another store');
  return transaction;
}

export function deadlock(session: number): SqlError {
  return new SqlError(
    1205,
    `Transaction (Process ID ${session}) was deadlocked on lock resources with another process and has been chosen as the deadlock victim. Rerun the transaction.`,
    { severity: 13, state: 51, endsTransaction: true, endsBatch: true },
  );
}

export function lockTimeout(): SqlError {
  return new SqlError(1222, 'Lock request time out period exceeded.', { state: 51 });
}
