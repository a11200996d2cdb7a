import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Value } from '../values/types.ts';
import type { Row } from './bound.ts';
import type { Key } from './joins.ts';
import { rowFromText, rowToText } from './row-text.ts';

/** Rows of one operator are spread over so many tables: each is indexed at once, and only when it is asked. */
const PARTS = 64;
const CACHE_KB = 2048;

/** The disk that a statement's rows go to where memory does not hold them: a temporary database of SQLite without a name. */
export class Spill {
  readonly #database = new DatabaseSync('');
  #tables = 0;

  constructor() {
    this.#database.exec(
      `PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -${CACHE_KB}; BEGIN`,
    );
  }

  list(): SpilledList {
    return new SpilledList(this.#database, `l${++this.#tables}`);
  }

  keyed(): SpilledKeys {
    return new SpilledKeys(this.#database, `k${++this.#tables}`);
  }

  close(): void {
    this.#database.close();
  }
}

/** Rows in the order in which they came. */
export class SpilledList {
  readonly #database: DatabaseSync;
  readonly #name: string;
  readonly #insert: StatementSync;

  constructor(database: DatabaseSync, name: string) {
    this.#database = database;
    this.#name = name;
    database.exec(`CREATE TABLE ${name}(n INTEGER PRIMARY KEY, v TEXT)`);
    this.#insert = database.prepare(`INSERT INTO ${name}(v) VALUES (?)`);
  }

  add(row: Row): void {
    this.#insert.run(rowToText(row));
  }

  *rows(): Generator<Value[], void, undefined> {
    for (const { v } of this.#database.prepare(`SELECT v FROM ${this.#name} ORDER BY n`).iterate())
      yield rowFromText(String(v));
  }
}

export interface SpilledRow {
  readonly place: number;
  readonly row: Row;
}

interface Part {
  readonly name: string;
  readonly insert: StatementSync;
  find: StatementSync | undefined;
}

/** Rows by a key. All of them are put in before the first is asked for. */
export class SpilledKeys {
  readonly #database: DatabaseSync;
  readonly #name: string;
  readonly #parts: (Part | undefined)[] = new Array(PARTS);
  #places = 0;

  constructor(database: DatabaseSync, name: string) {
    this.#database = database;
    this.#name = name;
  }

  add(key: Key, row: Row): void {
    const text = keyText(key);
    const at = hashOf(text) % PARTS;
    this.#parts[at] ??= this.#create(at);
    this.#parts[at].insert.run(this.#places, text, rowToText(row));
    this.#places += 1;
  }

  #create(at: number): Part {
    const name = `${this.#name}_${at}`;
    this.#database.exec(`CREATE TABLE ${name}(n INTEGER, k TEXT, v TEXT)`);
    const insert = this.#database.prepare(`INSERT INTO ${name} VALUES (?, ?, ?)`);
    return { name, insert, find: undefined };
  }

  *of(key: Key): Generator<SpilledRow, void, undefined> {
    const text = keyText(key);
    const part = this.#parts[hashOf(text) % PARTS];
    if (part === undefined) return;
    if (part.find === undefined) {
      this.#database.exec(`CREATE INDEX i${part.name} ON ${part.name}(k)`);
      part.find = this.#database.prepare(`SELECT n, v FROM ${part.name} WHERE k = ?`);
    }
    for (const { n, v } of part.find.iterate(text)) yield { place: Number(n), row: rowFromText(String(v)) };
  }

  *rows(): Generator<SpilledRow, void, undefined> {
    for (const part of this.#parts) {
      if (part === undefined) continue;
      for (const { n, v } of this.#database.prepare(`SELECT n, v FROM ${part.name}`).iterate())
        yield { place: Number(n), row: rowFromText(String(v)) };
    }
  }
}

/** UTF-8 has no lone surrogates. */
function keyText(key: Key): string {
  if (typeof key !== 'string') return `${typeof key === 'number' ? 'n' : 'b'}${key}`;
  return key.isWellFormed() ? `s${key}` : `j${JSON.stringify(key)}`;
}

/** FNV-1a. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

/** One of `count` parts for a key; other ones at another depth. */
export function partOf(key: Key, count: number, depth: number): number {
  return hashOf(`${depth}${keyText(key)}`) % count;
}
