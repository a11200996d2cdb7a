import { expect, test } from 'vitest';
import { type Clock, systemClock } from '../../../../../src/foundation/clock.ts';
import {
  lsnFromBytes,
  lsnFromDecimal,
  lsnText,
  lsnToBytes,
  lsnToDecimal,
  makeLsn,
} from '../../../../../src/lab/sqlserver/storage/lsn.ts';
import { openStore } from '../../../../../src/lab/sqlserver/storage/open.ts';
import type { Store } from '../../../../../src/lab/sqlserver/storage/store.ts';
import { INT, nvarchar, varbinary } from '../../../../../src/lab/sqlserver/values/types.ts';
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
  temporaryFile,
  withTable,
} from './fixture.ts';

const shape = table(
  [column(1, INT, { nullable: false }), column(2, nvarchar(20)), column(3, varbinary(8))],
  [index(1, [1], { unique: true })],
  {
    published: true,
    keys: [{ objectId: 9, name: 'PK', primary: true, systemNamed: false, indexId: 1 }],
  },
);

test('an LSN is 10 bytes, a number of 25 digits, and text of three parts', () => {
  const lsn = makeLsn(0x239e, 0x77ba, 1);
  expect(lsnToDecimal(lsn)).toBe(9118000003065000001n);
  expect(Buffer.from(lsnToBytes(lsn)).toString('hex')).toBe('0000239e000077ba0001');
  expect(lsnFromBytes(lsnToBytes(lsn))).toBe(lsn);
  expect(lsnFromDecimal(9118000003065000001n)).toBe(lsn);
  expect(lsnText(lsn)).toBe('0000239e:000077ba:0001');
});

test('changes of published tables are captured in the order of the commits, one by one', () => {
  const store = newStore();
  store.log.capture(true);
  const t = createTable(store, shape);
  const silent = createTable(store, { ...shape, id: 1002, name: 'U', published: false });
  const start = store.log.current;
  const first = begin(store, 51);
  const second = begin(store, 52);
  const a = first.insert(t, [1, 'a', null]);
  second.originator = 'B.db';
  second.insert(t, [2, 'b', Uint8Array.of(1)]);
  second.insert(silent, [5, 'u', null]);
  expect(store.log.oldestActive()).toBe(first);
  const secondCommit = second.commit();
  const undone = first.savepoint();
  first.delete(t, a);
  first.rollbackTo(undone);
  first.update(t, a, [1, 'A', null]);
  first.update(t, a, [3, 'A', null]);
  const firstCommit = first.commit();
  const captured = store.log.captured(start, 10);
  expect(captured.map(({ lsn }) => lsn)).toEqual([secondCommit.lsn, firstCommit.lsn]);
  expect(captured[0]).toMatchObject({
    originator: 'B.db',
    changes: [{ kind: 'insert', table: t.id, after: [2, 'b', Uint8Array.of(1)] }],
  });
  expect(captured[1]?.beginLsn).toBeLessThan(captured[0]?.beginLsn ?? 0n);
  expect(captured[1]?.changes).toEqual([
    { kind: 'insert', table: t.id, after: [1, 'a', null] },
    { kind: 'update', table: t.id, before: [1, 'a', null], after: [1, 'A', null] },
    // A key changes: SQL Server's deferred update.
    { kind: 'delete', table: t.id, before: [1, 'A', null] },
    { kind: 'insert', table: t.id, after: [3, 'A', null] },
  ]);
  expect(store.log.backlog.transactions).toBe(2);
  const note = store.log.append({ kind: 'note', text: '{"token":1}' });
  expect(store.log.captured(firstCommit.lsn ?? 0n, 10)).toMatchObject([
    { lsn: note, changes: [{ kind: 'note', text: '{"token":1}' }] },
  ]);
  store.log.distributed(secondCommit.lsn ?? 0n);
  expect(store.log.captured(0n, 1).map(({ lsn }) => lsn)).toEqual([firstCommit.lsn]);
  expect(store.log.backlog.transactions).toBe(2);
});

test('nothing is captured while nothing is published, nor of a transaction that was rolled back', () => {
  const store = newStore();
  const t = createTable(store, shape);
  insertAll(store, t, [[1, 'a', null]]);
  store.log.capture(true);
  const transaction = begin(store);
  transaction.insert(t, [2, 'b', null]);
  transaction.rollback();
  expect(store.log.captured(0n, 10)).toEqual([]);
  expect(store.log.oldestActive()).toBeUndefined();
});

test('change tracking gives each change by its primary key, from a version on', () => {
  let now = 1_000;
  const clock: Clock = { ...systemClock, now: () => now };
  const store = newStore({ clock });
  const t = createTable(store, { ...shape, changeTracking: { trackColumns: true, beginVersion: 0n } });
  const [one = 0] = insertAll(store, t, [
    [1, 'a', null],
    [2, 'b', null],
  ]);
  const snapshot = store.snapshot();
  now = 5_000;
  const transaction = begin(store);
  transaction.trackingContext = Uint8Array.of(7);
  transaction.update(t, one, [1, 'A', null]);
  transaction.update(t, one, [5, 'A', null]);
  expect(transaction.commit().version).toBe(2n);
  expect(store.tracking.currentVersion()).toBe(2n);
  expect(store.tracking.currentVersion(snapshot)).toBe(1n);
  expect([...store.tracking.changes(t, 0n, snapshot)]).toHaveLength(2);
  expect([...store.tracking.changes(t, 1n)]).toEqual([
    { version: 2n, operation: 'U', key: [1], columns: [2], context: Uint8Array.of(7) },
    { version: 2n, operation: 'D', key: [1], columns: undefined, context: Uint8Array.of(7) },
    { version: 2n, operation: 'I', key: [5], columns: undefined, context: Uint8Array.of(7) },
  ]);
  expect(store.tracking.minimumValidVersion(t)).toBe(0n);
  now = 6_000;
  store.tracking.cleanup(3_000);
  expect(store.tracking.minimumValidVersion(t)).toBe(1n);
  expect(store.tracking.minimumValidVersion(t, snapshot)).toBe(0n);
  expect([...store.tracking.changes(t, 0n)].map(({ version }) => version)).toEqual([2n, 2n, 2n]);
  expect(store.tracking.committedAt(2n)).toBe(5_000);
  expect(store.tracking.committedAt(1n)).toBeUndefined();
  snapshot.close();
  redefine(store, { ...shape, storeId: t.storeId });
  expect([...store.tracking.changes(t, 0n)]).toEqual([]);
});

function backupsAfter(store: Store, lsn: bigint): Uint8Array[] {
  return [...store.log.backups.read(lsn)];
}

test('a copy and the log after it make the database again', async () => {
  const store = newStore();
  store.log.backups.enable(true);
  const t = createTable(store, shape);
  const [one = 0] = insertAll(store, t, [
    [1, 'a', null],
    [2, 'b', null],
  ]);
  const open = begin(store, 60);
  open.insert(t, [50, 'never committed', null]);
  const file = temporaryFile('copy.db');
  const seen: number[] = [];
  const lsn = await store.copyTo(file, { progress: done => seen.push(done) });
  expect(seen.length).toBeGreaterThan(0);
  const more = { ...t, columns: [...t.columns, column(4, INT)] };
  open.rollback();
  const change = begin(store);
  change.define(catalog => withTable(catalog, more));
  change.fillColumn(t.storeId, 4, 44);
  change.commit();
  const last = begin(store);
  last.update(more, one, [1, 'A', null, 1]);
  last.insert(more, [3, 'c', null, 3]);
  store.nextRowVersion();
  store.setIdentity(more, 3n);
  last.commit();
  const records = backupsAfter(store, lsn);
  expect(records).toHaveLength(2);
  expect(records.map(record => store.log.backups.describe(record).lsn).at(-1)).toBe(store.log.current);

  const restored = openStore({ file, clock: systemClock, databaseId: 6, kind: 'user' });
  expect(restored.log.current).toBe(lsn);
  expect(committed(restored, t)).toHaveLength(2);
  for (const record of records) restored.log.backups.apply(record);
  expect(restored.log.backups.apply(records[0] ?? new Uint8Array())).toBeLessThan(restored.log.current);
  const table = restored.catalog.tables.get(t.id) ?? t;
  expect(table).toEqual(more);
  expect(committed(restored, table)).toEqual(committed(store, more));
  expect(committed(restored, table)).toEqual([
    [1, 'A', null, 1],
    [2, 'b', null, 44],
    [3, 'c', null, 3],
  ]);
  expect(restored.log.current).toBe(store.log.current);
  expect(restored.identity(table)).toBe(3n);
  insertAll(restored, table, [[4, 'd', null, null]]);
  expect(restored.rowCount(table)).toBe(4);
  restored.close();
});

test('a log that was backed up is forgotten, and one that nobody keeps is not written', () => {
  const store = newStore();
  const t = createTable(store, shape);
  insertAll(store, t, [[1, 'a', null]]);
  expect(backupsAfter(store, 0n)).toEqual([]);
  store.log.backups.enable(true);
  const from = store.log.backups.from;
  expect(from).toBe(store.log.current);
  insertAll(store, t, [[2, 'b', null]]);
  expect(backupsAfter(store, from)).toHaveLength(1);
  store.log.backups.truncate(store.log.current);
  expect(backupsAfter(store, 0n)).toEqual([]);
});

test('what replication notes in a transaction lies before its rows, which are laid out as the table is in the end', () => {
  const store = newStore();
  store.log.capture(true);
  const t = createTable(store, shape);
  const transaction = begin(store);
  transaction.insert(t, [1, 'one', null]);
  const kept = transaction.savepoint();
  transaction.note('undone');
  transaction.rollbackTo(kept);
  transaction.note('dropped');
  const columns = t.columns.filter(each => each.id !== 2);
  transaction.define(catalog => withTable(catalog, { ...t, columns }));
  const { lsn } = transaction.commit();
  const [first, second, ...others] = store.log.captured(0n, 10);
  expect(others).toEqual([]);
  expect(first?.changes).toEqual([{ kind: 'note', text: 'dropped' }]);
  expect(second).toMatchObject({ lsn, changes: [{ kind: 'insert', table: t.id, after: [1, null] }] });
  expect(first && second && first.lsn < second.lsn).toBe(true);
  expect(store.log.backlog.transactions).toBe(2);
  store.close();
});
