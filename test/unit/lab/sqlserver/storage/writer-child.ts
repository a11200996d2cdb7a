import { writeSync } from 'node:fs';
import { systemClock } from '../../../../../src/foundation/clock.ts';
import { openStore } from '../../../../../src/lab/sqlserver/storage/open.ts';

/** Commits without end, and says after each commit that it is durable; somebody kills it. */

const file = process.argv[2] ?? '';
const store = openStore({ file, clock: systemClock, databaseId: 5, kind: 'user' });
const [table] = store.catalog.tables.values();
if (!table) throw new Error('the file has no table');
const rids: number[] = [];
for (let n = store.rowCount(table) + 1; ; n++) {
  const transaction = store.begin(1, { snapshot: false });
  const identity = store.nextIdentity(table);
  rids.push(transaction.insert(table, [n, Number(identity), 'x'.repeat(500)]));
  const [first] = rids;
  if (first !== undefined) transaction.update(table, first, [n - rids.length + 1, n, 'changed']);
  if (n % 7 === 0) transaction.define(catalog => ({ ...catalog, permissions: [] }));
  transaction.commit();
  const abandoned = store.begin(1, { snapshot: false });
  abandoned.insert(table, [-n, -n, 'never committed']);
  if (n % 2 === 0) abandoned.rollback();
  writeSync(1, `${n}\n`);
}
