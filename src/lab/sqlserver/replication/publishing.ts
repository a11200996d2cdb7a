import { putTable } from '../catalog/edit.ts';
import type { Table } from '../catalog/schema.ts';
import type { Database, Instance } from '../server/instance.ts';
import type { ProcedureContext } from '../system/procedure.ts';
import { inTransaction } from './store-work.ts';

/** Turns the capture of a database on or off; tables become published one by one (sp_addarticle). */
export function publishStore(instance: Instance, database: string, on: boolean): void {
  const found = instance.databases.get(database.toLowerCase());
  if (found?.store === undefined) throw new RangeError(`${database} is not online`);
  found.options.published = on;
  found.store.log.capture(on);
  // What nobody will read any more is not kept.
  if (!on) found.store.log.distributed(found.store.log.current);
}

/**
 * Changes a table's definition in a transaction of its own, as a Sch-M lock of a moment.
 *
 * @throws SqlError 1222 where others are in its way for longer than SET LOCK_TIMEOUT allows
 */
export async function redefineTable(
  { session, signal }: Pick<ProcedureContext, 'session' | 'signal'>,
  database: Database,
  tableId: number,
  change: (table: Table) => Table,
): Promise<void> {
  const { store } = database;
  if (store === undefined) throw new RangeError(`${database.name} is not online`);
  await inTransaction(
    store,
    signal,
    transaction =>
      transaction.define(catalog => {
        const table = catalog.tables.get(tableId);
        if (table === undefined) throw new RangeError(`no table ${tableId}`);
        return putTable(catalog, change(table));
      }),
    session.options.lockTimeout,
  );
}

export const published =
  (on: boolean) =>
  (table: Table): Table => ({ ...table, published: on });

/** NOT FOR REPLICATION of the identity column, where there is one. */
export const identityForReplication =
  (notForReplication: boolean) =>
  (table: Table): Table => ({
    ...table,
    columns: table.columns.map(column =>
      column.identity === undefined
        ? column
        : { ...column, identity: { ...column.identity, notForReplication } },
    ),
  });
