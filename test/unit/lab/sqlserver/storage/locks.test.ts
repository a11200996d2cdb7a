import { expect, test } from 'vitest';
import type { SqlError } from '../../../../../src/lab/sqlserver/errors.ts';
import { WaitGraph } from '../../../../../src/lab/sqlserver/storage/open.ts';
import { LockWait, type Store, type Transaction } from '../../../../../src/lab/sqlserver/storage/store.ts';
import { INT } from '../../../../../src/lab/sqlserver/values/types.ts';
import {
  begin,
  column,
  committed,
  createTable,
  index,
  insertAll,
  newStore,
  redefine,
  table,
} from './fixture.ts';

const shape = table([column(1, INT, { nullable: false }), column(2, INT)], [index(1, [1], { unique: true })]);
const never = new AbortController().signal;

function threeRows(store: Store) {
  const t = createTable(store, shape);
  const rids = insertAll(store, t, [
    [1, 0],
    [2, 0],
    [3, 0],
  ]);
  return { t, rid: (n: number) => rids[n] ?? 0 };
}

function waitOf(work: () => unknown): LockWait {
  try {
    work();
  } catch (error) {
    if (error instanceof LockWait) return error;
    throw error;
  }
  throw new Error('did not have to wait');
}

/** Runs as the driver of a session does: waits and begins again. */
async function patiently(store: Store, transaction: Transaction, work: () => void): Promise<void> {
  for (;;) {
    const savepoint = transaction.savepoint();
    try {
      work();
      return;
    } catch (error) {
      if (!(error instanceof LockWait)) throw error;
      transaction.rollbackTo(savepoint);
      await store.locks.wait(transaction, error, -1, never);
    }
  }
}

const outcome = (promise: Promise<void>) =>
  promise.then(
    () => 0,
    (error: SqlError) => error.number,
  );

test('a row that another transaction has written can not be written until that one is over', async () => {
  const store = newStore();
  const { t, rid } = threeRows(store);
  const first = begin(store, 51);
  const second = begin(store, 52);
  first.update(t, rid(0), [1, 1]);
  second.update(t, rid(1), [2, 2]);
  const wait = waitOf(() => second.update(t, rid(0), [1, 2]));
  expect(wait.owner).toBe(first.id);
  const waiting = store.locks.wait(second, wait, -1, never);
  expect(store.locks.held().filter(lock => lock.waiting)).toEqual([
    { session: 52, resource: `RID:1001:${rid(0)}`, mode: 'X', waiting: true },
  ]);
  first.commit();
  await waiting;
  second.update(t, rid(0), [1, 2]);
  second.commit();
  expect(committed(store, t)).toEqual([
    [1, 2],
    [2, 2],
    [3, 0],
  ]);
  expect(store.locks.held()).toEqual([]);
});

test('of two transactions that insert the same key the second one waits and then finds the row', async () => {
  const store = newStore();
  const t = createTable(store, shape);
  const first = begin(store, 51);
  const second = begin(store, 52);
  expect(first.holder(t, 1, [7])).toBeUndefined();
  const rid = first.insert(t, [7, 1]);
  const wait = waitOf(() => second.insert(t, [7, 2]));
  first.commit();
  await store.locks.wait(second, wait, -1, never);
  expect(second.holder(t, 1, [7])).toBe(rid);
  second.rollback();
});

test("a key whose row is being deleted is nobody else's yet", () => {
  const store = newStore();
  const { t, rid } = threeRows(store);
  const first = begin(store, 51);
  const second = begin(store, 52);
  first.delete(t, rid(1));
  expect(first.holder(t, 1, [2])).toBeUndefined();
  expect(waitOf(() => second.holder(t, 1, [2])).owner).toBe(first.id);
  first.rollback();
  expect(second.holder(t, 1, [2])).toBe(rid(1));
  second.rollback();
});

test('a deadlock ends the one that has written less, or has the lower priority', async () => {
  for (const priority of [0, 5]) {
    const store = newStore();
    const { t, rid } = threeRows(store);
    const first = begin(store, 51);
    const second = begin(store, 52);
    second.deadlockPriority = priority;
    first.update(t, rid(0), [1, 1]);
    first.update(t, rid(2), [3, 1]);
    second.update(t, rid(1), [2, 2]);
    const firstWaits = outcome(
      store.locks.wait(
        first,
        waitOf(() => first.update(t, rid(1), [2, 1])),
        -1,
        never,
      ),
    );
    const secondWaits = outcome(
      store.locks.wait(
        second,
        waitOf(() => second.update(t, rid(0), [1, 2])),
        -1,
        never,
      ),
    );
    const victim = priority === 0 ? secondWaits : firstWaits;
    expect(await victim).toBe(1205);
    (priority === 0 ? second : first).rollback();
    expect(await (priority === 0 ? firstWaits : secondWaits)).toBe(0);
    first.rollback();
    second.rollback();
  }
});

test('a deadlock through two databases is found', async () => {
  const waits = new WaitGraph();
  const [one, other] = [newStore({ waits }), newStore({ waits })];
  const [here, there] = [threeRows(one), threeRows(other)];
  const first = { here: begin(one, 51), there: begin(other, 51) };
  const second = { here: begin(one, 52), there: begin(other, 52) };
  first.here.update(here.t, here.rid(0), [1, 1]);
  second.there.update(there.t, there.rid(0), [1, 2]);
  const waiting = outcome(
    other.locks.wait(
      first.there,
      waitOf(() => first.there.update(there.t, there.rid(0), [1, 1])),
      -1,
      never,
    ),
  );
  const closing = outcome(
    one.locks.wait(
      second.here,
      waitOf(() => second.here.update(here.t, here.rid(0), [1, 2])),
      -1,
      never,
    ),
  );
  expect(await Promise.race([waiting, closing])).toBe(1205);
  for (const transaction of [first.here, first.there, second.here, second.there]) transaction.rollback();
  expect((await Promise.all([waiting, closing])).sort()).toEqual([0, 1205]);
});

test('waiting ends with 1222 after its time, and at once where a cancel comes', async () => {
  const store = newStore();
  const { t, rid } = threeRows(store);
  const first = begin(store, 51);
  const second = begin(store, 52);
  first.delete(t, rid(0));
  const wait = waitOf(() => second.delete(t, rid(0)));
  expect(await outcome(store.locks.wait(second, wait, 0, never))).toBe(1222);
  expect(await outcome(store.locks.wait(second, wait, 1, never))).toBe(1222);
  const cancel = new AbortController();
  const waiting = store.locks.wait(second, wait, -1, cancel.signal);
  cancel.abort(new Error('cancelled'));
  await expect(waiting).rejects.toThrow('cancelled');
  first.rollback();
  second.rollback();
});

test('a reader waits for what others have written in its range, before or after', () => {
  const store = newStore();
  const { t, rid } = threeRows(store);
  const writer = begin(store, 51);
  const reader = begin(store, 52);
  const only = (key: number) => ({
    indexId: 1,
    low: { key: [key], inclusive: true },
    high: { key: [key], inclusive: true },
  });
  writer.update(t, rid(0), [10, 1]);
  store.locks.respect(reader, t, only(2));
  store.locks.respect(writer, t);
  expect(waitOf(() => store.locks.respect(reader, t)).owner).toBe(writer.id);
  expect(waitOf(() => store.locks.respect(reader, t, only(1))).owner).toBe(writer.id);
  expect(waitOf(() => store.locks.respect(undefined, t, only(10))).owner).toBe(writer.id);
  writer.rollback();
  store.locks.respect(reader, t);
  reader.rollback();
});

test('table locks: readers share, writers and definitions do not', () => {
  const store = newStore();
  const { t, rid } = threeRows(store);
  const [first, second, third] = [begin(store, 51), begin(store, 52), begin(store, 53)];
  store.locks.take(first, t, undefined, 'S');
  store.locks.take(second, t, undefined, 'S');
  expect(waitOf(() => third.insert(t, [4, 0])).owner).toBe(first.id);
  expect(waitOf(() => store.locks.take(third, t, undefined, 'X')).owner).toBe(first.id);
  first.rollback();
  second.commit();
  third.delete(t, rid(0));
  const fourth = begin(store, 54);
  expect(waitOf(() => store.locks.take(fourth, t, undefined, 'S')).owner).toBe(third.id);
  expect(waitOf(() => fourth.define(catalog => ({ ...catalog, tables: new Map() }))).owner).toBe(third.id);
  third.rollback();
  fourth.define(catalog => ({ ...catalog, tables: new Map([[t.id, { ...t, modified: 1 }]]) }));
  const fifth = begin(store, 55);
  expect(waitOf(() => store.locks.respect(fifth, t)).owner).toBe(fourth.id);
  expect(waitOf(() => fifth.define(catalog => ({ ...catalog, permissions: [] }))).resource).toBe('METADATA');
  fourth.rollback();
  fifth.rollback();
});

test('locks taken after a savepoint are let go when it is rolled back to', async () => {
  const store = newStore();
  const { t, rid } = threeRows(store);
  const first = begin(store, 51);
  const second = begin(store, 52);
  first.update(t, rid(0), [1, 1]);
  const savepoint = first.savepoint();
  first.update(t, rid(1), [2, 1]);
  const wait = waitOf(() => second.update(t, rid(1), [2, 2]));
  const waiting = store.locks.wait(second, wait, -1, never);
  first.rollbackTo(savepoint);
  await waiting;
  second.update(t, rid(1), [2, 2]);
  expect(waitOf(() => second.update(t, rid(0), [1, 2])).owner).toBe(first.id);
  first.commit();
  second.commit();
});

test('many sessions that change one row all come to their turn', async () => {
  const store = newStore();
  const { t, rid } = threeRows(store);
  const order: number[] = [];
  const session = async (n: number) => {
    for (let round = 0; round < 3; round++) {
      const transaction = begin(store, 60 + n);
      await patiently(store, transaction, () => {
        const view = transaction.view();
        try {
          const value = Number(view.row(t, rid(0))?.values[1]);
          transaction.update(t, rid(0), [1, value + 1]);
        } finally {
          view.close();
        }
      });
      await Promise.resolve();
      transaction.commit();
      order.push(n);
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, n) => session(n)));
  expect(committed(store, t)[0]).toEqual([1, 24]);
  expect(new Set(order.slice(0, 8)).size).toBe(8);
});

test('a reader of a whole table is not overtaken for ever by those who insert', async () => {
  const store = newStore();
  const t = createTable(store, shape);
  let read = false;
  let inserted = 0;
  const writer = async (n: number) => {
    for (let key = n; !read && inserted < 1000; key += 4) {
      const transaction = begin(store, 60 + n);
      await patiently(store, transaction, () => transaction.insert(t, [key, n]));
      for (let turn = 0; turn < 5; turn++) await Promise.resolve();
      transaction.commit();
      inserted++;
    }
  };
  const writers = [0, 1, 2, 3].map(writer);
  const reader = begin(store, 51);
  await patiently(store, reader, () => store.locks.respect(reader, t));
  read = true;
  reader.commit();
  await Promise.all(writers);
  expect(inserted).toBeLessThan(100);
});

test('a statement that has read a row which another one then committed begins again', () => {
  const store = newStore();
  const { t, rid } = threeRows(store);
  const slow = begin(store, 51);
  const view = slow.view();
  const fast = begin(store, 52);
  fast.update(t, rid(0), [1, 100]);
  fast.commit();
  expect(view.row(t, rid(0))?.values).toEqual([1, 0]);
  expect(waitOf(() => slow.update(t, rid(0), [1, 1])).owner).toBe(0);
  view.close();
  slow.update(t, rid(0), [1, 101]);
  slow.commit();
});

test('a session that defines nothing but reads goes on while another one defines', () => {
  const store = newStore();
  const { t } = threeRows(store);
  const other = createTable(store, { ...shape, id: 1002, name: 'U' });
  const definer = begin(store, 51);
  definer.define(catalog => ({
    ...catalog,
    tables: new Map([...catalog.tables, [other.id, { ...other, modified: 2 }]]),
  }));
  const reader = begin(store, 52);
  store.locks.respect(reader, t);
  reader.insert(t, [9, 9]);
  expect(reader.catalog.tables.get(other.id)).toBe(other);
  definer.commit();
  reader.commit();
  expect(redefine(store, t)).toBe(store.catalog.tables.get(t.id));
});

test('a row that others keep as it is can be read and kept, not written; the rows beside it can', async () => {
  const store = newStore();
  const { t, rid } = threeRows(store);
  const [first, second, third] = [begin(store, 51), begin(store, 52), begin(store, 53)];
  store.locks.take(first, t, rid(0), 'S');
  store.locks.take(second, t, rid(0), 'S');
  third.update(t, rid(1), [2, 1]);
  const wait = waitOf(() => third.delete(t, rid(0)));
  expect(wait.owner).toBe(first.id);
  expect(waitOf(() => store.locks.take(first, t, rid(1), 'S')).owner).toBe(third.id);
  const waiting = store.locks.wait(third, wait, -1, never);
  first.commit();
  await waiting;
  expect(waitOf(() => third.delete(t, rid(0))).owner).toBe(second.id);
  second.update(t, rid(0), [1, 1]);
  second.commit();
  third.delete(t, rid(0));
  third.commit();
  expect(committed(store, t)).toEqual([
    [2, 1],
    [3, 0],
  ]);
});

test('where a statement has written a key twice, the row that was there before is the holder', () => {
  const store = newStore();
  const t = createTable(store, shape);
  const transaction = begin(store);
  const first = transaction.insert(t, [1, 0]);
  const second = transaction.insert(t, [2, 0]);
  transaction.update(t, first, [2, 0]);
  expect(transaction.holder(t, 1, [2])).toBe(second);
  transaction.rollback();
});
