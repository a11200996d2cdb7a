import type { Catalog, Table } from '../catalog/schema.ts';
import type { Value } from '../values/types.ts';
import { NO_FILLS } from './access.ts';
import { decodeCatalog, encodeCatalog } from './catalog-codec.ts';
import { lsnFact, lsnOf } from './change-log.ts';
import type { Work } from './committer.ts';
import type { Connection } from './connection.ts';
import { lsnToBytes } from './lsn.ts';
import { beforeOf, type Entry, Overlay, relaid, type Write } from './overlay.ts';
import type { Facts } from './physical.ts';
import type { LogForBackups, Lsn } from './store.ts';
import { fact, setFact } from './store-file.ts';
import { ByteReader, ByteWriter } from './value-codec.ts';

type CounterValue = readonly [string, number, bigint | null];

/** What has to happen to a store when a record is applied. */
export interface Applied {
  readonly work: Work;
  readonly counters: readonly CounterValue[];
}

/** Every commit as one record, in recovery models that keep the log until it is backed up. */
export class LogBackups implements LogForBackups {
  readonly #connection: Connection;
  /** Of the store: writes what a record holds. */
  #apply: (applied: Applied) => void = () => {};
  #current: () => { readonly lsn: Lsn; readonly catalog: Catalog } = () => {
    throw new Error('the store is not open');
  };
  #on: boolean;
  #from: Lsn;
  #bytes: number;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#on = fact(connection, 'backups') === 1;
    this.#from = lsnFact(connection, 'backupsFrom') ?? 0n;
    this.#bytes = Number(connection.first('SELECT total(length(record)) FROM backup_log')?.[0] ?? 0);
  }

  attach(
    apply: (applied: Applied) => void,
    current: () => { readonly lsn: Lsn; readonly catalog: Catalog },
  ): void {
    this.#apply = apply;
    this.#current = current;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get enabled(): boolean {
    return this.#on;
  }

  enable(on: boolean): void {
    if (on === this.#on) return;
    this.#on = on;
    setFact(this.#connection, 'backups', on ? 1 : 0);
    if (on) this.#setFrom(this.#current().lsn);
    else this.truncate(this.#current().lsn);
  }

  get from(): Lsn {
    return this.#from;
  }

  #setFrom(lsn: Lsn): void {
    this.#from = lsn;
    setFact(this.#connection, 'backupsFrom', lsnToBytes(lsn));
  }

  *read(after: Lsn): Generator<Uint8Array, void, undefined> {
    for (let last = after; ; ) {
      const row = this.#connection.first(
        'SELECT lsn, record FROM backup_log WHERE lsn > ? ORDER BY lsn LIMIT 1',
        [lsnToBytes(last)],
      );
      if (!row || !(row[1] instanceof Uint8Array)) return;
      last = lsnOf(row[0]);
      yield row[1];
    }
  }

  truncate(upTo: Lsn): void {
    this.#connection.run('DELETE FROM backup_log WHERE lsn <= ?', lsnToBytes(upTo));
    this.#bytes = Number(this.#connection.first('SELECT total(length(record)) FROM backup_log')?.[0] ?? 0);
    if (upTo > this.#from) this.#setFrom(upTo);
  }

  /** Inside the SQLite transaction of a commit; gives the bytes of the record. */
  write(work: Work, catalog: Catalog, counters: Iterable<CounterValue>): number {
    if (!this.#on) return 0;
    const record = encode(work, catalog, counters);
    this.#connection.run('INSERT INTO backup_log(lsn, record) VALUES(?, ?)', lsnToBytes(work.lsn), record);
    return record.length;
  }

  written(bytes: number, _lsn: Lsn): void {
    this.#bytes += bytes;
  }

  describe(record: Uint8Array): { readonly lsn: Lsn; readonly beginLsn: Lsn; readonly committed: number } {
    const reader = new ByteReader(record);
    return { lsn: readLsn(reader), beginLsn: readLsn(reader), committed: reader.count() };
  }

  apply(record: Uint8Array): Lsn {
    const { lsn } = this.describe(record);
    const { lsn: current, catalog } = this.#current();
    if (lsn > current) this.#apply(decode(record, catalog));
    return lsn;
  }
}

function readLsn(reader: ByteReader): Lsn {
  return lsnOf(reader.bytes());
}

function encode(work: Work, catalog: Catalog, counters: Iterable<CounterValue>): Uint8Array {
  const writer = new ByteWriter();
  writer.bytes(lsnToBytes(work.lsn));
  writer.bytes(lsnToBytes(work.beginLsn));
  writer.count(work.committed);
  writer.text(work.originator ?? '');
  writer.text(work.catalog ? encodeCatalog(work.catalog) : '');
  const values = [...counters];
  writer.count(values.length);
  for (const [kind, id, value] of values) {
    writer.text(kind);
    writer.count(id);
    writer.value(value);
  }
  encodeJournal(writer, work.journal, catalog);
  for (const [storeId, overlay] of work.overlays) {
    const table = [...catalog.tables.values()].find(each => each.storeId === storeId);
    if (!table) continue;
    writer.count(table.id);
    writer.count(overlay.fills.size);
    for (const [column, value] of overlay.fills) {
      writer.count(column);
      writer.value(value);
    }
    writer.count(overlay.entries.size);
    for (const { rid, values: after } of overlay.rows(table)) {
      writer.count(rid);
      writer.byte(overlay.entries.get(rid)?.before ? 2 : 1);
      writer.values(after);
    }
    for (const [rid, { before, after }] of overlay.entries) {
      if (after) continue;
      writer.count(rid);
      writer.byte(before ? 3 : 0);
    }
  }
  return writer.finish();
}

/** Writes that change tracking and replication have to see again where the record is applied. */
function encodeJournal(writer: ByteWriter, journal: readonly Write[], catalog: Catalog): void {
  const told = journal.flatMap(write => {
    const table = catalog.tables.get(write.table.id);
    return table && !write.relayout && (table.changeTracking || table.published) ? [{ write, table }] : [];
  });
  writer.count(told.length);
  for (const { write, table } of told) {
    const before = beforeOf(write);
    const layOut = (values: readonly Value[]) => relaid(values, write.table, table, NO_FILLS);
    writer.count(table.id);
    writer.byte((before ? 1 : 0) + (write.after ? 2 : 0) + (write.context ? 4 : 0));
    if (before) writer.values(layOut(before));
    if (write.after) writer.values(layOut(write.after));
    if (write.context) writer.bytes(write.context);
  }
}

function decodeJournal(reader: ByteReader, tableOf: (id: number) => Table): readonly Write[] {
  const journal: Write[] = [];
  for (let left = reader.count(); left > 0; left--) {
    const table = tableOf(reader.count());
    const parts = reader.byte();
    journal.push({
      ...{ table, rid: 0, touched: 0, written: 0, previous: undefined, relayout: false },
      before: parts & 1 ? reader.values() : undefined,
      after: parts & 2 ? reader.values() : null,
      context: parts & 4 ? reader.bytes() : undefined,
    });
  }
  return journal;
}

function decode(record: Uint8Array, current: Catalog): Applied {
  const reader = new ByteReader(record);
  const lsn = readLsn(reader);
  const beginLsn = readLsn(reader);
  const committed = reader.count();
  const originator = reader.text();
  const text = reader.text();
  const catalog = text === '' ? undefined : decodeCatalog(text);
  const counters: CounterValue[] = [];
  for (let left = reader.count(); left > 0; left--) {
    const kind = reader.text();
    const id = reader.count();
    const value = reader.value();
    counters.push([
      kind,
      id,
      typeof value === 'number' ? BigInt(value) : typeof value === 'bigint' ? value : null,
    ]);
  }
  const tableOf = (id: number): Table => {
    const table = (catalog ?? current).tables.get(id);
    if (!table) throw new Error('the log backup names a table that is not there');
    return table;
  };
  const journal = decodeJournal(reader, tableOf);
  const overlays = new Map<number, Overlay>();
  while (!reader.done) {
    const table = tableOf(reader.count());
    const overlay = new Overlay();
    const fills = new Map<number, Value>();
    for (let left = reader.count(); left > 0; left--) fills.set(reader.count(), reader.value());
    overlay.fills = fills;
    for (let left = reader.count(); left > 0; left--) {
      const rid = reader.count();
      const kind = reader.byte();
      const after = kind === 1 || kind === 2 ? reader.values() : null;
      // That there was a row is all that matters of it.
      const entry: Entry = {
        table,
        before: kind >= 2 ? (after ?? []) : undefined,
        after,
        touched: overlay.touched++,
        written: 0,
      };
      if (kind !== 0) overlay.entries.set(rid, entry);
    }
    overlays.set(table.storeId, overlay);
  }
  const created = new Map<number, Facts>();
  const work = {
    lsn,
    beginLsn,
    committed,
    originator: originator === '' ? undefined : originator,
    catalog,
    overlays,
    journal,
    created,
  };
  return { work, counters };
}
