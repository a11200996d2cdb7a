import fc from 'fast-check';
import { expect, test } from 'vitest';
import { systemClock } from '../../../../../src/foundation/clock.ts';
import { SqlError } from '../../../../../src/lab/sqlserver/errors.ts';
import { openStore } from '../../../../../src/lab/sqlserver/storage/open.ts';
import {
  LockWait,
  type Range,
  type Savepoint,
  type Snapshot,
  type Store,
  type StoredRow,
  type Transaction,
} from '../../../../../src/lab/sqlserver/storage/store.ts';
import { BIGINT, INT, type Value } from '../../../../../src/lab/sqlserver/values/types.ts';
import { column, createTable, index, table, temporaryFile } from './fixture.ts';

/** Several transactions and snapshots at once, against maps. */

type Row = readonly [key: number, value: bigint | null];
type Rows = Map<number, Row>;

interface ModelTransaction {
  readonly snapshot: boolean;
  readonly real: Transaction;
  base: Rows | undefined;
  own: Map<number, Row | null>;
  rows: Set<number>;
  keys: Set<number>;
  savepoint:
    | { real: Savepoint; own: Map<number, Row | null>; rows: Set<number>; keys: Set<number> }
    | undefined;
}

const TABLE = table(
  [column(1, INT, { nullable: false }), column(2, BIGINT)],
  [index(1, [1], { unique: true }), index(2, [2]), index(3, [-2, 1])],
);

type Command =
  | { readonly do: 'begin'; readonly who: number; readonly snapshot: boolean }
  | { readonly do: 'insert'; readonly who: number; readonly key: number; readonly value: bigint | null }
  | {
      readonly do: 'update';
      readonly who: number;
      readonly pick: number;
      readonly key: number;
      readonly value: bigint | null;
    }
  | { readonly do: 'delete'; readonly who: number; readonly pick: number }
  | { readonly do: 'savepoint' | 'undo' | 'commit' | 'rollback' | 'read'; readonly who: number }
  | { readonly do: 'range'; readonly who: number; readonly range: Range }
  | { readonly do: 'snapshot' | 'forget' | 'restart' };

const who = fc.nat({ max: 2 });
const key = fc.nat({ max: 7 });
const value = fc.option(fc.constantFrom(-(2n ** 60n), 0n, 1n, 2n, 3n, 2n ** 60n), { nil: null });
const edge = fc.option(
  fc.record({ key: fc.tuple(fc.constantFrom(0n, 1n, 2n, 3n)), inclusive: fc.boolean() }),
  { nil: undefined },
);
const twoPartEdge = fc.option(
  fc.record({
    key: fc.oneof(
      fc.tuple(fc.constantFrom(0n, 1n, 2n)),
      fc.tuple(fc.option(fc.constantFrom(0n, 1n, 2n), { nil: null }), key),
    ),
    inclusive: fc.boolean(),
  }),
  { nil: undefined },
);

const range = fc
  .oneof(
    fc.record({ indexId: fc.constant(2), low: edge, high: edge, reverse: fc.boolean() }),
    fc.record({ indexId: fc.constant(3), low: twoPartEdge, high: twoPartEdge, reverse: fc.boolean() }),
  )
  .map(
    ({ indexId, low, high, reverse }): Range => ({
      indexId,
      reverse,
      ...(low ? { low } : {}),
      ...(high ? { high } : {}),
    }),
  );

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('begin' as const), who, snapshot: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('insert' as const), who, key, value }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('update' as const), who, pick: fc.nat(), key, value }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('delete' as const), who, pick: fc.nat() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('commit' as const, 'read' as const), who }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('savepoint' as const, 'undo' as const, 'rollback' as const),
      who,
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('range' as const), who, range }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('snapshot' as const, 'forget' as const, 'restart' as const),
    }),
  },
);

class World {
  readonly #options = {
    file: temporaryFile(),
    clock: systemClock,
    databaseId: 5,
    kind: 'user',
  } as const;
  #store: Store = openStore(this.#options);
  readonly #table = createTable(this.#store, TABLE);
  #committed: Rows = new Map();
  readonly #changed = new Map<number, number>();
  #commits = 0;
  readonly #begun = new Map<ModelTransaction, number>();
  readonly #active: (ModelTransaction | undefined)[] = [undefined, undefined, undefined];
  #snapshot: { readonly real: Snapshot; readonly rows: Rows } | undefined;

  run(command: Command): void {
    if (command.do === 'snapshot') this.#open();
    else if (command.do === 'forget') this.#forget();
    else if (command.do === 'restart') this.#restart();
    else if (command.do === 'begin') {
      this.#active[command.who] ??= {
        snapshot: command.snapshot,
        real: this.#store.begin(command.who + 51, { snapshot: command.snapshot }),
        base: undefined,
        own: new Map(),
        rows: new Set(),
        keys: new Set(),
        savepoint: undefined,
      };
    } else if ('who' in command) {
      const transaction = this.#active[command.who];
      if (transaction) this.#step(transaction, command);
    }
    if (this.#snapshot)
      expect(sorted(this.#snapshot.real.scan(this.#table))).toEqual(flat(this.#snapshot.rows));
  }

  #step(transaction: ModelTransaction, command: Command): void {
    switch (command.do) {
      case 'insert':
        this.#insert(transaction, command.key, command.value);
        break;
      case 'update':
      case 'delete':
        this.#change(transaction, command);
        break;
      case 'savepoint': {
        const { real, own, rows, keys } = transaction;
        transaction.savepoint = {
          real: real.savepoint(),
          own: new Map(own),
          rows: new Set(rows),
          keys: new Set(keys),
        };
        break;
      }
      case 'undo':
        if (transaction.savepoint) {
          const { real, own, rows, keys } = transaction.savepoint;
          transaction.real.rollbackTo(real);
          Object.assign(transaction, { own: new Map(own), rows: new Set(rows), keys: new Set(keys) });
        }
        break;
      case 'commit':
        this.#commit(transaction);
        break;
      case 'rollback':
        transaction.real.rollback();
        this.#end(transaction);
        break;
      case 'read':
        this.#read(transaction);
        break;
      case 'range':
        this.#range(transaction, command.range);
        break;
      default:
    }
  }

  #pin(transaction: ModelTransaction): void {
    if (!transaction.snapshot || transaction.base) return;
    transaction.real.view().close();
    transaction.base = new Map(this.#committed);
    this.#begun.set(transaction, this.#commits);
  }

  #rowsOf(transaction: ModelTransaction): Rows {
    const rows = new Map(transaction.base ?? this.#committed);
    for (const [rid, row] of transaction.own) {
      if (row) rows.set(rid, row);
      else rows.delete(rid);
    }
    return rows;
  }

  #read(transaction: ModelTransaction): void {
    this.#pin(transaction);
    const view = transaction.real.view();
    const rows = this.#rowsOf(transaction);
    expect([...view.scan(this.#table)].map(row => row.values)).toEqual(
      [...rows.values()].sort((left, right) => left[0] - right[0]),
    );
    for (let wanted = 0; wanted <= 7; wanted++) {
      const found = [...view.seek(this.#table, 1, [wanted])].map(row => row.rid);
      expect(found).toEqual([...rows].filter(([, row]) => row[0] === wanted).map(([rid]) => rid));
    }
    for (const wanted of [null, 1n, 2n ** 60n]) {
      const found = [...view.seek(this.#table, 2, [wanted])].map(row => row.rid).sort((a, b) => a - b);
      const expected = [...rows].filter(([, row]) => row[1] === wanted).map(([rid]) => rid);
      expect(found).toEqual(expected.sort((a, b) => a - b));
    }
    view.close();
  }

  #range(transaction: ModelTransaction, range: Range): void {
    this.#pin(transaction);
    const view = transaction.real.view();
    const found = [...view.scan(this.#table, range)].map(row => [row.rid, ...row.values]);
    view.close();
    const inside = [...this.#rowsOf(transaction)].filter(([, row]) => within(row, range));
    inside.sort(([leftRid, left], [rightRid, right]) => {
      const byValue = compare(left[1], right[1]);
      if (range.indexId === 2) return byValue || leftRid - rightRid;
      return -byValue || left[0] - right[0] || leftRid - rightRid;
    });
    if (range.reverse) inside.reverse();
    expect(found).toEqual(inside.map(([rid, row]) => [rid, ...row]));
  }

  #others(transaction: ModelTransaction): ModelTransaction[] {
    return this.#active.flatMap(each => (each && each !== transaction ? [each] : []));
  }

  /** What `holder` has to say, undefined where it has to wait. */
  #holder(transaction: ModelTransaction, wanted: number): { readonly rid: number | undefined } | undefined {
    const others = this.#others(transaction);
    if (others.some(other => other.keys.has(wanted))) return undefined;
    transaction.keys.add(wanted);
    const rows = new Map(this.#committed);
    for (const [rid, row] of transaction.own) {
      if (row) rows.set(rid, row);
      else rows.delete(rid);
    }
    const rid = [...rows].find(([, row]) => row[0] === wanted)?.[0];
    if (rid !== undefined && others.some(other => other.rows.has(rid))) return undefined;
    return { rid };
  }

  #insert(transaction: ModelTransaction, wanted: number, value: bigint | null): void {
    this.#pin(transaction);
    const expected = this.#holder(transaction, wanted);
    const found = attempt(() => ({ rid: transaction.real.holder(this.#table, 1, [wanted]) }));
    expect(found).toEqual(expected ?? 'wait');
    if (!expected || expected.rid !== undefined) return;
    const rid = transaction.real.insert(this.#table, [wanted, value]);
    transaction.own.set(rid, [wanted, value]);
  }

  #change(transaction: ModelTransaction, command: Command & { readonly do: 'update' | 'delete' }): void {
    this.#pin(transaction);
    const rows = [...this.#rowsOf(transaction)];
    const [rid, old] = rows[command.pick % Math.max(1, rows.length)] ?? [];
    if (rid === undefined || !old) return;
    if (command.do === 'update' && command.key !== old[0]) {
      const expected = this.#holder(transaction, command.key);
      const found = attempt(() => ({ rid: transaction.real.holder(this.#table, 1, [command.key]) }));
      expect(found).toEqual(expected ?? 'wait');
      if (!expected || expected.rid !== undefined) return;
    }
    const own = transaction.own.has(rid);
    const locked = this.#others(transaction).some(other => other.rows.has(rid));
    const begun = this.#begun.get(transaction) ?? Number.POSITIVE_INFINITY;
    const stale = transaction.snapshot && !own && (this.#changed.get(rid) ?? 0) > begun;
    const next: Row | null = command.do === 'update' ? [command.key, command.value] : null;
    const result = attempt(() => {
      if (next) transaction.real.update(this.#table, rid, next);
      else transaction.real.delete(this.#table, rid);
      return 'done';
    });
    expect(result).toBe(locked ? 'wait' : stale ? 3960 : 'done');
    if (locked) return;
    if (stale) {
      transaction.real.rollback();
      this.#end(transaction);
      return;
    }
    if (!own) transaction.rows.add(rid);
    transaction.own.set(rid, next);
  }

  #commit(transaction: ModelTransaction): void {
    transaction.real.commit();
    this.#commits++;
    for (const [rid, row] of transaction.own) {
      this.#changed.set(rid, this.#commits);
      if (row) this.#committed.set(rid, row);
      else this.#committed.delete(rid);
    }
    this.#end(transaction);
    expect(this.#store.rowCount(this.#table)).toBe(this.#committed.size);
  }

  #end(transaction: ModelTransaction): void {
    this.#active[this.#active.indexOf(transaction)] = undefined;
  }

  #open(): void {
    this.#snapshot ??= { real: this.#store.snapshot(), rows: new Map(this.#committed) };
  }

  #forget(): void {
    this.#snapshot?.real.close();
    this.#snapshot = undefined;
  }

  #restart(): void {
    if (this.#active.some(each => each)) return;
    this.#forget();
    this.#store.close();
    this.#store = openStore(this.#options);
  }

  close(): void {
    for (const transaction of this.#active) transaction?.real.rollback();
    this.#forget();
    const snapshot = this.#store.snapshot();
    expect(sorted(snapshot.scan(this.#table))).toEqual(flat(this.#committed));
    snapshot.close();
    this.#store.close();
  }
}

function attempt<T>(work: () => T): T | 'wait' | number {
  try {
    return work();
  } catch (error) {
    if (error instanceof LockWait) return 'wait';
    if (error instanceof SqlError) return error.number;
    throw error;
  }
}

function compare(left: Value, right: Value): number {
  if (left === right) return 0;
  if (left === null) return -1;
  if (right === null) return 1;
  return left < right ? -1 : 1;
}

/** By the words of `Range`: column by column, NULL only where both keys have it in front. */
function within(row: Row, { indexId, low, high }: Range): boolean {
  const values: Value[] = indexId === 2 ? [row[1]] : [row[1], row[0]];
  const beyond = (edge: NonNullable<Range['low']>, direction: 1 | -1): boolean => {
    for (const [n, bound] of edge.key.entries()) {
      const value = values[n] ?? null;
      const common =
        low && high && low.key.length > n && high.key.length > n && low.key[0] === high.key[0] && n === 0;
      const last = (each: Range['low']) => each !== undefined && each.key.length === 1 && !each.inclusive;
      if (common && !last(low) && !last(high)) {
        if (value !== bound) return false;
        continue;
      }
      if (value === null || bound === null) return false;
      const order = compare(value, bound) * direction;
      if (order !== 0) return order > 0;
    }
    return edge.inclusive;
  };
  return (!low || beyond(low, 1)) && (!high || beyond(high, -1));
}

function sorted(rows: Iterable<StoredRow>): unknown[] {
  return [...rows].map(row => [row.rid, ...row.values]).sort((a, b) => Number(a[0]) - Number(b[0]));
}

function flat(rows: Rows): unknown[] {
  return [...rows].map(([rid, row]) => [rid, ...row]).sort((a, b) => Number(a[0]) - Number(b[0]));
}

test('transactions and snapshots read and write as maps would', () => {
  fc.assert(
    fc.property(fc.array(command, { minLength: 20, maxLength: 150, size: 'max' }), commands => {
      const world = new World();
      for (const command of commands) world.run(command);
      world.close();
    }),
    { numRuns: 80 },
  );
});
