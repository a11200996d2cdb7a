import { copyFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { systemClock } from '../../../../../src/foundation/clock.ts';
import { openStore } from '../../../../../src/lab/sqlserver/storage/open.ts';
import { BIGINT, INT, varbinary } from '../../../../../src/lab/sqlserver/values/types.ts';
import { begin, column, createTable, index, insertAll, newStore, table, temporaryFile } from './fixture.ts';

const identity = { seed: 10n, increment: 5n, notForReplication: false };
const shape = table([column(1, { kind: 'tinyint' }, { identity })], [index(1, [1])]);
const open = (file: string) => openStore({ file, clock: systemClock, databaseId: 5, kind: 'user' });

test('identity values go on over a rollback and end at the limit of their type', () => {
  const store = newStore();
  const t = createTable(store, shape);
  expect(store.identity(t)).toBeNull();
  const transaction = begin(store);
  expect([store.nextIdentity(t), store.nextIdentity(t)]).toEqual([10n, 15n]);
  transaction.rollback();
  expect(store.nextIdentity(t)).toBe(20n);
  store.setIdentity(t, 251n);
  expect(() => store.nextIdentity(t)).toThrow(expect.objectContaining({ number: 8115 }));
  expect(store.identity(t)).toBe(251n);
});

test('a sequence never gives a value twice, not even after a crash', () => {
  const file = temporaryFile();
  const store = open(file);
  const sequence = {
    id: 7,
    schemaId: 1,
    name: 'S',
    created: 0,
    modified: 0,
    shipped: false,
    type: BIGINT,
    start: 1n,
    increment: 1n,
    minimum: 1n,
    maximum: 200n,
    cycling: false,
  };
  const transaction = begin(store);
  transaction.define(catalog => ({ ...catalog, sequences: new Map([[7, sequence]]) }));
  expect(store.nextSequenceValue(7)).toBe(1n);
  transaction.commit();
  const given = Array.from({ length: 120 }, () => store.nextSequenceValue(7));
  expect(given).toEqual(Array.from({ length: 120 }, (_, n) => BigInt(n + 2)));
  const crashed = `${file}-crashed`;
  copyFileSync(file, crashed);
  copyFileSync(`${file}-wal`, `${crashed}-wal`);
  store.close();
  const after = open(crashed);
  expect(after.nextSequenceValue(7)).toBeGreaterThan(121n);
  after.setSequence(7, 200n);
  expect(after.nextSequenceValue(7)).toBe(200n);
  expect(() => after.nextSequenceValue(7)).toThrow(expect.objectContaining({ number: 11728 }));
  after.close();
  const again = open(file);
  expect(again.nextSequenceValue(7)).toBe(122n);
  again.close();
});

test('the lowest rowversion of what is not committed is where a poller has to stop', () => {
  const store = newStore();
  const t = createTable(store, table([column(1, INT), column(2, { kind: 'rowversion' })], []));
  const first = begin(store, 51);
  const version = store.nextRowVersion();
  first.insert(t, [1, version]);
  insertAll(store, t, [[2, store.nextRowVersion()]]);
  expect(store.minimumActiveRowVersion()).toEqual(version);
  first.commit();
  expect(Buffer.compare(store.minimumActiveRowVersion(), store.rowVersion)).toBe(1);
});

test('object ids grow over a rollback and a restart', () => {
  const file = temporaryFile();
  const store = open(file);
  const first = store.nextObjectId();
  const second = store.nextObjectId();
  expect(second).toBe(first + 1);
  store.close();
  const again = open(file);
  expect(again.nextObjectId()).toBe(second + 1);
  again.close();
});

test("SQLite's own log stays short, save while somebody reads what was before", () => {
  const store = newStore();
  const t = createTable(store, table([column(1, INT), column(2, varbinary('max'))], []));
  const block = new Uint8Array(1 << 20).fill(7);
  const write = (count: number) => {
    for (let n = 0; n < count; n++) insertAll(store, t, [[n, block]]);
  };
  write(40);
  expect(store.size().log).toBeLessThan(24 << 20);
  const snapshot = store.snapshot();
  write(40);
  expect(store.size().log).toBeGreaterThan(38 << 20);
  expect([...snapshot.scan(t)]).toHaveLength(40);
  snapshot.close();
  expect(store.size().log).toBeLessThan(24 << 20);
  expect(store.rowCount(t)).toBe(80);
});

test('a copy that is cancelled leaves no file', async () => {
  const store = newStore();
  const t = createTable(store, table([column(1, INT), column(2, varbinary('max'))], []));
  insertAll(store, t, [[1, new Uint8Array(8 << 20)]]);
  const cancel = new AbortController();
  const file = temporaryFile('copy.db');
  const copying = store.copyTo(file, {
    signal: cancel.signal,
    progress: () => cancel.abort(new Error('cancelled')),
  });
  await expect(copying).rejects.toThrow('cancelled');
  expect(() => copyFileSync(file, `${file}-2`)).toThrow('ENOENT');
});
