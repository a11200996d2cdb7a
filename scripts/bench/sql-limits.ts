import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** What the machine can at best: the same rows in SQLite without anything around it, the same bytes over loopback. */

export type BenchRow = readonly [
  id: number,
  account: string,
  amount: number,
  at: Date,
  note: string | null,
  flag: boolean,
];

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 1);

export const rowOf = (id: number): BenchRow => [
  id,
  `ACC-${String(id).padStart(10, '0')}`,
  (id % 1_000_000) / 100,
  new Date(START + (id % 300) * DAY + (id % 86_400) * 1000),
  id % 5 === 0 ? null : `note number ${id} of the table`,
  id % 2 === 0,
];

export interface RowLimits {
  readonly insertPerSecond: number;
  readonly scanPerSecond: number;
}

export function sqliteLimits(rows: number): RowLimits {
  const directory = mkdtempSync(join(tmpdir(), 'landfall-bench-'));
  try {
    const database = new DatabaseSync(join(directory, 'rows.db'));
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    database.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, account, amount, at, note, flag)');
    const insert = database.prepare('INSERT INTO t VALUES (?, ?, ?, ?, ?, ?)');
    const begin = performance.now();
    for (let from = 0; from < rows; from += 20_000) {
      database.exec('BEGIN');
      for (let id = from; id < Math.min(from + 20_000, rows); id += 1) {
        const [key, account, amount, at, note, flag] = rowOf(id);
        insert.run(key, account, amount, at.getTime(), note, flag ? 1 : 0);
      }
      database.exec('COMMIT');
    }
    const filled = performance.now();
    let seen = 0;
    for (const row of database.prepare('SELECT * FROM t').iterate()) seen += row === undefined ? 0 : 1;
    const scanned = performance.now();
    database.close();
    return {
      insertPerSecond: (rows / (filled - begin)) * 1000,
      scanPerSecond: (seen / (scanned - filled)) * 1000,
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Megabytes a second of one connection on loopback. */
export async function loopbackLimit(megabytes: number): Promise<number> {
  const received = Promise.withResolvers<void>();
  let left = megabytes * 1_000_000;
  const server = createServer(socket => {
    socket.on('data', bytes => {
      left -= bytes.length;
      if (left <= 0) received.resolve();
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const socket = connect(address.port, '127.0.0.1');
  await new Promise<void>(resolve => socket.once('connect', () => resolve()));
  const begin = performance.now();
  // As a driver sends: packets of 4096 bytes.
  const packet = Buffer.alloc(4096);
  for (let sent = 0; sent < megabytes * 1_000_000; sent += packet.length)
    if (!socket.write(packet)) await new Promise<void>(resolve => socket.once('drain', () => resolve()));
  await received.promise;
  const seconds = (performance.now() - begin) / 1000;
  socket.destroy();
  server.close();
  return megabytes / seconds;
}
