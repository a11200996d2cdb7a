import type { Table } from '../catalog/schema.ts';
import { type Fills, NO_FILLS, type Values } from './access.ts';
import type { Connection } from './connection.ts';
import { advance, FIRST_LSN, lsnFromBytes, lsnToBytes } from './lsn.ts';
import { beforeOf, relaid, type Write } from './overlay.ts';
import type { CapturedTransaction, Log, LogForBackups, LogRecord, Lsn, Transaction } from './store.ts';
import { fact, setFact } from './store-file.ts';
import { ByteReader, ByteWriter } from './value-codec.ts';

/** Bytes of changes in one row of the file. */
const PART = 1 << 20;

const KINDS = ['insert', 'update', 'delete', 'note'] as const;

/** The transaction log as replication sees it: LSNs, and the changes of published tables until they are distributed. */
export class ChangeLog implements Log {
  readonly #connection: Connection;
  readonly #active: ReadonlySet<Transaction>;
  readonly #now: () => number;
  readonly backups: LogForBackups;
  #current: Lsn;
  #capturing: boolean;
  #distributed: Lsn;
  #transactions = 0;
  #bytes = 0;

  constructor(
    connection: Connection,
    active: ReadonlySet<Transaction>,
    now: () => number,
    backups: LogForBackups,
  ) {
    this.#connection = connection;
    this.#active = active;
    this.#now = now;
    this.backups = backups;
    this.#current = lsnFact(connection, 'lsn') ?? FIRST_LSN;
    this.#distributed = lsnFact(connection, 'distributed') ?? 0n;
    this.#capturing = fact(connection, 'capturing') === 1;
    this.#count();
  }

  #count(): void {
    const [transactions, bytes] =
      this.#connection.first('SELECT count(*), total(bytes) FROM log WHERE lsn > ?', [
        lsnToBytes(this.#distributed),
      ]) ?? [];
    this.#transactions = Number(transactions);
    this.#bytes = Number(bytes);
  }

  get current(): Lsn {
    return this.#current;
  }

  /** The next LSN; `bytes` of log come with it. */
  next(bytes: number): Lsn {
    this.#current = advance(this.#current, bytes);
    return this.#current;
  }

  /** Of a restored log: LSNs go on behind it. */
  reach(lsn: Lsn): void {
    if (lsn > this.#current) this.#current = lsn;
  }

  writeCurrent(): void {
    setFact(this.#connection, 'lsn', lsnToBytes(this.#current));
  }

  oldestActive(): Transaction | undefined {
    let oldest: Transaction | undefined;
    for (const transaction of this.#active) {
      const lsn = transaction.beginLsn;
      if (lsn !== undefined && lsn < (oldest?.beginLsn ?? lsn + 1n)) oldest = transaction;
    }
    return oldest;
  }

  active(): readonly Transaction[] {
    return [...this.#active];
  }

  capture(on: boolean): void {
    this.#capturing = on;
    setFact(this.#connection, 'capturing', on ? 1 : 0);
  }

  get capturing(): boolean {
    return this.#capturing;
  }

  /** Inside the SQLite transaction of a commit; gives the bytes of the changes, 0 where nothing was published. */
  write(captured: Omit<CapturedTransaction, 'changes'>, changes: Iterable<LogRecord>): number {
    const parts = encodeParts(changes);
    let bytes = 0;
    let id: number | bigint | undefined;
    for (const part of parts) {
      id ??= this.#begin(captured);
      bytes += part.length;
      this.#connection.run(
        'INSERT INTO log_changes(log_id, part, changes) VALUES(?, (SELECT count(*) FROM log_changes WHERE log_id = ?), ?)',
        id,
        id,
        part,
      );
    }
    if (id !== undefined) this.#connection.run('UPDATE log SET bytes = ? WHERE id = ?', bytes, id);
    return bytes;
  }

  #begin({ lsn, beginLsn, committed, originator }: Omit<CapturedTransaction, 'changes'>): number {
    this.#connection.run(
      'INSERT INTO log(lsn, begin_lsn, committed, originator, bytes) VALUES(?, ?, ?, ?, 0)',
      lsnToBytes(lsn),
      lsnToBytes(beginLsn),
      committed,
      originator ?? null,
    );
    return Number(this.#connection.first('SELECT last_insert_rowid()')?.[0]);
  }

  /** The commit that `write` was part of is durable. */
  written(bytes: number): void {
    if (bytes === 0) return;
    this.#transactions++;
    this.#bytes += bytes;
  }

  captured(after: Lsn, limit: number): readonly CapturedTransaction[] {
    const rows = this.#connection.all(
      'SELECT id, lsn, begin_lsn, committed, originator FROM log WHERE lsn > ? ORDER BY lsn LIMIT ?',
      [lsnToBytes(after), limit],
    );
    return rows.map(([id, lsn, begin, committed, originator]) => ({
      lsn: lsnOf(lsn),
      beginLsn: lsnOf(begin),
      committed: Number(committed),
      originator: typeof originator === 'string' ? originator : undefined,
      changes: this.#changes(Number(id)),
    }));
  }

  #changes(id: number): readonly LogRecord[] {
    const parts = this.#connection.all('SELECT changes FROM log_changes WHERE log_id = ? ORDER BY part', [
      id,
    ]);
    const records: LogRecord[] = [];
    for (const [part] of parts) {
      if (!(part instanceof Uint8Array)) continue;
      const reader = new ByteReader(part);
      while (!reader.done) records.push(readRecord(reader));
    }
    return records;
  }

  distributed(upTo: Lsn): void {
    if (upTo <= this.#distributed) return;
    this.#distributed = upTo;
    const bound = lsnToBytes(upTo);
    this.#connection.exec('BEGIN IMMEDIATE');
    this.#connection.run(
      'DELETE FROM log_changes WHERE log_id IN (SELECT id FROM log WHERE lsn <= ?)',
      bound,
    );
    this.#connection.run('DELETE FROM log WHERE lsn <= ?', bound);
    setFact(this.#connection, 'distributed', bound);
    this.#connection.exec('COMMIT');
    this.#count();
  }

  get distributedUpTo(): Lsn {
    return this.#distributed;
  }

  get backlog(): { readonly transactions: number; readonly bytes: number } {
    return { transactions: this.#transactions, bytes: this.#bytes };
  }

  append(record: LogRecord): Lsn {
    const beginLsn = this.next(0);
    const lsn = this.next(64);
    this.#connection.exec('BEGIN IMMEDIATE');
    const bytes = this.write({ lsn, beginLsn, committed: this.#now(), originator: undefined }, [record]);
    this.writeCurrent();
    this.#connection.exec('COMMIT');
    this.written(bytes);
    return lsn;
  }
}

export function lsnFact(connection: Connection, name: string): Lsn | undefined {
  const value = fact(connection, name);
  return value instanceof Uint8Array ? lsnFromBytes(value) : undefined;
}

export function lsnOf(value: unknown): Lsn {
  return value instanceof Uint8Array ? lsnFromBytes(value) : 0n;
}

/** What a write is to replication, as `to` lays its rows out; undefined where nothing came of it. */
export function recordOf(
  write: Write,
  to: Table = write.table,
  fills: Fills = NO_FILLS,
): LogRecord | undefined {
  const out = (values: Values | null): Values | null => values && relaid(values, write.table, to, fills);
  const before = out(beforeOf(write));
  const after = out(write.after);
  const table = write.table.id;
  if (before && after) return { kind: 'update', table, before, after };
  if (after) return { kind: 'insert', table, after };
  return before ? { kind: 'delete', table, before } : undefined;
}

function* encodeParts(records: Iterable<LogRecord>): Generator<Uint8Array, void, undefined> {
  let writer = new ByteWriter();
  for (const record of records) {
    writeRecord(writer, record);
    if (writer.length < PART) continue;
    yield writer.finish();
    writer = new ByteWriter();
  }
  if (writer.length > 0) yield writer.finish();
}

function writeRecord(writer: ByteWriter, record: LogRecord): void {
  writer.byte(KINDS.indexOf(record.kind));
  if (record.kind === 'note') {
    writer.text(record.text);
    return;
  }
  writer.count(record.table);
  if (record.kind !== 'insert') writer.values(record.before);
  if (record.kind !== 'delete') writer.values(record.after);
}

function readRecord(reader: ByteReader): LogRecord {
  const kind = KINDS[reader.byte()];
  if (kind === 'note') return { kind, text: reader.text() };
  const table = reader.count();
  switch (kind) {
    case 'insert':
      return { kind, table, after: reader.values() };
    case 'update':
      return { kind, table, before: reader.values(), after: reader.values() };
    case 'delete':
      return { kind, table, before: reader.values() };
    default:
      throw new Error('the captured log is damaged');
  }
}
