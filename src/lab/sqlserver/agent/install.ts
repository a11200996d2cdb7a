import { putTable } from '../catalog/edit.ts';
import type { Instance } from '../server/instance.ts';
import { MSDB_ROWS, MSDB_TABLES } from './tables.ts';

/** Makes msdb's tables where they are not there; to be called once msdb is open, in every edition. */
export async function installMsdb(instance: Instance): Promise<void> {
  const [row] = await instance.run('msdb', "SELECT OBJECT_ID(N'dbo.sysjobs')");
  if (row !== undefined && row[0] !== null) return;
  await instance.run('msdb', MSDB_TABLES);
  await instance.run('msdb', MSDB_ROWS);
  shipped(instance);
}

/** What the product brings is `is_ms_shipped`. */
function shipped(instance: Instance): void {
  const store = instance.databases.get('msdb')?.store;
  if (store === undefined) return;
  const transaction = store.begin(0, { snapshot: false });
  transaction.define(catalog =>
    [...catalog.tables.values()].reduce(
      (next, table) => putTable(next, { ...table, shipped: true }),
      catalog,
    ),
  );
  transaction.commit();
}
