import type { Catalog } from '../catalog/schema.ts';
import { Connection } from './connection.ts';
import type { Shape } from './physical.ts';
import type { Lsn } from './store.ts';

/** What was committed at a moment, the rows aside. */
export interface State {
  readonly catalog: Catalog;
  readonly shapes: ReadonlyMap<number, Shape>;
  /** Counts the commits since the store was opened. */
  readonly sequence: number;
  /** Change tracking version. */
  readonly version: bigint;
  /** Of the last commit. */
  readonly lsn: Lsn;
}

/** Idle read connections that are kept. */
const KEPT_CONNECTIONS = 4;
const CACHE_KB = 2048;

/**
 * The committed rows of one moment. All who read between two commits share one read transaction of SQLite, so that several
 * hundred sessions need as many connections as there are moments that somebody still reads.
 */
export class Moment {
  readonly state: State;
  readonly connection: Connection;
  /** Readers. */
  count = 0;
  /** Those among them that may write what they have read. */
  writers = 0;

  constructor(state: State, connection: Connection) {
    this.state = state;
    this.connection = connection;
  }
}

export class Moments {
  readonly #file: string;
  readonly #idle: Connection[] = [];
  readonly #older = new Set<Moment>();
  #current: Moment | undefined;
  #state: State;
  #closed = false;

  constructor(file: string, state: State) {
    this.#file = file;
    this.#state = state;
  }

  get state(): State {
    return this.#state;
  }

  /** The newest committed rows; to be given back to `release`. */
  take(): Moment {
    const moment = this.newest();
    moment.count++;
    return moment;
  }

  /** The newest committed rows for a read that ends before the next commit. */
  newest(): Moment {
    if (this.#current) return this.#current;
    const connection = this.#idle.pop() ?? new Connection(this.#file, { readOnly: true, cacheKb: CACHE_KB });
    connection.exec('BEGIN');
    // A read transaction begins with its first read.
    connection.first('SELECT 1 FROM facts LIMIT 1');
    this.#current = new Moment(this.#state, connection);
    return this.#current;
  }

  release(moment: Moment): void {
    moment.count--;
    // A database snapshot may outlive its store.
    if (this.#closed || moment.count > 0 || moment === this.#current) return;
    this.#older.delete(moment);
    this.#end(moment.connection);
  }

  /** Called before something is committed: readers of now keep what they read. */
  leave(): void {
    const current = this.#current;
    if (!current) return;
    this.#current = undefined;
    if (current.count > 0) this.#older.add(current);
    else this.#end(current.connection);
  }

  /** Called when it is committed. */
  enter(state: State): void {
    this.#state = state;
  }

  /** A transaction reads rows that are no longer the newest ones. */
  get watched(): boolean {
    for (const moment of this.#older) if (moment.writers > 0) return true;
    return false;
  }

  /** Nobody reads at all. */
  get unread(): boolean {
    return this.#older.size === 0 && (this.#current?.count ?? 0) === 0;
  }

  /** Somebody reads rows that are no longer the newest ones; the log of SQLite can not begin again. */
  get pinned(): boolean {
    return this.#older.size > 0;
  }

  #end(connection: Connection): void {
    if (connection.open > 0) {
      // An iteration that nobody has ended holds the read transaction.
      connection.close();
      return;
    }
    connection.exec('COMMIT');
    if (this.#idle.length < KEPT_CONNECTIONS) this.#idle.push(connection);
    else connection.close();
  }

  close(): void {
    this.#closed = true;
    for (const moment of this.#older) moment.connection.close();
    this.#older.clear();
    this.#current?.connection.close();
    this.#current = undefined;
    for (const connection of this.#idle) connection.close();
    this.#idle.length = 0;
  }
}
