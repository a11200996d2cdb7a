import { columnPlace, findTable } from '../catalog/find.ts';
import type { Table } from '../catalog/schema.ts';
import type { Altered } from '../definition/altered.ts';
import { SqlError } from '../errors.ts';
import type { Transaction } from '../storage/store.ts';
import type { TableAction } from '../syntax/definitions.ts';
import type { Value } from '../values/types.ts';
import { articleProcedures } from './article-procedures.ts';
import { articlesFrom, type StoredArticle } from './articles.ts';
import { LAYOUTS, withLayout } from './layouts.ts';
import { writeNote } from './notes.ts';
import { bracketed } from './places.ts';
import { has, SCHEMA_OPTION } from './schema-option.ts';

/**
 * ALTER TABLE of a published table goes to its subscribers, in its place among the rows, and the procedures of the article
 * after it (facts: mssql 1.9).
 */

/** Refuses what cannot flow; to be called before the statement does anything. */
export function requireReplicable(table: Table, action: TableAction, line: number): void {
  if (!table.published) return;
  if (action.kind === 'add') {
    const identity = action.columns.find(column => column.identity !== undefined);
    if (identity !== undefined && identity.identity?.notForReplication !== true)
      throw new SqlError(
        21810,
        "Identity column can only be added to a published table with 'Not For Replication' clause",
        { line },
      );
  }
  if (action.kind === 'drop') {
    const kinds = new Set(action.items.map(({ kind }) => kind));
    if (kinds.size > 1)
      throw new SqlError(
        21825,
        `Can not drop constraints in the same DDL statement which drops columns from table ${table.name} because the table is published, please use separate DDL statement.`,
        { line },
      );
  }
}

/** Actions that concern the subscriber's table. */
const FLOWS: ReadonlySet<TableAction['kind']> = new Set(['add', 'alter-column', 'drop', 'check']);

/**
 * @param before the table as it was
 * @param text of the action, as it was written
 */
export function replicateAlter(target: Altered, before: Table, action: TableAction, text: string): void {
  const { database, transaction } = target;
  const { store } = database;
  if (!before.published || store?.log.capturing !== true || !FLOWS.has(action.kind)) return;
  const system = new SystemRows(transaction);
  const all = articlesFrom(system.rows('sysarticles'), system.rows('sysarticlecolumns'));
  const articles = all.filter(({ tableId }) => tableId === before.id);
  const publications = new Map(
    system.rows('syspublications').map(row => [Number(row['pubid']), row] as const),
  );
  const after = target.table;
  const [added, gone] = [without(after, before), without(before, after)];
  const until = store.log.current;
  if (after.columns !== before.columns) {
    const layouts = withLayout(before, transaction.catalog, articles, until, store.log.distributedUpTo);
    target.store({ features: { ...after.features, [LAYOUTS]: layouts } });
  }
  for (const article of articles) {
    const publication = publications.get(article.publicationId);
    // replicate_ddl = 0 is honoured for ADD alone: without the others the rows would not fit.
    if (publication === undefined || (action.kind === 'add' && publication['replicate_ddl'] === 0)) continue;
    const columns = new Set([...article.columns].filter(id => !gone.includes(id)));
    for (const id of added) columns.add(id);
    system.setColumns(article.id, added, gone);
    const now: StoredArticle = { ...article, columns };
    transaction.note(
      writeNote({
        ...{ kind: 'ddl', publication: String(publication['name']), article: article.id },
        id: Buffer.from(target.execution.instance.random.bytes(8)).toString('hex'),
        after: until.toString(),
        text: `ALTER TABLE ${bracketed(article.destinationOwner)}.${bracketed(article.destination)} ${text}`,
        scripts: has(article.schemaOption, SCHEMA_OPTION.customProcedures)
          ? [...articleProcedures(target.table, now)]
          : [],
      }),
    );
  }
}

/** column_ids of stored columns that the other definition lacks. */
const without = (table: Table, other: Table): readonly number[] =>
  table.columns
    .filter(column => column.computed === undefined && !other.columns.some(each => each.id === column.id))
    .map(column => column.id);

/** The publication database's own tables inside the transaction of a definition. */
class SystemRows {
  readonly #transaction: Transaction;

  constructor(transaction: Transaction) {
    this.#transaction = transaction;
  }

  rows(name: string): readonly Readonly<Record<string, Value>>[] {
    return this.#read(name).map(({ values }) => values);
  }

  #read(name: string): readonly { readonly rid: number; readonly values: Readonly<Record<string, Value>> }[] {
    const table = findTable(this.#transaction.catalog, 'dbo', name);
    if (table === undefined) return [];
    const view = this.#transaction.view();
    try {
      return [...view.scan(table)].map(({ rid, values }) => ({
        rid,
        values: Object.fromEntries(
          table.columns.map(column => [column.name, values[columnPlace(table, column.id)] ?? null]),
        ),
      }));
    } finally {
      view.close();
    }
  }

  setColumns(article: number, added: readonly number[], gone: readonly number[]): void {
    const table = findTable(this.#transaction.catalog, 'dbo', 'sysarticlecolumns');
    if (table === undefined) return;
    for (const { rid, values } of this.#read('sysarticlecolumns'))
      if (values['artid'] === article && gone.includes(Number(values['colid'])))
        this.#transaction.delete(table, rid);
    for (const id of added) {
      const row: Readonly<Record<string, Value>> = { artid: article, colid: id };
      this.#transaction.insert(
        table,
        table.columns.map(column => row[column.name] ?? 0),
      );
    }
  }
}
