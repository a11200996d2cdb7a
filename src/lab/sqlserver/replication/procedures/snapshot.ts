import { SqlError } from '../../errors.ts';
import { lsnToBytes } from '../../storage/lsn.ts';
import type { Lsn, Snapshot, Store } from '../../storage/store.ts';
import type { ProcedureContext, SystemProcedure } from '../../system/procedure.ts';
import type { Value } from '../../values/types.ts';
import { sentColumns } from '../article.ts';
import { articleProcedures } from '../article-procedures.ts';
import { articlesHere, type StoredArticle } from '../articles.ts';
import { columns } from '../columns.ts';
import { isOwner, notPublished } from '../faults.ts';
import { literal } from '../literals.ts';
import { writeNote } from '../notes.ts';
import { bytes, procedure, sysname, text } from '../parameters.ts';
import { publicationOf } from '../publications.ts';
import { has, SCHEMA_OPTION } from '../schema-option.ts';
import type { SnapshotArticle } from '../snapshot-files.ts';
import { snapshotScript } from '../snapshot-script.ts';

/** The publisher's part of a snapshot: what the Snapshot Agent calls, and nobody else. */

/** Rows that travel as one. */
const GROUP = 200;

function mustOwn(context: ProcedureContext): Store {
  const { store, name } = context.database;
  if (!context.database.options.published || store === undefined) throw notPublished(name);
  if (!isOwner(context))
    throw new SqlError(
      21050,
      'Only members of the sysadmin fixed server role or db_owner fixed database role can perform this operation. Contact an administrator with sufficient permissions to perform this operation.',
    );
  return store;
}

/** Articles with their definitions and rows, all as of one LSN. */
const take = procedure('sp_mssnapshotdata', [sysname('@publication')], async (context, values) => {
  const store = mustOwn(context);
  const publication = await publicationOf(context, values.text('@publication'));
  const [articles, preCreation] = await read(context, store, publication.id);
  // Both are of the same moment: nothing comes between.
  const lsn = store.log.current;
  const snapshot = store.snapshot();
  try {
    context.result(
      columns(['article', 'int'], ['part', 'sysname'], ['lsn', 'lsn'], ['text', 'text']),
      parts(snapshot, articles, preCreation, lsn),
    );
  } finally {
    snapshot.close();
  }
  return 0;
});

/** The articles as the catalog of now has them. */
async function read(
  context: ProcedureContext,
  store: Store,
  publication: number,
): Promise<readonly [readonly StoredArticle[], ReadonlyMap<number, number>]> {
  for (;;) {
    const { version } = store.catalog;
    const articles = (await articlesHere(context)).filter(each => each.publicationId === publication);
    const rows = await context.query(
      context.database.name,
      `SELECT artid, pre_creation_cmd FROM dbo.sysarticles WHERE pubid = ${publication}`,
    );
    if (store.catalog.version === version)
      return [articles, new Map(rows.map(row => [Number(row['artid']), Number(row['pre_creation_cmd'])]))];
  }
}

function* parts(
  snapshot: Snapshot,
  articles: readonly StoredArticle[],
  preCreation: ReadonlyMap<number, number>,
  lsn: Lsn,
): Generator<readonly Value[], void, undefined> {
  const { catalog } = snapshot;
  const at = lsnToBytes(lsn);
  yield [0, 'begin', at, null];
  const byTable = new Map(articles.map(article => [article.tableId, article]));
  for (const article of articles) {
    const table = catalog.tables.get(article.tableId);
    if (table === undefined) continue;
    const sent = sentColumns(table, article);
    let group: string[] = [];
    let rows = 0;
    for (const { values } of snapshot.scan(table)) {
      rows += 1;
      group.push(
        `(${sent.map(({ column, place }) => literal(values[place] ?? null, column.type)).join(',')})`,
      );
      if (group.length < GROUP) continue;
      yield [article.id, 'rows', at, JSON.stringify(group)];
      group = [];
    }
    if (group.length > 0) yield [article.id, 'rows', at, JSON.stringify(group)];
    const told: SnapshotArticle = {
      ...{ id: article.id, owner: article.destinationOwner, table: article.destination, rows },
      preCreation: preCreation.get(article.id) ?? 1,
      columns: sent.map(({ column }) => column.name),
      ...copied(snapshotScript({ table, catalog, articles: byTable }, article)),
      procedures: has(article.schemaOption, SCHEMA_OPTION.customProcedures)
        ? [...articleProcedures(table, article)]
        : [],
    };
    yield [article.id, 'article', at, JSON.stringify(told)];
  }
}

const copied = (script: ReturnType<typeof snapshotScript>) => ({
  create: [...script.create],
  indexes: [...script.indexes],
  constraints: [...script.constraints],
  triggers: [...script.triggers],
});

/** The files are there: subscriptions that wait for a snapshot become active, and are told where it is, in the log. */
const activate = procedure(
  'sp_mssnapshotready',
  [sysname('@publication'), bytes(10)('@lsn'), text(255)('@root'), text(255)('@folder')],
  async (context, values) => {
    const store = mustOwn(context);
    const publication = await publicationOf(context, values.text('@publication'));
    const lsn = values.get('@lsn');
    const rows = await context.query(
      context.database.name,
      `SELECT s.artid, s.srvname, s.dest_db FROM dbo.syssubscriptions AS s JOIN dbo.sysarticles AS a ON a.artid = s.artid
WHERE a.pubid = ${publication.id} AND s.sync_type = 1 AND s.status = 1`,
    );
    await context.query(
      context.database.name,
      `UPDATE dbo.syspublications SET immediate_sync_ready = 1 WHERE pubid = ${publication.id} AND immediate_sync = 1;
UPDATE dbo.syssubscriptions SET status = 2 WHERE sync_type = 1 AND status = 1 AND artid IN (SELECT artid FROM dbo.sysarticles WHERE pubid = ${publication.id})`,
    );
    const until = store.log.current;
    if (rows.length > 0)
      store.log.append({
        kind: 'note',
        text: writeNote({
          kind: 'snapshot',
          publication: publication.name,
          lsn: Buffer.from(lsn instanceof Uint8Array ? lsn : lsnToBytes(until)).toString('hex'),
          until: Buffer.from(lsnToBytes(until)).toString('hex'),
          root: values.text('@root') ?? '',
          folder: values.text('@folder') ?? '',
          subscriptions: rows.map(row => ({
            subscriber: String(row['srvname']),
            database: String(row['dest_db']),
            article: Number(row['artid']),
          })),
        }),
      });
    context.result(columns(['subscriptions', 'int'], ['until', 'lsn']), [[rows.length, lsnToBytes(until)]]);
    return 0;
  },
);

export const SNAPSHOT_PROCEDURES: readonly SystemProcedure[] = [take, activate];
