import { SqlError } from '../../errors.ts';
import type { ProcedureContext, SystemProcedure } from '../../system/procedure.ts';
import { checksumQuery } from '../agents/validate.ts';
import { sentColumns } from '../article.ts';
import { articlesHere, type StoredArticle } from '../articles.ts';
import { noArticle, noSubscription, wrongValue } from '../faults.ts';
import { writeNote } from '../notes.ts';
import { bit, smallint, sysname, tinyint } from '../parameters.ts';
import { quoted, same } from '../places.ts';
import { type Publication, publicationOf } from '../publications.ts';
import { type MarkedSubscriber, markedSubscribers, markSubscriber } from '../validation-marks.ts';

/** Validation: counts and checksums of the publisher travel through the log and are compared where they arrive. */

const options = [
  smallint('@rowcount_only', 1),
  tinyint('@full_or_fast', 2),
  bit('@shutdown_agent', 0),
] as const;

const publication: SystemProcedure = {
  name: 'sp_publication_validation',
  home: { kind: 'sys' },
  parameters: [sysname('@publication'), ...options, sysname('@publisher', null)],
  async run(context, values) {
    const found = await publicationOf(context, values.text('@publication'));
    const articles = (await articlesHere(context)).filter(({ publicationId }) => publicationId === found.id);
    for (const article of articles)
      await send(
        context,
        found,
        article,
        asked(values.integer('@rowcount_only'), values.integer('@full_or_fast')),
      );
    return 0;
  },
};

const article: SystemProcedure = {
  name: 'sp_article_validation',
  home: { kind: 'sys' },
  parameters: [
    sysname('@publication'),
    sysname('@article'),
    ...options,
    bit('@subscription_level', 0),
    sysname('@reserved', null),
    sysname('@publisher', null),
  ],
  async run(context, values) {
    const found = await publicationOf(context, values.text('@publication'));
    const name = values.text('@article') ?? '';
    const wanted = (await articlesHere(context)).find(
      each => each.publicationId === found.id && same(each.name, name),
    );
    if (wanted === undefined) throw noArticle(name);
    const asks = asked(values.integer('@rowcount_only'), values.integer('@full_or_fast'));
    const only =
      values.integer('@subscription_level') === 1
        ? markedSubscribers(context.transaction, found.name)
        : undefined;
    await send(context, found, wanted, only === undefined ? asks : { ...asks, only });
    return 0;
  },
};

const mark: SystemProcedure = {
  name: 'sp_marksubscriptionvalidation',
  home: { kind: 'sys' },
  parameters: [
    sysname('@publication'),
    sysname('@subscriber'),
    sysname('@destination_db'),
    sysname('@publisher', null),
  ],
  async run(context, values) {
    const { database, transaction } = context;
    const found = await publicationOf(context, values.text('@publication'));
    const subscriber = {
      name: values.text('@subscriber') ?? '',
      database: values.text('@destination_db') ?? '',
    };
    const there = await context.query(
      database.name,
      `SELECT TOP (1) s.artid FROM dbo.syssubscriptions AS s JOIN dbo.sysarticles AS a ON a.artid = s.artid
WHERE a.pubid = ${found.id} AND s.srvname = ${quoted(subscriber.name)} AND s.dest_db = ${quoted(subscriber.database)}`,
    );
    if (there.length === 0) throw noSubscription();
    // Without a transaction the mark is gone with this statement, as SQL Server's is with its row.
    if (transaction !== undefined) markSubscriber(transaction, found.name, subscriber);
    return 0;
  },
};

interface Asked {
  readonly checksum: boolean;
  readonly fullOrFast: number;
  /** Absent: every subscriber. */
  readonly only?: readonly MarkedSubscriber[];
}

function asked(rowcountOnly: number | null, fullOrFast: number | null): Asked {
  const only = rowcountOnly ?? 1;
  if (only === 0)
    throw new SqlError(
      40517,
      'The SQL Server double does not know the checksum of SQL Server 7.0 (@rowcount_only = 0).',
    );
  if (only !== 1 && only !== 2)
    throw new SqlError(
      20543,
      '@rowcount_only parameter must be the value 0,1, or 2. 0=7.0 compatible checksum. 1=only check rowcounts. 2=new checksum functionality introduced in version 8.0.',
    );
  const way = fullOrFast ?? 2;
  if (![0, 1, 2].includes(way)) throw wrongValue('@full_or_fast', 'sp_article_validation');
  return { checksum: only === 2, fullOrFast: way };
}

/** Counts under a shared table lock and writes the result into the log before the lock goes, so that the log orders it among the rows. */
async function send(
  context: ProcedureContext,
  { name }: Publication,
  wanted: StoredArticle,
  { checksum, fullOrFast, only }: Asked,
): Promise<void> {
  const { database } = context;
  const { store } = database;
  const table = store?.catalog.tables.get(wanted.tableId);
  if (store === undefined || table === undefined) throw noArticle(wanted.name);
  const own = store.catalog.schemas.get(table.schemaId)?.name ?? 'dbo';
  const sent = sentColumns(table, wanted).flatMap(({ column }) =>
    UNCOUNTED.has(column.type.kind) ? [] : [column.name],
  );
  await context.query(database.name, 'BEGIN TRANSACTION');
  try {
    const [row] = await context.query(database.name, checksumQuery(own, table.name, sent));
    const sum = row?.['checksum'];
    store.log.append({
      kind: 'note',
      text: writeNote({
        ...{ kind: 'validation', publication: name, article: wanted.id, rows: Number(row?.['rows']) },
        ...{
          checksum: checksum && typeof sum === 'string' ? sum : null,
          fullOrFast,
          shutdown: false,
          columns: sent,
        },
        ...(only === undefined ? {} : { subscribers: [...only] }),
      }),
    });
    context.message(`Generated expected rowcount value of ${Number(row?.['rows'])} for ${table.name}.`);
  } finally {
    await context.query(database.name, 'COMMIT TRANSACTION');
  }
}

/** Types that BINARY_CHECKSUM leaves out. */
const UNCOUNTED: ReadonlySet<string> = new Set(['text', 'ntext', 'image', 'xml']);

export const VALIDATION_PROCEDURES: readonly SystemProcedure[] = [publication, article, mark];
