import type { Clock } from '../../../foundation/clock.ts';
import type { Table } from '../catalog/schema.ts';
import type { KeyName } from './access.ts';
import {
  asOwner,
  deadlock,
  holdsTable,
  KeyLock,
  lockTimeout,
  type Owner,
  others,
  RowLock,
  type TableLocks,
  TableWait,
  touchedRow,
} from './lock-parts.ts';
import type { LockMode, Locks, LockWait, Range, Transaction } from './store.ts';
import type { Waiter, WaitGraph } from './wait-graph.ts';

interface Waiting extends Waiter {
  readonly wait: LockWait;
}

/** Somebody who has waited and whose turn it is: whoever comes later queues behind. */
interface Turn {
  resource: string;
  tableId: number;
  /** How often it has waited in one statement, other than behind others. */
  tries: number;
  /** Its statement has to wait once more, so that it is not over when it closes its view. */
  refused: boolean;
}

/** A reader or a table lock that has been overtaken this often holds back those who have not written in the table yet. */
const PATIENCE = 2;

export class StoreLocks implements Locks {
  readonly #graph: WaitGraph;
  readonly #clock: Clock;
  readonly #tables = new Map<number, TableLocks>();
  readonly #waiting = new Set<Waiting>();
  readonly #turns = new Map<Owner, Turn>();
  #schema: Owner | undefined;

  constructor(graph: WaitGraph, clock: Clock) {
    this.#graph = graph;
    this.#clock = clock;
  }

  take(transaction: Transaction, table: Table, rid: number | undefined, mode: LockMode): void {
    const owner = asOwner(transaction);
    if (rid === undefined) this.#takeTable(owner, table, mode);
    else {
      if (mode === 'S') this.#shareRow(owner, table, rid);
      else this.takeRow(owner, table, rid);
      owner.checkFresh(table, rid);
    }
  }

  #shareRow(owner: Owner, table: Table, rid: number): void {
    const locks = this.#locks(table.id);
    const holders = locks.sharedRows.get(rid) ?? new Set();
    if (holders.has(owner) || locks.rows.get(rid) === owner) return;
    this.checkRow(owner, table, rid);
    const whole = others(owner, locks.exclusive, locks.schema);
    const resource = `OBJECT:${table.id}`;
    if (whole) {
      throw this.#refused(
        owner,
        new TableWait(resource, whole, 'S', table.id, () => holdsTable(locks, whole)),
      );
    }
    holders.add(owner);
    locks.sharedRows.set(rid, holders);
    this.#hold(owner, `RID:${table.id}:${rid}`, 'S', () => {
      holders.delete(owner);
      if (holders.size === 0) locks.sharedRows.delete(rid);
    });
    if (locks.readers.has(owner)) return;
    locks.readers.add(owner);
    this.#hold(owner, '', 'S', () => locks.readers.delete(owner));
  }

  /** X on a row. */
  takeRow(owner: Owner, table: Table, rid: number): void {
    const locks = this.#locks(table.id);
    const holder = locks.rows.get(rid);
    if (holder === owner) return;
    const resource = () => `RID:${table.id}:${rid}`;
    if (holder) {
      const blocked = () => locks.rows.get(rid) === holder;
      throw this.#refused(owner, new TableWait(resource(), holder, 'X', table.id, blocked));
    }
    const sharers = locks.sharedRows.get(rid);
    const reader = sharers && others(owner, ...sharers);
    if (reader) {
      const blocked = () => sharers.has(reader);
      throw this.#refused(owner, new TableWait(resource(), reader, 'X', table.id, blocked));
    }
    this.write(owner, table);
    // Who has the row already goes before those who wait for it.
    if (this.#turns.size > 0 && !sharers?.has(owner)) {
      const text = resource();
      this.#queue(owner, table.id, text, 'X', turn => turn.resource === text);
    }
    locks.rows.set(rid, owner);
    owner.held.push(new RowLock(table.id, rid, locks.rows));
  }

  /** X on a key of a unique index. */
  takeKey(owner: Owner, table: Table, indexId: number, name: KeyName): void {
    const locks = this.#locks(table.id);
    if (locks.exclusive === owner) return;
    let keys = locks.keys.get(indexId);
    if (!keys) {
      keys = new Map();
      locks.keys.set(indexId, keys);
    }
    const all = keys;
    const holder = all.get(name);
    if (holder === owner) return;
    const resource = () => `KEY:${table.id}:${indexId}:${name}`;
    if (holder)
      throw this.#refused(
        owner,
        new TableWait(resource(), holder, 'X', table.id, () => all.get(name) === holder),
      );
    this.write(owner, table);
    if (this.#turns.size > 0) {
      const text = resource();
      this.#queue(owner, table.id, text, 'X', turn => turn.resource === text);
    }
    all.set(name, owner);
    owner.held.push(new KeyLock(table.id, indexId, name, all));
  }

  /** What every write in a table needs: nobody else has locked it whole. */
  write(owner: Owner, table: Table): void {
    const locks = this.#locks(table.id);
    if (locks.writers.has(owner)) return;
    const resource = `OBJECT:${table.id}`;
    const inTheWay = others(owner, locks.exclusive, locks.schema, ...locks.shared);
    if (inTheWay) {
      throw this.#refused(
        owner,
        new TableWait(resource, inTheWay, 'X', table.id, () => holdsTable(locks, inTheWay)),
      );
    }
    this.#queue(owner, table.id, resource, 'X', turn => turn.tries >= PATIENCE);
    locks.writers.add(owner);
    owner.held.push({ resource: '', mode: 'X', release: () => locks.writers.delete(owner) });
  }

  /** The holder of a row, if it is somebody else. */
  checkRow(owner: Owner, table: Table, rid: number): void {
    const locks = this.#locks(table.id);
    const holder = locks.rows.get(rid);
    if (!holder || holder === owner) return;
    throw this.#refused(
      owner,
      new TableWait(`RID:${table.id}:${rid}`, holder, 'S', table.id, () => locks.rows.get(rid) === holder),
    );
  }

  takeSchema(owner: Owner): void {
    const holder = this.#schema;
    if (holder === owner) return;
    if (holder)
      throw this.#refused(
        owner,
        new TableWait('METADATA', holder, 'Sch-M', 0, () => this.#schema === holder),
      );
    this.#queue(owner, 0, 'METADATA', 'Sch-M', () => true);
    this.#schema = owner;
    this.#hold(owner, 'METADATA', 'Sch-M', () => {
      this.#schema = undefined;
    });
  }

  #takeTable(owner: Owner, table: Table, mode: LockMode): void {
    const locks = this.#locks(table.id);
    const had =
      mode === 'S'
        ? locks.shared.has(owner) || locks.exclusive === owner || locks.schema === owner
        : mode === 'X'
          ? locks.exclusive === owner || locks.schema === owner
          : locks.schema === owner;
    if (had) return;
    const resource = `OBJECT:${table.id}`;
    const readers = mode === 'S' ? [] : [...locks.shared, ...locks.readers];
    const inTheWay = others(owner, locks.exclusive, locks.schema, ...locks.writers, ...readers);
    if (inTheWay) {
      throw this.#refused(
        owner,
        new TableWait(resource, inTheWay, mode, table.id, () => {
          if (mode !== 'S' && (locks.shared.has(inTheWay) || locks.readers.has(inTheWay))) return true;
          return locks.exclusive === inTheWay || locks.schema === inTheWay || locks.writers.has(inTheWay);
        }),
      );
    }
    if (mode === 'S') {
      locks.shared.add(owner);
      this.#hold(owner, resource, mode, () => locks.shared.delete(owner));
    } else if (mode === 'X') {
      locks.exclusive = owner;
      this.#hold(owner, resource, mode, () => {
        locks.exclusive = undefined;
      });
    } else {
      locks.schema = owner;
      this.#hold(owner, resource, mode, () => {
        locks.schema = undefined;
      });
    }
  }

  respect(transaction: Transaction | undefined, table: Table, range?: Range): void {
    const locks = this.#tables.get(table.id);
    if (!locks) return;
    const me = transaction && asOwner(transaction);
    const resource = `OBJECT:${table.id}`;
    const whole = others(me, locks.exclusive, locks.schema);
    if (whole)
      throw this.#refused(me, new TableWait(resource, whole, 'S', table.id, () => holdsTable(locks, whole)));
    for (const writer of locks.writers) {
      if (writer === me) continue;
      const overlay = writer.overlay(table.storeId);
      const rid = overlay && touchedRow(overlay, table, range);
      if (rid === undefined) continue;
      throw this.#refused(
        me,
        new TableWait(`RID:${table.id}:${rid}`, writer, 'S', table.id, () => {
          return overlay?.entries.has(rid) === true && locks.writers.has(writer);
        }),
      );
    }
  }

  async wait(
    waiting: Transaction | number,
    wait: LockWait,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    signal.throwIfAborted();
    const transaction = typeof waiting === 'number' ? undefined : asOwner(waiting);
    if (transaction && wait instanceof TableWait) this.#takeTurn(transaction, wait);
    if (!(wait instanceof TableWait) || !wait.blocked()) return;
    if (timeoutMs === 0) throw lockTimeout();
    const session = typeof waiting === 'number' ? waiting : waiting.session;
    const ended = Promise.withResolvers<'again' | 'victim'>();
    const entry: Waiting = {
      wait,
      session,
      owner: wait.ownerSession,
      priority: transaction?.deadlockPriority ?? 0,
      writes: transaction?.writes ?? 0,
      soft: wait.soft,
      end: how => {
        // At once, and not when its session runs: it waits for nobody any more.
        this.#waiting.delete(entry);
        this.#graph.remove(entry);
        ended.resolve(how);
      },
    };
    const timer = new AbortController();
    const abort = () => ended.reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    if (timeoutMs > 0) {
      this.#clock.sleep(timeoutMs, timer.signal).then(
        () => ended.reject(lockTimeout()),
        () => {},
      );
    }
    this.#waiting.add(entry);
    this.#graph.add(entry);
    try {
      this.#graph.breakCircle(entry);
      if ((await ended.promise) === 'victim') throw deadlock(session);
    } finally {
      this.#waiting.delete(entry);
      this.#graph.remove(entry);
      signal.removeEventListener('abort', abort);
      timer.abort();
    }
  }

  /** Lets go of everything that was taken after `from` locks were held. */
  release(owner: Owner, from: number): void {
    for (let lock = owner.held.length > from ? owner.held.pop() : undefined; lock; ) {
      lock.release();
      lock = owner.held.length > from ? owner.held.pop() : undefined;
    }
    this.#wake();
  }

  /** The transaction is over. */
  end(owner: Owner): void {
    this.#turns.delete(owner);
    this.release(owner, 0);
  }

  /** The statement that had waited is over. */
  endTurn(owner: Owner): void {
    if (this.#turns.get(owner)?.refused !== false) return;
    this.#turns.delete(owner);
    this.#wake();
  }

  held(): ReturnType<Locks['held']> {
    const owners = new Set<Owner>();
    for (const { shared, readers, exclusive, schema, writers } of this.#tables.values()) {
      for (const owner of [...shared, ...readers, ...writers, exclusive, schema])
        if (owner) owners.add(owner);
    }
    if (this.#schema) owners.add(this.#schema);
    const held = [...owners].flatMap(({ session, held }) =>
      held
        .filter(({ resource }) => resource !== '')
        .map(({ resource, mode }) => ({ session, resource, mode, waiting: false })),
    );
    const waiting = [...this.#waiting].map(({ session, wait: { resource, mode } }) => ({
      session,
      resource,
      mode,
      waiting: true,
    }));
    return [...held, ...waiting];
  }

  /** Queues behind an earlier waiter, unless that one waits for this transaction in its turn. */
  #queue(
    owner: Owner,
    tableId: number,
    resource: string,
    mode: LockMode,
    behind: (turn: Turn) => boolean,
  ): void {
    for (const [transaction, turn] of this.#turns) {
      if (transaction === owner) return;
      if (turn.tableId !== tableId || transaction.session === owner.session || !behind(turn)) continue;
      if (this.#graph.reaches(transaction.session, owner.session)) continue;
      const blocked = () => this.#turns.get(transaction) === turn && turn.tableId === tableId;
      throw this.#refused(owner, new TableWait(resource, transaction, mode, tableId, blocked, true));
    }
  }

  #refused(owner: Owner | undefined, wait: TableWait): TableWait {
    const turn = owner && this.#turns.get(owner);
    if (turn) turn.refused = true;
    return wait;
  }

  /** The place in the queue is that of the statement's first wait. */
  #takeTurn(transaction: Owner, { resource, tableId, soft }: TableWait): void {
    const turn = this.#turns.get(transaction);
    if (!turn) {
      this.#turns.set(transaction, { resource, tableId, tries: soft ? 0 : 1, refused: false });
      return;
    }
    turn.resource = resource;
    turn.tableId = tableId;
    turn.refused = false;
    if (!soft) turn.tries++;
  }

  #wake(): void {
    for (const { wait, end } of this.#waiting) {
      if (wait instanceof TableWait && !wait.blocked()) end('again');
    }
  }

  #hold(owner: Owner, resource: string, mode: LockMode, release: () => void): void {
    owner.held.push({ resource, mode, release });
  }

  #locks(tableId: number): TableLocks {
    let locks = this.#tables.get(tableId);
    if (!locks) {
      locks = {
        shared: new Set(),
        exclusive: undefined,
        schema: undefined,
        writers: new Set(),
        rows: new Map(),
        sharedRows: new Map(),
        readers: new Set(),
        keys: new Map(),
      };
      this.#tables.set(tableId, locks);
    }
    return locks;
  }
}
