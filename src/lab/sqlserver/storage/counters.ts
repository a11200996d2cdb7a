import type { Catalog, Sequence, Table } from '../catalog/schema.ts';
import { SqlError } from '../errors.ts';
import type { Connection } from './connection.ts';

type Kind = 'identity' | 'sequence' | 'object' | 'rowversion';

/** Values of a sequence that a crash may lose, as a cache does. */
const RESERVED = 50n;

const LIMITS: Partial<Record<string, bigint>> = {
  tinyint: 255n,
  smallint: 2n ** 15n - 1n,
  int: 2n ** 31n - 1n,
  bigint: 2n ** 63n - 1n,
};

/**
 * Running values that no rollback undoes. They are written with the next commit or rollback; what was given away without
 * one is reserved in the file beforehand (sequences), or nobody can have kept it (identity values of rows never committed).
 */
export class Counters {
  readonly #connection: Connection;
  readonly #values: Record<Kind, Map<number, bigint | null>> = {
    identity: new Map(),
    sequence: new Map(),
    object: new Map(),
    rowversion: new Map(),
  };
  readonly #dirty = new Map<string, readonly [Kind, number, bigint | null]>();
  /** What the file has of a sequence: it begins there after a crash. */
  readonly #reserved = new Map<number, bigint>();

  constructor(connection: Connection) {
    this.#connection = connection;
    for (const [kind, id, value] of connection.all('SELECT kind, id, value FROM counters')) {
      const known = this.#map(String(kind));
      known?.set(Number(id), value === null || value === undefined ? null : BigInt(String(value)));
    }
  }

  #map(kind: string): Map<number, bigint | null> | undefined {
    return kind === 'identity' || kind === 'sequence' || kind === 'object' || kind === 'rowversion'
      ? this.#values[kind]
      : undefined;
  }

  #set(kind: Kind, id: number, value: bigint | null): void {
    this.#values[kind].set(id, value);
    this.#dirty.set(`${kind} ${id}`, [kind, id, value]);
  }

  identity(table: Table): bigint | null {
    return this.#values.identity.get(table.id) ?? null;
  }

  setIdentity(table: Table, value: bigint | null): void {
    this.#set('identity', table.id, value);
  }

  nextIdentity(table: Table): bigint {
    const column = table.columns.find(each => each.identity);
    if (!column?.identity) throw new Error(`${table.name} has no identity column`);
    const last = this.identity(table);
    const next = last === null ? column.identity.seed : last + column.identity.increment;
    const { type } = column;
    const precision = type.kind === 'decimal' || type.kind === 'numeric' ? type.precision : 38;
    const limit = LIMITS[type.kind] ?? 10n ** BigInt(precision) - 1n;
    if (next > limit || next < (type.kind === 'tinyint' ? 0n : -limit - 1n)) {
      throw new SqlError(
        8115,
        `Arithmetic overflow error converting IDENTITY to data type ${type.kind}. Arithmetic overflow occurred.`,
      );
    }
    this.setIdentity(table, next);
    return next;
  }

  nextSequenceValue(sequence: Sequence): bigint {
    const { id, increment, minimum, maximum, cycling } = sequence;
    const next = this.sequenceValue(id) ?? sequence.start;
    if (next > maximum || next < minimum) {
      if (!cycling) {
        throw new SqlError(
          11728,
          `The sequence object '${sequence.name}' has reached its minimum or maximum value. Restart the sequence object to allow new values to be generated.`,
        );
      }
      const first = increment > 0n ? minimum : maximum;
      this.#set('sequence', id, first + increment);
      this.#reserve(id, first, increment);
      return first;
    }
    this.#set('sequence', id, next + increment);
    this.#reserve(id, next, increment);
    return next;
  }

  /** The file is ahead of what was given away. */
  #reserve(id: number, given: bigint, increment: bigint): void {
    const size = increment > 0n ? increment : -increment;
    const reserved = this.#reserved.get(id);
    const ahead = reserved === undefined ? 0n : increment > 0n ? reserved - given : given - reserved;
    if (ahead > 0n && ahead <= RESERVED * size) return;
    const limit = given + RESERVED * increment;
    this.#reserved.set(id, limit);
    this.#write('sequence', id, limit);
  }

  sequenceValue(id: number): bigint | null {
    return this.#values.sequence.get(id) ?? null;
  }

  setSequence(id: number, next: bigint): void {
    this.#set('sequence', id, next);
    this.#reserved.delete(id);
  }

  nextObjectId(catalog: Catalog): number {
    const last = this.#values.object.get(0) ?? highestId(catalog);
    const next = last + 1n;
    this.#set('object', 0, next);
    return Number(next);
  }

  get rowVersion(): bigint {
    return this.#values.rowversion.get(0) ?? 2000n;
  }

  nextRowVersion(): bigint {
    const next = this.rowVersion + 1n;
    this.#set('rowversion', 0, next);
    return next;
  }

  /** Of another copy of the database, whose log is applied. */
  apply(kind: string, id: number, value: bigint | null): void {
    if (kind === 'identity' || kind === 'sequence' || kind === 'object' || kind === 'rowversion') {
      this.#set(kind, id, value);
    }
  }

  get dirty(): Iterable<readonly [Kind, number, bigint | null]> {
    return this.#dirty.values();
  }

  get isDirty(): boolean {
    return this.#dirty.size > 0;
  }

  /** Writes what has changed, inside the transaction of a commit or by itself; `exact` gives up what is reserved. */
  flush(exact: boolean): void {
    for (const [kind, id, value] of this.#dirty.values()) {
      if (kind === 'sequence' && !exact && this.#reserved.has(id)) continue;
      this.#write(kind, id, value);
    }
    if (exact) this.#reserved.clear();
  }

  /** What was flushed is durable. */
  flushed(): void {
    for (const [name, [kind, id]] of this.#dirty) {
      // Written exactly when the store is closed.
      if (kind !== 'sequence' || !this.#reserved.has(id)) this.#dirty.delete(name);
    }
  }

  #write(kind: Kind, id: number, value: bigint | null): void {
    this.#connection.run(
      'INSERT INTO counters(kind, id, value) VALUES(?, ?, ?) ON CONFLICT(kind, id) DO UPDATE SET value = excluded.value',
      kind,
      id,
      value === null ? null : value.toString(),
    );
  }
}

/** User objects begin above every id of the system's. */
function highestId(catalog: Catalog): bigint {
  let highest = 245_575_000;
  for (const id of catalog.byName.values()) highest = Math.max(highest, id);
  for (const table of catalog.tables.values()) {
    for (const { objectId } of [...table.keys, ...table.checks, ...table.foreignKeys]) {
      highest = Math.max(highest, objectId);
    }
  }
  return BigInt(highest);
}
