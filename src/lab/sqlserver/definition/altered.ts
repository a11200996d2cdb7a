import { putTable } from '../catalog/edit.ts';
import { schemaName } from '../catalog/find.ts';
import type { Table } from '../catalog/schema.ts';
import { shownTemporaryName } from '../catalog/temporary.ts';
import type { SqlError } from '../errors.ts';
import type { Execution } from '../flow/execution.ts';
import type { Database } from '../server/instance.ts';
import type { Transaction } from '../storage/store.ts';
import type { Name } from '../syntax/names.ts';
import { buildingFor } from './building.ts';
import { type Building, type Draft, draftOf, tableOf } from './draft.ts';
import { defining, tableNamed, written } from './place.ts';

/** A table in the hands of a statement that changes it. */
export class Altered {
  readonly database: Database;
  readonly draft: Draft;
  readonly building: Building;
  readonly transaction: Transaction;
  readonly execution: Execution;
  table: Table;

  constructor(database: Database, table: Table, execution: Execution) {
    this.database = database;
    this.execution = execution;
    this.transaction = execution.transaction(database);
    this.table = table;
    const { catalog } = this.transaction;
    const schema = schemaName(catalog, table.schemaId);
    this.building = buildingFor({ database, schema, name: table.name }, catalog, execution);
    this.draft = draftOf(table, shownTemporaryName(table.name));
  }

  get name(): string {
    return `${this.building.schema}.${this.draft.shown}`;
  }

  /** Writes rows that the definition lays out anew: no change of data for replication and change tracking. */
  relayout(write: () => void): void {
    this.transaction.relayout = true;
    try {
      write();
    } finally {
      this.transaction.relayout = false;
    }
  }

  /** Makes the draft the definition of the table; whoever reads it is waited for. */
  store(change: Partial<Table> = {}): Table {
    const table: Table = {
      ...tableOf(this.draft, this.building.now),
      storeId: this.table.storeId,
      ...change,
    };
    this.transaction.define(catalog => putTable(catalog, table));
    this.table = table;
    return table;
  }
}

/**
 * The table of a statement that changes it, with the schema lock of its database.
 *
 * @param missing the error for a table that is not there
 */
export function altered(
  name: Name,
  execution: Execution,
  line: number,
  missing: (name: string) => SqlError,
): Altered {
  const first = tableNamed(name, execution.scope, line);
  if (!first) throw missing(written(name));
  defining(first.database, execution);
  // Another transaction may have changed it before the lock was free.
  const found = tableNamed(name, execution.scope, line);
  if (!found) throw missing(written(name));
  return new Altered(found.database, found.table, execution);
}
