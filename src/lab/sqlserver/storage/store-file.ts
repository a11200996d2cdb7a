import { closeSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import type { Catalog } from '../catalog/schema.ts';
import { SqlError } from '../errors.ts';
import { encodeCatalog } from './catalog-codec.ts';
import { Connection } from './connection.ts';
import { FIRST_LSN, lsnToBytes } from './lsn.ts';

/** The SQLite file of a store, apart from the tables of rows. */

/** `LFDB`, in the header of the file. */
const APPLICATION_ID = 0x4c464442;
const FORMAT = 1;
const PAGE_SIZE = 8192;
const WRITER_CACHE_KB = 8192;

const SCHEMA = `
  CREATE TABLE facts(name TEXT PRIMARY KEY, value) WITHOUT ROWID;
  CREATE TABLE counters(kind TEXT, id INTEGER, value TEXT, PRIMARY KEY(kind, id)) WITHOUT ROWID;
  CREATE TABLE physical(store_id INTEGER PRIMARY KEY, shape TEXT, rows INTEGER, ascending INTEGER, wide INTEGER, odd INTEGER);
  CREATE TABLE log(id INTEGER PRIMARY KEY, lsn BLOB UNIQUE, begin_lsn BLOB, committed INTEGER, originator TEXT, bytes INTEGER);
  CREATE TABLE log_changes(log_id INTEGER, part INTEGER, changes BLOB, PRIMARY KEY(log_id, part));
  CREATE TABLE backup_log(id INTEGER PRIMARY KEY, lsn BLOB UNIQUE, record BLOB);
  CREATE TABLE tracking(table_id INTEGER, version INTEGER, ordinal INTEGER, operation TEXT, key BLOB, columns TEXT,
    context BLOB, PRIMARY KEY(table_id, version, ordinal)) WITHOUT ROWID;
  CREATE TABLE tracking_commits(version INTEGER PRIMARY KEY, committed INTEGER);
  CREATE TABLE tracking_minimum(table_id INTEGER PRIMARY KEY, version INTEGER);
`;

/** Opens the connection that writes; a file that is not there is created with the catalog. */
export function openFile(file: string, options: FileOptions): Connection {
  if (options.temporary) removeFile(file);
  const size = sizeOf(file);
  if (size === 0) {
    createFile(file, options.catalog(), options.temporary);
  } else {
    checkHeader(file);
  }
  try {
    const connection = new Connection(file, { readOnly: false, cacheKb: WRITER_CACHE_KB });
    checkWhole(connection, file, size);
    prepare(connection, options.temporary);
    return connection;
  } catch (error) {
    throw damage(error, file, options.databaseId);
  }
}

export interface FileOptions {
  readonly temporary: boolean;
  readonly databaseId: number;
  readonly catalog: () => Catalog;
}

/** @throws SqlError 5170 where the file is there already */
export function createFile(file: string, catalog: Catalog, temporary = false): void {
  if (sizeOf(file) > 0) {
    throw new SqlError(
      5170,
      `Cannot create file '${file}' because it already exists. Change the file path or the file name, and retry the operation.`,
    );
  }
  const connection = new Connection(file, { readOnly: false, cacheKb: WRITER_CACHE_KB });
  connection.exec(`PRAGMA page_size = ${PAGE_SIZE}; PRAGMA journal_mode = WAL`);
  prepare(connection, temporary);
  connection.exec('BEGIN IMMEDIATE');
  connection.exec(SCHEMA);
  setFact(connection, 'format', FORMAT);
  setFact(connection, 'catalog', encodeCatalog(catalog));
  setFact(connection, 'lsn', lsnToBytes(FIRST_LSN));
  // Written with the rest, so that a file with our mark is a whole one.
  connection.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
  connection.exec('COMMIT');
  connection.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  connection.close();
}

function prepare(connection: Connection, temporary: boolean): void {
  // The log of SQLite is written back by the store, when nobody reads what it holds.
  connection.exec(`PRAGMA synchronous = ${temporary ? 'OFF' : 'NORMAL'}; PRAGMA wal_autocheckpoint = 0`);
}

export function setFact(
  connection: Connection,
  name: string,
  value: string | number | bigint | Uint8Array,
): void {
  connection.run(
    'INSERT INTO facts(name, value) VALUES(?, ?) ON CONFLICT(name) DO UPDATE SET value = excluded.value',
    name,
    value,
  );
}

export function fact(
  connection: Connection,
  name: string,
): string | number | bigint | Uint8Array | undefined {
  const row = connection.first('SELECT value FROM facts WHERE name = ?', [name]);
  return row?.[0] ?? undefined;
}

export function removeFile(file: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
}

/** Bytes, 0 where there is no file. */
export function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** SQLite's own header carries our mark; a file that was killed while it was made has none and its log has. */
function checkHeader(file: string): void {
  const header = Buffer.alloc(100);
  const handle = openSync(file, 'r');
  const read = readSync(handle, header, 0, header.length, 0);
  closeSync(handle);
  const isSqlite = read === header.length && header.toString('latin1', 0, 15) === 'SQLite format 3';
  const marked = isSqlite && header.readUInt32BE(68) === APPLICATION_ID;
  if (marked || (isSqlite && sizeOf(`${file}-wal`) > 0)) return;
  throw new SqlError(
    5172,
    `The header for file '${file}' is not a valid database file header. The ${isSqlite ? 'application' : 'PageAudit'} property is incorrect.`,
  );
}

/** Pages that the header counts are there, as far as no log brings them. */
function checkWhole(connection: Connection, file: string, size: number): void {
  if (sizeOf(`${file}-wal`) > 0 || size === 0) return;
  const header = connection.first(
    'SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()',
  );
  if (Number(header?.[0]) > size) throw new Error('shorter than its header says');
}

/** What SQLite says of a file that it can not read, in SQL Server's words. */
export function damage(error: unknown, file: string, databaseId: number): unknown {
  if (error instanceof SqlError) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (/not a database/.test(text)) {
    return new SqlError(
      5172,
      `The header for file '${file}' is not a valid database file header. The PageAudit property is incorrect.`,
    );
  }
  if (!/malformed|disk I\/O|shorter|JSON|no such table/.test(text)) return error;
  return new SqlError(
    824,
    `SQL Server detected a logical consistency-based I/O error: torn page (${text}). It occurred during a read of page (1:0) in database ID ${databaseId} at offset 0x0000000000000000 in file '${file}'.`,
    { severity: 24, state: 2, endsBatch: true },
  );
}
