import type { Catalog, Table } from '../catalog/schema.ts';
import { accessOf, type Values } from './access.ts';
import type { Connection } from './connection.ts';
import type { Moment } from './moments.ts';
import { beforeOf, type Write } from './overlay.ts';
import { keyColumns } from './physical.ts';
import type { TrackedChange, Tracking, View } from './store.ts';
import { ByteReader, ByteWriter } from './value-codec.ts';
import { StoreView } from './view.ts';

/** `beginVersion` of a table that begins anew with the commit of its definition: TRUNCATE. */
export const AT_COMMIT = -1n;

/** Change tracking: what each commit did to the rows of tracked tables, by their primary key. */
export class ChangeTracking implements Tracking {
  readonly #connection: Connection;
  readonly #newest: () => Moment;
  readonly #now: () => number;
  /** Before and after something outside of a commit is written. */
  readonly #write: (work: () => void) => void;

  constructor(
    connection: Connection,
    newest: () => Moment,
    now: () => number,
    write: (work: () => void) => void,
  ) {
    this.#connection = connection;
    this.#newest = newest;
    this.#now = now;
    this.#write = write;
  }

  #moment(view: View | undefined): Moment {
    const real = view?.origin ?? view;
    return real instanceof StoreView ? real.moment : this.#newest();
  }

  currentVersion(view?: View): bigint {
    return this.#moment(view).state.version;
  }

  *changes(table: Table, since: bigint, view?: View): Generator<TrackedChange, void, undefined> {
    const rows = this.#moment(view).connection.iterate(
      'SELECT version, operation, key, columns, context FROM tracking WHERE table_id = ? AND version > ? ORDER BY version, ordinal',
      [table.id, since],
    );
    for (const [version, operation, key, columns, context] of rows) {
      yield {
        version: BigInt(Number(version)),
        operation: operation === 'I' || operation === 'D' ? operation : 'U',
        key: key instanceof Uint8Array ? new ByteReader(key).values() : [],
        columns: typeof columns === 'string' ? columns.split(',').filter(Boolean).map(Number) : undefined,
        context: context instanceof Uint8Array ? context : undefined,
      };
    }
  }

  minimumValidVersion(table: Table, view?: View): bigint {
    const row = this.#moment(view).connection.first(
      'SELECT version FROM tracking_minimum WHERE table_id = ?',
      [table.id],
    );
    const cleaned = BigInt(Number(row?.[0] ?? 0));
    const begun = table.changeTracking?.beginVersion ?? 0n;
    return cleaned > begun ? cleaned : begun;
  }

  cleanup(olderThanMs: number): void {
    const limit = this.#now() - olderThanMs;
    const row = this.#connection.first('SELECT max(version) FROM tracking_commits WHERE committed < ?', [
      limit,
    ]);
    if (typeof row?.[0] !== 'number') return;
    const version = row[0];
    // Asked before the write: who reads meanwhile would pin the moment before it.
    const tables = [...this.#newest().state.catalog.tables.values()];
    this.#write(() => {
      for (const table of tables)
        if (table.changeTracking)
          this.#connection.run(
            'INSERT INTO tracking_minimum(table_id, version) VALUES(?, ?) ON CONFLICT(table_id) DO UPDATE SET version = excluded.version',
            table.id,
            version,
          );
      this.#connection.run('DELETE FROM tracking WHERE version <= ?', version);
      this.#connection.run('DELETE FROM tracking_commits WHERE version <= ?', version);
    });
  }

  committedAt(version: bigint): number | undefined {
    const row = this.#connection.first('SELECT committed FROM tracking_commits WHERE version = ?', [version]);
    return row ? Number(row[0]) : undefined;
  }

  /** Inside the SQLite transaction of a commit: whether anything was tracked under `version`. */
  write(version: bigint, writes: Iterable<Write>, catalog: Catalog): boolean {
    let ordinal = 0;
    for (const write of writes) {
      const table = catalog.tables.get(write.table.id);
      if (!table?.changeTracking || write.relayout) continue;
      for (const { operation, key, columns } of trackedChanges(write, table)) {
        this.#connection.run(
          'INSERT INTO tracking(table_id, version, ordinal, operation, key, columns, context) VALUES(?, ?, ?, ?, ?, ?, ?)',
          table.id,
          version,
          ordinal++,
          operation,
          encodeKey(key),
          columns ?? null,
          write.context ?? null,
        );
      }
    }
    return ordinal > 0;
  }

  /** Inside the SQLite transaction of a commit that has a version. */
  committed(version: bigint): void {
    this.#connection.run(
      'INSERT INTO tracking_commits(version, committed) VALUES(?, ?)',
      version,
      this.#now(),
    );
  }

  /** Inside the SQLite transaction of a commit: tables that are gone or no longer tracked. */
  forget(tableId: number): void {
    this.#connection.run('DELETE FROM tracking WHERE table_id = ?', tableId);
    this.#connection.run('DELETE FROM tracking_minimum WHERE table_id = ?', tableId);
  }
}

interface Change {
  readonly operation: 'I' | 'U' | 'D';
  readonly key: Values;
  readonly columns?: string;
}

function trackedChanges(write: Write, tracked: Table): readonly Change[] {
  const before = beforeOf(write);
  const { after } = write;
  const places = keyPlaces(write.table);
  const keyOf = (values: Values) => places.map(place => values[place] ?? null);
  if (!before) return after ? [{ operation: 'I', key: keyOf(after) }] : [];
  if (!after) return [{ operation: 'D', key: keyOf(before) }];
  const changed = write.table.columns.filter((_, place) => !same(before[place], after[place]));
  if (places.some(place => !same(before[place], after[place]))) {
    return [
      { operation: 'D', key: keyOf(before) },
      { operation: 'I', key: keyOf(after) },
    ];
  }
  const columns = tracked.changeTracking?.trackColumns
    ? { columns: changed.map(column => column.id).join(',') }
    : {};
  return [{ operation: 'U', key: keyOf(after), ...columns }];
}

function keyPlaces(table: Table): readonly number[] {
  const primary = table.keys.find(key => key.primary);
  const index = table.indexes.find(each => each.id === primary?.indexId);
  if (!index) return [];
  const ids = keyColumns(index).map(({ column }) => column);
  return ids.map(id => accessOf(table).table.columns.findIndex(column => column.id === id));
}

function same(left: Values[number] | undefined, right: Values[number] | undefined): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || !left || !right) return false;
  return Buffer.compare(encodeKey([left]), encodeKey([right])) === 0;
}

function encodeKey(key: Values): Uint8Array {
  const writer = new ByteWriter();
  writer.values(key);
  return writer.finish();
}
