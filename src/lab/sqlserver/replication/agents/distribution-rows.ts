import { findTable } from '../../catalog/find.ts';
import type { Instance } from '../../server/instance.ts';
import type { Store, Transaction } from '../../storage/store.ts';
import { datetimeAt, type Value } from '../../values/index.ts';
import { inTransaction } from '../store-work.ts';

/** Rows for MSrepl_transactions and MSrepl_commands, written as a bulk load does: not through texts of T-SQL. */

export interface StoredTransaction {
  readonly seqno: Uint8Array;
  readonly xactId: Uint8Array;
  readonly commands: readonly StoredCommand[];
}

export interface StoredCommand {
  readonly id: number;
  readonly type: number;
  readonly article: number;
  readonly originatorId: number;
  readonly partial: boolean;
  readonly bytes: Uint8Array;
}

/** All of them become visible in one transaction of the distribution database. */
export async function writeTransactions(
  instance: Instance,
  database: string,
  publisherDatabaseId: number,
  transactions: readonly StoredTransaction[],
  signal: AbortSignal,
): Promise<void> {
  const store = instance.databases.get(database.toLowerCase())?.store;
  if (store === undefined) throw new RangeError(`${database} is not online`);
  const commands = rowsInto(store, 'MSrepl_commands');
  const heads = rowsInto(store, 'MSrepl_transactions');
  const entered = datetimeAt(instance.clock.now());
  await inTransaction(store, signal, transaction => {
    for (const { seqno, xactId, commands: own } of transactions) {
      heads(transaction, {
        publisher_database_id: publisherDatabaseId,
        xact_id: xactId,
        xact_seqno: seqno,
        entry_time: entered,
      });
      for (const { id, type, article, originatorId, partial, bytes } of own)
        commands(transaction, {
          publisher_database_id: publisherDatabaseId,
          xact_seqno: seqno,
          type,
          article_id: article,
          originator_id: originatorId,
          command_id: id,
          partial_command: partial ? 1 : 0,
          command: bytes,
          hashkey: 0,
        });
    }
  });
}

type Insert = (transaction: Transaction, row: Readonly<Record<string, Value>>) => void;

function rowsInto(store: Store, name: string): Insert {
  const table = findTable(store.catalog, 'dbo', name);
  if (table === undefined) throw new RangeError(`no table ${name}`);
  const names = table.columns.map(column => column.name);
  return (transaction, row) => {
    transaction.insert(
      table,
      names.map(each => row[each] ?? null),
    );
  };
}
