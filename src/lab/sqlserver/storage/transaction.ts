import type { Catalog, Table } from '../catalog/schema.ts';
import { SqlError } from '../errors.ts';
import type { Value } from '../values/types.ts';
import { accessOf, type Fills, type Values } from './access.ts';
import type { HeldLock, Owner } from './lock-parts.ts';
import type { Moment } from './moments.ts';
import { Overlay, relaid, type Write } from './overlay.ts';
import type { StoreParts } from './parts.ts';
import { type Facts, noRows } from './physical.ts';
import { type Commit, LockWait, type Lsn, type Savepoint, type Snapshot } from './store.ts';
import { StoreView } from './view.ts';

/** What a transaction has defined; immutable, so that a savepoint keeps it. */
export interface Definitions {
  /** The catalog that it began from, and the one that it has made of it. */
  readonly base: Catalog;
  readonly catalog: Catalog;
}

interface OwnSavepoint extends Savepoint {
  readonly notes: number;
  readonly locks: number;
  readonly undos: number;
  readonly definitions: Definitions | undefined;
  readonly fills: ReadonlyMap<number, Fills>;
}

/** One transaction: its writes lie in memory over the committed rows until the commit. */
export class StoreTransaction implements Owner {
  readonly id: number;
  readonly session: number;
  readonly begun: number;
  readonly snapshot: boolean;
  readonly held: HeldLock[] = [];
  readonly overlays = new Map<number, Overlay>();
  readonly journal: Write[] = [];
  readonly notes: string[] = [];
  /** Physical tables of its own. */
  readonly created = new Map<number, Facts>();
  /** Lowest rowversion that it has written. */
  lowestRowVersion: bigint | undefined;
  originator?: string;
  deadlockPriority?: number;
  trackingContext?: Uint8Array;
  relayout?: boolean;
  readonly #undos: (() => void)[] = [];
  /** Bytes of each write of the journal. */
  readonly #sizes: number[] = [];
  readonly #parts: StoreParts;
  #beginLsn: Lsn | undefined;
  #definitions: Definitions | undefined;
  #moment: Moment | undefined;
  readonly #views = new Set<StoreView>();
  #over = false;

  constructor(parts: StoreParts, id: number, session: number, snapshot: boolean) {
    this.#parts = parts;
    this.id = id;
    this.session = session;
    this.snapshot = snapshot;
    this.begun = parts.now();
  }

  get beginLsn(): Lsn | undefined {
    return this.#beginLsn;
  }

  get writes(): number {
    return this.journal.length;
  }

  get definitions(): Definitions | undefined {
    return this.#definitions;
  }

  get catalog(): Catalog {
    return this.#definitions?.catalog ?? this.#moment?.state.catalog ?? this.#parts.moments.state.catalog;
  }

  overlay(storeId: number): Overlay | undefined {
    return this.overlays.get(storeId);
  }

  view(options: { readonly dirty?: boolean } = {}): Snapshot {
    this.#alive();
    const { moments, active } = this.#parts;
    let moment: Moment;
    if (this.snapshot) {
      moment = this.#pin();
      moment.count++;
    } else moment = moments.take();
    moment.writers++;
    const view = new StoreView({
      moment,
      overlays:
        options.dirty === true
          ? () =>
              [...active]
                .filter(each => each !== this)
                .map(each => each.overlays)
                .concat(this.overlays)
          : () => [this.overlays],
      catalog: () => this.#definitions?.catalog ?? moment.state.catalog,
      closed: () => {
        moment.writers--;
        moments.release(moment);
        this.#views.delete(view);
        if (this.#views.size === 0) this.#parts.locks.endTurn(this);
      },
    });
    this.#views.add(view);
    return view;
  }

  /** A SNAPSHOT transaction reads the moment of its first read to its end. */
  #pin(): Moment {
    if (!this.#moment) {
      this.#moment = this.#parts.moments.take();
      this.#moment.writers++;
    }
    return this.#moment;
  }

  insert(table: Table, values: readonly Value[]): number {
    this.#begin();
    const { locks } = this.#parts;
    const access = accessOf(table);
    locks.write(this, table);
    for (const { index, nameOf } of access.unique) locks.takeKey(this, table, index.id, nameOf(values));
    const rid = this.#facts(table).nextRid++;
    this.#write(table, rid, undefined, values);
    return rid;
  }

  update(table: Table, rid: number, values: readonly Value[]): void {
    this.#begin();
    const before = this.#lockedRow(table, rid);
    if (!before) throw new Error(`row ${rid} of ${table.name} is gone`);
    for (const { index, nameOf } of accessOf(table).unique) {
      const name = nameOf(values);
      if (name !== nameOf(before)) this.#parts.locks.takeKey(this, table, index.id, name);
    }
    this.#write(table, rid, before, values);
  }

  delete(table: Table, rid: number): void {
    this.#begin();
    const before = this.#lockedRow(table, rid);
    if (before) this.#write(table, rid, before, null);
  }

  holder(table: Table, indexId: number, key: readonly Value[]): number | undefined {
    this.#begin();
    const { locks, moments } = this.#parts;
    const access = accessOf(table).index(indexId);
    locks.takeKey(this, table, indexId, access.nameOfKey(key));
    const view = new StoreView({
      moment: moments.newest(),
      overlays: () => [this.overlays],
      catalog: () => this.catalog,
      closed: () => {},
    });
    const entries = this.overlays.get(table.storeId)?.entries;
    let holder: number | undefined;
    let earliest = Number.POSITIVE_INFINITY;
    for (const { rid } of view.seek(table, indexId, key)) {
      locks.checkRow(this, table, rid);
      const written = entries?.get(rid)?.written ?? -1;
      if (written < earliest) [holder, earliest] = [rid, written];
    }
    return holder;
  }

  /** The row as this transaction has it; nobody else may change it from here on. */
  #lockedRow(table: Table, rid: number): Values | undefined {
    const overlay = this.overlays.get(table.storeId);
    const own = overlay?.entries.get(rid);
    if (overlay && own) return own.after ? relaid(own.after, own.table, table, overlay.fills) : undefined;
    const { locks, moments } = this.#parts;
    locks.takeRow(this, table, rid);
    this.checkFresh(table, rid);
    const fills = overlay?.fills;
    const view = new StoreView({
      moment: moments.newest(),
      overlays: () => (fills ? [this.overlays] : []),
      catalog: () => this.catalog,
      closed: () => {},
    });
    return view.row(table, rid)?.values;
  }

  checkFresh(table: Table, rid: number): void {
    const { versions, moments } = this.#parts;
    if (this.snapshot) {
      const pinned = this.#pin();
      if (moments.state === pinned.state) return;
      const changed = versions.of(table.storeId, rid) > pinned.state.sequence;
      const rebuilt = moments.state.catalog.tables.get(table.id)?.storeId !== table.storeId;
      if (changed || (rebuilt && !this.#definitions)) throw this.#conflict(table);
      return;
    }
    const changed = versions.of(table.storeId, rid);
    if (changed === 0) return;
    for (const view of this.#views) {
      // The statement has read what is no longer so: it begins again at once.
      if (view.moment.state.sequence < changed) throw new LockWait(`RID:${table.id}:${rid}`, 0, 'X');
    }
  }

  #conflict(table: Table): SqlError {
    const schema = this.catalog.schemas.get(table.schemaId)?.name ?? 'dbo';
    return new SqlError(
      3960,
      `Snapshot isolation transaction aborted due to update conflict. You cannot use snapshot isolation to access table '${schema}.${table.name}' directly or indirectly in database '${this.#parts.databaseName()}' to update, delete, or insert the row that has been modified or deleted by another transaction. Retry the transaction or change the isolation level for the update/delete statement.`,
      { state: 2, endsTransaction: true, endsBatch: true },
    );
  }

  #begin(): void {
    this.#alive();
    if (this.snapshot) this.#pin();
    this.#beginLsn ??= this.#parts.log.next(0);
  }

  #facts(table: Table): Facts {
    const facts = this.#parts.facts.get(table.storeId);
    if (!facts) throw new Error(`${table.name} has no physical table ${table.storeId}`);
    return facts;
  }

  #write(table: Table, rid: number, before: Values | undefined, after: Values | null): void {
    const overlay = this.#overlay(table.storeId);
    const previous = overlay.entries.get(rid);
    this.#sizes.push(this.#parts.memory.take(after));
    const write: Write = {
      table,
      rid,
      previous,
      // A row of its own that is gone again was never there.
      before: previous
        ? previous.before && relaid(previous.before, previous.table, table, overlay.fills)
        : before,
      after,
      touched: previous ? previous.touched : overlay.touched++,
      written: overlay.written++,
      context: this.trackingContext,
      relayout: this.relayout === true,
    };
    this.journal.push(write);
    overlay.set(rid, write);
    const { rowVersionPlace } = accessOf(table);
    const stamp = rowVersionPlace < 0 ? undefined : after?.[rowVersionPlace];
    if (stamp instanceof Uint8Array && stamp.length === 8) {
      const version = new DataView(stamp.buffer, stamp.byteOffset, 8).getBigUint64(0);
      if (version < (this.lowestRowVersion ?? version + 1n)) this.lowestRowVersion = version;
    }
  }

  #overlay(storeId: number): Overlay {
    let overlay = this.overlays.get(storeId);
    if (!overlay) {
      overlay = new Overlay();
      this.overlays.set(storeId, overlay);
    }
    return overlay;
  }

  savepoint(): Savepoint {
    this.#alive();
    const fills = new Map<number, Fills>();
    for (const [storeId, overlay] of this.overlays)
      if (overlay.fills.size > 0) fills.set(storeId, overlay.fills);
    const savepoint: OwnSavepoint = {
      depth: this.journal.length,
      locks: this.held.length,
      notes: this.notes.length,
      undos: this.#undos.length,
      definitions: this.#definitions,
      fills,
    };
    return savepoint;
  }

  rollbackTo(savepoint: Savepoint): void {
    this.#alive();
    if (!isOwnSavepoint(savepoint)) throw new TypeError('a savepoint of another store');
    this.#undo(savepoint.undos);
    while (this.journal.length > savepoint.depth) {
      const write = this.journal.pop();
      this.#parts.memory.give(this.#sizes.pop() ?? 0);
      if (write) this.overlays.get(write.table.storeId)?.set(write.rid, write.previous);
    }
    for (const [storeId, overlay] of this.overlays) {
      const fills = savepoint.fills.get(storeId);
      if (fills) overlay.fills = fills;
      else if (overlay.fills.size > 0) overlay.fills = new Map();
    }
    this.#definitions = savepoint.definitions;
    this.notes.length = savepoint.notes;
    this.#parts.locks.release(this, savepoint.locks);
  }

  define(change: (catalog: Catalog) => Catalog): void {
    this.#begin();
    const { locks, moments } = this.#parts;
    const temporary = this.#parts.temporary;
    if (!temporary) locks.takeSchema(this);
    const newest = moments.state.catalog;
    const before = this.#definitions?.catalog ?? newest;
    const after = change(before);
    if (after === before) return;
    for (const [id, table] of before.tables) {
      if (after.tables.get(id) !== table && newest.tables.has(id))
        locks.take(this, table, undefined, 'Sch-M');
    }
    this.#definitions = {
      base: this.#definitions?.base ?? newest,
      catalog: { ...after, version: this.#parts.nextCatalogVersion() },
    };
  }

  createPhysical(_table: Table): number {
    this.#begin();
    const storeId = this.#parts.nextStoreId();
    const facts = noRows();
    this.created.set(storeId, facts);
    this.#parts.facts.set(storeId, facts);
    return storeId;
  }

  note(text: string): void {
    this.#begin();
    this.notes.push(text);
  }

  fillColumn(storeId: number, column: number, value: Value): void {
    const overlay = this.#overlay(storeId);
    overlay.fills = new Map([...overlay.fills, [column, value]]);
  }

  onUndo(undo: () => void): void {
    this.#undos.push(undo);
  }

  #undo(from: number): void {
    for (const undo of this.#undos.splice(from).reverse()) undo();
  }

  commit(): Commit {
    this.#alive();
    try {
      return this.#parts.commit(this);
    } catch (error) {
      // Nothing of it is in the file; what it holds is let go as by a rollback.
      for (const storeId of this.created.keys()) this.#parts.facts.delete(storeId);
      throw error;
    } finally {
      this.#end();
    }
  }

  rollback(): void {
    if (this.#over) return;
    this.#undo(0);
    this.#parts.undone();
    for (const storeId of this.created.keys()) this.#parts.facts.delete(storeId);
    this.#end();
  }

  #end(): void {
    this.#over = true;
    this.#parts.memory.give(this.#sizes.reduce((sum, bytes) => sum + bytes, 0));
    this.#sizes.length = 0;
    for (const view of [...this.#views]) view.close();
    const moment = this.#moment;
    if (moment) {
      this.#moment = undefined;
      moment.writers--;
      this.#parts.moments.release(moment);
    }
    this.#parts.active.delete(this);
    this.#parts.locks.end(this);
    this.overlays.clear();
    this.#parts.ended();
  }

  #alive(): void {
    if (this.#over) throw new Error(`transaction ${this.id} is over`);
  }
}

function isOwnSavepoint(savepoint: Savepoint): savepoint is OwnSavepoint {
  return 'locks' in savepoint && 'fills' in savepoint;
}
