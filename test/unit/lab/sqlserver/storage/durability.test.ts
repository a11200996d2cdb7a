import { spawn } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../../../../src/foundation/clock.ts';
import { emptyCatalog } from '../../../../../src/lab/sqlserver/catalog/empty.ts';
import { createStoreFile, openStore } from '../../../../../src/lab/sqlserver/storage/open.ts';
import { INT, nvarchar } from '../../../../../src/lab/sqlserver/values/types.ts';
import { column, committed, createTable, index, insertAll, table, temporaryFile } from './fixture.ts';

const shape = table(
  [
    column(1, INT, { nullable: false }),
    column(2, INT, { identity: { seed: 1n, increment: 1n, notForReplication: false } }),
    column(3, nvarchar('max')),
  ],
  [index(1, [1], { unique: true }), index(2, [2])],
  {
    published: true,
    changeTracking: { trackColumns: false, beginVersion: 0n },
    keys: [{ objectId: 9, name: 'PK', primary: true, systemNamed: false, indexId: 1 }],
  },
);

const open = (file: string) => openStore({ file, clock: systemClock, databaseId: 5, kind: 'user' });

/** Kills the writer when it has told of so many commits; the last one it told of. */
async function killAfter(file: string, commits: number): Promise<number> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'writer-child.ts'), file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  const ended = new Promise(resolve => child.once('close', resolve));
  for await (const chunk of child.stdout) {
    text += String(chunk);
    if (text.split('\n').length > commits) child.kill('SIGKILL');
  }
  await ended;
  // A last line without its end was not said.
  return Number(text.split('\n').at(-2));
}

test('a process that is killed leaves every commit and nothing else', async () => {
  const file = temporaryFile();
  const store = open(file);
  store.log.capture(true);
  store.log.backups.enable(true);
  createTable(store, shape);
  store.close();
  for (const commits of [3, 150, 40]) {
    const told = await killAfter(file, commits);
    const again = open(file);
    const [t] = again.catalog.tables.values();
    if (!t) throw new Error('the table is gone');
    const rows = committed(again, t);
    // One more may have been committed and not been told any more.
    expect([told, told + 1]).toContain(rows.length);
    expect(rows.map(([id]) => id)).toEqual(rows.map((_, n) => n + 1));
    expect(again.rowCount(t)).toBe(rows.length);
    const inserts = again.log
      .captured(0n, 1_000_000)
      .flatMap(({ changes }) => changes.filter(({ kind }) => kind === 'insert'));
    expect(inserts).toHaveLength(rows.length);
    expect(again.log.captured(0n, 1_000_000).at(-1)?.lsn).toBe(again.log.current);
    expect(again.tracking.currentVersion()).toBe(BigInt(rows.length));
    const tracked = [...again.tracking.changes(t, 0n)].filter(({ operation }) => operation === 'I');
    expect(tracked.map(({ key }) => key[0])).toEqual(rows.map(([id]) => id));
    expect([...again.log.backups.read(0n)].length).toBe(rows.length + 1);
    expect(Number(again.identity(t))).toBeGreaterThanOrEqual(rows.length);
    again.close();
  }
});

test('a file that is no store is refused with 5172, a torn one with 824, one that is there with 5170', () => {
  const foreign = temporaryFile('foreign.db');
  writeFileSync(foreign, Buffer.alloc(8192, 'no database'));
  expect(() => open(foreign)).toThrow(expect.objectContaining({ number: 5172 }));

  const file = temporaryFile('torn.db');
  const store = open(file);
  const t = createTable(store, shape);
  insertAll(
    store,
    t,
    Array.from({ length: 500 }, (_, n) => [n, n, 'y'.repeat(200)]),
  );
  store.close();
  truncateSync(file, 40_960);
  expect(() => open(file)).toThrow(expect.objectContaining({ number: 824, severity: 24 }));
  expect(() => createStoreFile(file, emptyCatalog())).toThrow(expect.objectContaining({ number: 5170 }));
});
