import { expect, test } from 'vitest';
import { systemClock } from '../../../../../src/foundation/clock.ts';
import { openStore } from '../../../../../src/lab/sqlserver/storage/open.ts';
import { INT, nvarchar } from '../../../../../src/lab/sqlserver/values/types.ts';
import {
  begin,
  column,
  committed,
  createTable,
  defineTable,
  index,
  insertAll,
  newStore,
  redefine,
  seen,
  table,
  temporaryFile,
  valuesOf,
  withTable,
} from './fixture.ts';

const shape = table([column(1, INT, { nullable: false }), column(2, nvarchar(20))], [index(1, [1])]);

test('a definition is seen by its transaction, by others after its commit, and by nobody after a rollback', () => {
  const store = newStore();
  const transaction = begin(store, 51);
  const t = defineTable(transaction, shape);
  transaction.insert(t, [1, 'a']);
  expect(seen(transaction, t)).toEqual([[1, 'a']]);
  expect(transaction.catalog.byName.get('dbo.t')).toBe(t.id);
  expect(store.catalog.tables.has(t.id)).toBe(false);
  transaction.rollback();
  expect(store.catalog.tables.has(t.id)).toBe(false);
  const again = begin(store, 51);
  const u = defineTable(again, shape);
  again.insert(u, [2, 'b']);
  const { version } = again.catalog;
  again.commit();
  expect(store.catalog.version).toBe(version);
  expect(committed(store, u)).toEqual([[2, 'b']]);
});

test('no version of the catalog is used twice, so that nothing bound to one that was undone is taken for another', () => {
  const store = newStore();
  const first = begin(store);
  defineTable(first, shape);
  const undone = first.catalog.version;
  first.rollback();
  const second = begin(store);
  defineTable(second, shape);
  expect(second.catalog.version).toBeGreaterThan(undone);
  second.rollback();
});

test('rows that are there have the default of a column that is added, before the commit and after it', () => {
  const file = temporaryFile();
  const options = { file, clock: systemClock, databaseId: 5, kind: 'user' } as const;
  const store = openStore(options);
  const t = createTable(store, shape);
  insertAll(store, t, [[1, "it's"]]);
  const more = {
    ...t,
    columns: [...t.columns, column(3, nvarchar(20)), column(4, INT), column(5, nvarchar(9))],
  };
  const transaction = begin(store);
  const earlier = transaction.insert(t, [2, 'b']);
  transaction.define(catalog => withTable(catalog, more));
  transaction.fillColumn(t.storeId, 3, "'quoted' \u20ac");
  transaction.fillColumn(t.storeId, 5, 'a\0b');
  transaction.insert(more, [3, 'c', 'own', 7, null]);
  const own = [
    [2, 'b', "'quoted' \u20ac", null, 'a\0b'],
    [3, 'c', 'own', 7, null],
  ];
  expect(seen(transaction, more).slice(1)).toEqual(own);
  transaction.update(more, earlier, [2, 'B', 'x', 1, 'y']);
  transaction.commit();
  const rows = [
    [1, "it's", "'quoted' \u20ac", null, 'a\0b'],
    [2, 'B', 'x', 1, 'y'],
    [3, 'c', 'own', 7, null],
  ];
  expect(committed(store, more)).toEqual(rows);
  store.close();
  const again = openStore(options);
  expect(committed(again, again.catalog.tables.get(t.id) ?? t)).toEqual(rows);
  again.close();
});

test('an index is built at the commit, in the order of the collation, and reads well before', () => {
  const store = newStore();
  const t = createTable(store, shape);
  insertAll(store, t, [
    [1, 'b'],
    [2, 'A'],
    [3, 'a'],
    [4, null],
    [5, 'B'],
    [6, '\ud800'],
  ]);
  const indexed = { ...t, indexes: [...t.indexes, index(2, [2])] };
  const transaction = begin(store);
  transaction.define(catalog => withTable(catalog, indexed));
  const key = (text: string) => ({ key: [text], inclusive: true });
  const look = () => {
    const view = transaction.view();
    const found = [
      valuesOf(view.scan(indexed, { indexId: 2, low: key('a'), high: key('b') })).map(([id]) => id),
      valuesOf(view.seek(indexed, 2, ['A'])).map(([id]) => id),
      valuesOf(view.scan(indexed, { indexId: 2 })).map(([id]) => id)[0],
    ];
    view.close();
    return found;
  };
  const expected = [[2, 3, 1, 5], [2, 3], 4];
  expect(look()).toEqual(expected);
  transaction.commit();
  const view = store.snapshot();
  expect(
    valuesOf(view.scan(indexed, { indexId: 2, low: key('a'), high: key('b') })).map(([id]) => id),
  ).toEqual(expected[0]);
  expect(valuesOf(view.seek(indexed, 2, ['B'])).map(([id]) => id)).toEqual([1, 5]);
  view.close();
  insertAll(store, indexed, [[7, 'aa']]);
  redefine(store, { ...indexed, indexes: [index(1, [1]), index(2, [2, 1])] });
  expect(committed(store, indexed).length).toBe(7);
});

test('a new physical table has nothing of the old one, which a snapshot goes on reading', () => {
  const store = newStore();
  const t = createTable(store, shape);
  insertAll(store, t, [[1, 'a']]);
  const snapshot = store.snapshot();
  const transaction = begin(store);
  const empty = { ...t, storeId: transaction.createPhysical(t) };
  transaction.define(catalog => withTable(catalog, empty));
  transaction.insert(empty, [5, 'new']);
  expect(seen(transaction, empty)).toEqual([[5, 'new']]);
  transaction.commit();
  expect(committed(store, empty)).toEqual([[5, 'new']]);
  expect(snapshot.catalog.tables.get(t.id)).toBe(t);
  expect(valuesOf(snapshot.scan(t))).toEqual([[1, 'a']]);
  snapshot.close();
  expect(store.rowCount(empty)).toBe(1);
});

test('a savepoint takes back definitions too', () => {
  const store = newStore();
  const t = createTable(store, shape);
  const transaction = begin(store);
  const savepoint = transaction.savepoint();
  const { version } = transaction.catalog;
  transaction.define(catalog => withTable(catalog, { ...t, columns: [...t.columns, column(3, INT)] }));
  transaction.fillColumn(t.storeId, 3, 1);
  transaction.rollbackTo(savepoint);
  expect(transaction.catalog.version).toBe(version);
  transaction.insert(t, [1, 'a']);
  transaction.commit();
  expect(committed(store, t)).toEqual([[1, 'a']]);
});

test('sessions define their temporary tables at once, and none waits for another', () => {
  const store = newStore({ kind: 'temporary' });
  const one = begin(store, 51);
  const other = begin(store, 52);
  const a = defineTable(one, { ...shape, id: 2001, name: '#a' });
  const b = defineTable(other, { ...shape, id: 2002, name: '#b' });
  one.insert(a, [1, 'a']);
  other.insert(b, [2, 'b']);
  one.commit();
  other.commit();
  expect([...store.catalog.tables.keys()].sort()).toEqual([2001, 2002]);
  expect(committed(store, a)).toEqual([[1, 'a']]);
  expect(committed(store, b)).toEqual([[2, 'b']]);
});

test('a SNAPSHOT transaction refuses to write a table that was rebuilt since its beginning', () => {
  const store = newStore();
  const t = createTable(store, shape);
  const [rid = 0] = insertAll(store, t, [[1, 'a']]);
  const snapshot = begin(store, 51, true);
  expect(seen(snapshot, t)).toEqual([[1, 'a']]);
  const other = begin(store, 52);
  const empty = { ...t, storeId: other.createPhysical(t) };
  other.define(catalog => withTable(catalog, empty));
  other.commit();
  expect(seen(snapshot, t)).toEqual([[1, 'a']]);
  expect(() => snapshot.update(t, rid, [1, 'b'])).toThrow(
    expect.objectContaining({ number: 3960, severity: 16, endsTransaction: true }),
  );
  snapshot.rollback();
});

test('what a transaction changed before and after it dropped a column is in the log as the table is in the end', () => {
  const store = newStore();
  store.log.capture(true);
  const wide = table([column(1, INT), column(2, INT), column(3, INT)], [index(1, [1]), index(2, [3])], {
    published: true,
  });
  const t = createTable(store, wide);
  const [rid = 0] = insertAll(store, t, [[1, 2, 3]]);
  const start = store.log.current;
  const transaction = begin(store);
  transaction.update(t, rid, [1, 2, 33]);
  const narrow = { ...t, columns: t.columns.filter(each => each.id !== 2) };
  transaction.define(catalog => withTable(catalog, narrow));
  expect(seen(transaction, narrow)).toEqual([[1, 33]]);
  transaction.update(narrow, rid, [1, 333]);
  transaction.commit();
  expect(committed(store, narrow)).toEqual([[1, 333]]);
  expect(store.log.captured(start, 1)[0]?.changes).toEqual([
    { kind: 'update', table: t.id, before: [1, 3], after: [1, 33] },
    { kind: 'update', table: t.id, before: [1, 33], after: [1, 333] },
  ]);
});
