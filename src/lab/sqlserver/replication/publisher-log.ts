import { SqlError } from '../errors.ts';
import type { Database, Instance } from '../server/instance.ts';
import type { CapturedTransaction, LogRecord, Lsn, Store } from '../storage/store.ts';
import type { StoredArticle } from './articles.ts';
import { commandOf } from './commands.ts';
import { asOf } from './layouts.ts';
import { type Note, readNote } from './notes.ts';

/** What of the captured log is for which article: the part of the log reader that runs at the publisher. */

export interface PublisherCommand {
  readonly lsn: Lsn;
  readonly beginLsn: Lsn;
  readonly committed: number;
  readonly originator: string | undefined;
  readonly article: number;
  readonly publicationId: number;
  /** A command for the subscriber, or something of replication's own. */
  readonly content:
    | { readonly kind: 'command'; readonly text: string }
    | { readonly kind: 'note'; readonly note: Note };
}

/**
 * The commands of captured transactions in commit order; a change of a table in several publications is several commands.
 *
 * @param setUp whether the log reader's login is a sysadmin, who alone may read the procedures of a new subscription
 */
export function commandsOf(
  store: Store,
  articles: readonly StoredArticle[],
  transactions: readonly CapturedTransaction[],
  setUp: boolean,
): readonly PublisherCommand[] {
  const byTable = Map.groupBy(articles, ({ tableId }) => tableId);
  return transactions.flatMap(transaction =>
    transaction.changes.flatMap(change => fromChange(store, byTable, transaction, change, setUp)),
  );
}

function fromChange(
  store: Store,
  byTable: ReadonlyMap<number, readonly StoredArticle[]>,
  { lsn, beginLsn, committed, originator }: CapturedTransaction,
  change: LogRecord,
  setUp: boolean,
): readonly PublisherCommand[] {
  const common = { lsn, beginLsn, committed, originator };
  if (change.kind === 'note') {
    const read = readNote(change.text);
    const note = read.kind === 'procedures' && !setUp ? { ...read, scripts: [] } : read;
    const article = 'article' in note ? note.article : 0;
    return [{ ...common, article, publicationId: 0, content: { kind: 'note', note } }];
  }
  const table = store.catalog.tables.get(change.table);
  if (table === undefined) return [];
  const then = asOf(table, lsn);
  return (byTable.get(change.table) ?? []).flatMap(article => {
    const text = commandOf(change, then.table, then.article(article));
    return text === undefined
      ? []
      : [
          {
            ...common,
            article: article.id,
            publicationId: article.publicationId,
            content: { kind: 'command' as const, text },
          },
        ];
  });
}

/** The one session that reads the log of a database (18752). */
const readers = new WeakMap<Store, number>();

export function takeReader(instance: Instance, { name, store }: Database, session: number): Store {
  if (store === undefined)
    throw new SqlError(942, `Database '${name}' cannot be opened because it is offline.`);
  const holder = readers.get(store);
  if (holder !== undefined && holder !== session && instance.sessions.has(holder)) {
    throw new SqlError(
      18752,
      `Only one Log Reader Agent or log-related procedure (sp_repldone, sp_replcmds, and sp_replshowcmds) can connect to a database at a time. If you executed a log-related procedure, drop the connection over which the procedure was executed or execute sp_replflush over that connection before starting the Log Reader Agent or executing another log-related procedure.`,
    );
  }
  readers.set(store, session);
  return store;
}

export function releaseReader({ store }: Database, session: number): void {
  if (store !== undefined && readers.get(store) === session) readers.delete(store);
}
