import { SqlError } from '../errors.ts';
import type { Database } from '../server/instance.ts';
import type { Savepoint, Transaction } from '../storage/store.ts';

/** Where a statement or SAVE TRANSACTION may go back to, in each database that is part of the transaction. */
export type Marks = ReadonlyMap<Transaction, Savepoint>;

/**
 * The transaction of a session: what @@TRANCOUNT counts, with a part in each database it has touched. Without BEGIN
 * TRANSACTION it is that of the statement that runs (`count` 0), which commits it at its end.
 */
export class SessionTransaction {
  /** @@TRANCOUNT. */
  count = 0;
  /** XACT_STATE() is -1: it can only be rolled back (3930). */
  doomed = false;
  name = '';
  /** What the client knows it by; 0 for the transaction of a single statement. */
  descriptor = 0n;
  /** Begun at isolation level SNAPSHOT. */
  snapshot = false;
  #deadlockPriority = 0;
  readonly #session: number;
  readonly #parts = new Map<Database, Transaction>();
  /** The beginning of each part, for a statement during which it began. */
  readonly #origins = new Map<Transaction, Savepoint>();
  #begun = 0n;
  #savepoints: { readonly name: string; readonly marks: Marks }[] = [];

  constructor(session: number) {
    this.#session = session;
  }

  part(database: Database): Transaction | undefined {
    return this.#parts.get(database);
  }

  parts(): ReadonlyMap<Database, Transaction> {
    return this.#parts;
  }

  /** The part in a database; begins there where it has none yet. */
  join(database: Database, snapshot: boolean): Transaction {
    const known = this.#parts.get(database);
    if (known) return known;
    if (!database.store) throw new Error(`${database.name} has no store`);
    const begun = database.store.begin(this.#session, { snapshot });
    begun.deadlockPriority = this.#deadlockPriority;
    this.#parts.set(database, begun);
    this.#origins.set(begun, begun.savepoint());
    return begun;
  }

  /** SET DEADLOCK_PRIORITY: of the parts there are and of those to come. */
  set deadlockPriority(priority: number) {
    this.#deadlockPriority = priority;
    for (const part of this.#parts.values()) part.deadlockPriority = priority;
  }

  begin(name: string, snapshot: boolean): void {
    if (this.count === 0) {
      this.name = name;
      this.#begun += 1n;
      this.descriptor = (BigInt(this.#session) << 40n) + this.#begun;
      this.snapshot = snapshot;
    }
    this.count += 1;
  }

  /** Ends all parts durably. Where a part cannot be committed the rest is rolled back. */
  commit(): void {
    const parts = [...this.#parts.values()];
    this.#forget();
    while (parts.length > 0) {
      const part = parts.shift();
      try {
        part?.commit();
      } catch (error) {
        for (const other of parts) other.rollback();
        throw error;
      }
    }
  }

  rollback(): void {
    const parts = [...this.#parts.values()];
    this.#forget();
    for (const part of parts) part.rollback();
  }

  #forget(): void {
    this.#parts.clear();
    this.#origins.clear();
    this.#savepoints = [];
    this.count = 0;
    this.doomed = false;
    this.name = '';
    this.descriptor = 0n;
    this.snapshot = false;
  }

  mark(): Marks {
    const marks = new Map<Transaction, Savepoint>();
    for (const part of this.#parts.values()) marks.set(part, part.savepoint());
    return marks;
  }

  /** Undoes what was written since the marks were set; all of a part that began later. */
  undo(marks: Marks): void {
    for (const part of this.#parts.values()) {
      const mark = marks.get(part) ?? this.#origins.get(part);
      if (mark) part.rollbackTo(mark);
    }
  }

  save(name: string): void {
    this.#savepoints.push({ name, marks: this.mark() });
  }

  /** @throws SqlError 6401 for a name that is no savepoint */
  rollbackToSavepoint(name: string): void {
    const place = this.#savepoints.findLastIndex(each => each.name.toLowerCase() === name.toLowerCase());
    const found = this.#savepoints[place];
    if (!found)
      throw new SqlError(
        6401,
        `Cannot roll back ${name}. No transaction or savepoint of that name was found.`,
      );
    this.undo(found.marks);
    this.#savepoints.length = place + 1;
  }
}
