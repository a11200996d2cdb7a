import { expect, test } from 'vitest';
import { systemClock } from '../../../../../src/foundation/clock.ts';
import { openStore } from '../../../../../src/lab/sqlserver/storage/open.ts';
import { BIGINT, INT, nvarchar } from '../../../../../src/lab/sqlserver/values/types.ts';
import {
  begin,
  column,
  committed,
  createTable,
  index,
  insertAll,
  newStore,
  seen,
  table,
  temporaryFile,
  valuesOf,
} from './fixture.ts';

const shape = table(
  [column(1, INT, { nullable: false }), column(2, nvarchar(50)), column(3, BIGINT)],
  [index(1, [1], { unique: true }), index(2, [-3])],
);

test('what is committed is read by all, what is not by its transaction alone', () => {
  const store = newStore();
  const t = createTable(store, shape);
  const transaction = begin(store);
  transaction.insert(t, [2, 'b', 20n]);
  transaction.insert(t, [1, 'a', null]);
  expect(committed(store, t)).toEqual([]);
  expect(seen(transaction, t)).toEqual([
    [1, 'a', null],
    [2, 'b', 20n],
  ]);
  const { lsn } = transaction.commit();
  expect(lsn).toBe(store.log.current);
  expect(committed(store, t)).toEqual([
    [1, 'a', null],
    [2, 'b', 20n],
  ]);
  expect(store.rowCount(t)).toBe(2);
});

test('a rollback leaves nothing, a savepoint what came before it', () => {
  const store = newStore();
  const t = createTable(store, shape);
  const [first = 0] = insertAll(store, t, [[1, 'a', 1n]]);
  const transaction = begin(store);
  transaction.update(t, first, [1, 'changed', 1n]);
  const savepoint = transaction.savepoint();
  transaction.update(t, first, [1, 'changed again', 1n]);
  transaction.insert(t, [2, 'b', 2n]);
  transaction.delete(t, first);
  expect(seen(transaction, t)).toEqual([[2, 'b', 2n]]);
  transaction.rollbackTo(savepoint);
  expect(seen(transaction, t)).toEqual([[1, 'changed', 1n]]);
  transaction.rollback();
  expect(committed(store, t)).toEqual([[1, 'a', 1n]]);
});

test('an index is read in its order, from either end, between bounds', () => {
  const store = newStore();
  const t = createTable(store, shape);
  insertAll(
    store,
    t,
    Array.from({ length: 20 }, (_, n) => [n, `row ${n}`, BigInt(n * 10)]),
  );
  const transaction = begin(store);
  transaction.insert(t, [100, 'own', 55n]);
  const view = transaction.view();
  const ids = (rows: ReturnType<typeof view.scan>) => valuesOf(rows).map(([id]) => id);
  const range = { indexId: 2, low: { key: [40n], inclusive: false }, high: { key: [70n], inclusive: true } };
  expect(ids(view.scan(t, range))).toEqual([7, 6, 100, 5]);
  expect(ids(view.scan(t, { ...range, reverse: true }))).toEqual([5, 100, 6, 7]);
  expect(ids(view.seek(t, 2, [55n]))).toEqual([100]);
  expect(ids(view.seek(t, 1, [3]))).toEqual([3]);
  view.close();
  transaction.rollback();
});

test('a store that is opened again has its rows, its catalog and its counters', () => {
  const file = temporaryFile();
  const options = { file, clock: systemClock, databaseId: 5, kind: 'user' } as const;
  const store = openStore(options);
  const t = createTable(store, shape);
  insertAll(store, t, [[1, 'a', 2n ** 62n]]);
  store.setIdentity(t, 17n);
  const lsn = store.log.current;
  const version = store.nextRowVersion();
  store.close();

  const again = openStore(options);
  const table = again.catalog.tables.get(t.id) ?? t;
  expect(table).toEqual(t);
  expect(committed(again, table)).toEqual([[1, 'a', 2n ** 62n]]);
  expect(again.identity(table)).toBe(17n);
  expect(again.log.current).toBe(lsn);
  expect(again.rowVersion).toEqual(version);
  expect(again.rowCount(table)).toBe(1);
  again.close();
});

test('a scan that nobody ends holds nothing up, and a snapshot may outlive its store', () => {
  const store = newStore();
  const t = createTable(store, shape);
  const rows = Array.from({ length: 2000 }, (_, n) => [n, 'x', BigInt(n)] as const);
  insertAll(store, t, rows);
  const view = begin(store, 51).view();
  const scan = view.scan(t, { indexId: 2 })[Symbol.iterator]();
  expect(scan.next().value?.values).toEqual([1999, 'x', 1999n]);
  insertAll(store, t, [[5000, 'y', null]]);
  view.close();
  expect(committed(store, t)).toHaveLength(2001);
  const snapshot = store.snapshot();
  store.close();
  snapshot.close();
});

test('a dirty read sees what others have not committed, the later over the earlier', () => {
  const store = newStore();
  const t = createTable(store, shape);
  const [rid = 0] = insertAll(store, t, [[1, 'a', null]]);
  const other = begin(store, 51);
  other.update(t, rid, [1, 'dirty', null]);
  other.insert(t, [2, 'new', null]);
  const reader = begin(store, 52);
  reader.insert(t, [3, 'own', null]);
  const view = reader.view({ dirty: true });
  expect(valuesOf(view.scan(t)).map(values => values[1])).toEqual(['dirty', 'new', 'own']);
  expect(valuesOf(view.seek(t, 1, [1]))).toEqual([[1, 'dirty', null]]);
  view.close();
  expect(seen(reader, t).map(values => values[1])).toEqual(['a', 'own']);
  other.rollback();
  reader.rollback();
});
