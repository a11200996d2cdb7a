import type { Table } from '../catalog/schema.ts';
import type { Execution } from '../flow/execution.ts';
import type { Database } from '../server/instance.ts';
import type { Snapshot } from '../storage/store.ts';
import type { Value } from '../values/types.ts';
import { completed, type Rules } from './rules.ts';

/**
 * The newest rows, as constraints see them: committed by now, with the transaction's own writes over them. To be refreshed
 * whenever others may have run in between.
 */
export class CurrentRows {
  readonly #execution: Execution;
  readonly #views = new Map<Database, Snapshot>();

  constructor(execution: Execution) {
    this.#execution = execution;
  }

  view(database: Database): Snapshot {
    const known = this.#views.get(database);
    if (known) return known;
    const opened = this.#execution.transaction(database).view();
    this.#views.set(database, opened);
    return opened;
  }

  /** Throws LockWait where another transaction has written a row with this key, or where all of the table is read. */
  respect(database: Database, table: Table, indexId?: number, key: readonly Value[] = []): void {
    const { store } = database;
    const transaction = this.#execution.transaction(database);
    if (indexId === undefined) store?.locks.respect(transaction, table);
    else
      store?.locks.respect(transaction, table, {
        indexId,
        low: { key, inclusive: true },
        high: { key, inclusive: true },
      });
  }

  /** No other transaction changes this row until the transaction's end. */
  keep(database: Database, table: Table, rid: number): void {
    database.store?.locks.take(this.#execution.transaction(database), table, rid, 'S');
  }

  completed(rules: Rules, values: readonly Value[]): readonly Value[] {
    return completed(rules, values, this.#execution.evaluation);
  }

  refresh(): void {
    this.close();
  }

  close(): void {
    for (const view of this.#views.values()) view.close();
    this.#views.clear();
  }
}
