import { unsupported } from '../../errors.ts';
import type { ProcedureContext, SystemProcedure } from '../../system/procedure.ts';
import { typeText } from '../../values/index.ts';
import { articleProcedures } from '../article-procedures.ts';
import { articlesHere, type StoredArticle } from '../articles.ts';
import { answer } from '../columns.ts';
import { noArticle } from '../faults.ts';
import { bit, int, longText, output, procedure, sysname, text } from '../parameters.ts';
import { bracketed, quoted, same } from '../places.ts';
import { type Publication, publicationOf } from '../publications.ts';
import { has, SCHEMA_OPTION } from '../schema-option.ts';

/** What a publication tells of its articles; the text of their procedures. */

/** @throws SqlError 20027 */
export async function articleOf(
  context: ProcedureContext,
  publication: Publication,
  name: string | null,
): Promise<StoredArticle> {
  const found = (await articlesHere(context)).find(
    each => each.publicationId === publication.id && same(each.name, name ?? ''),
  );
  if (found === undefined) throw noArticle(name ?? '');
  return found;
}

const articles = procedure(
  'sp_helparticle',
  [
    ...[sysname('@publication'), sysname('@article', '%'), bit('@returnfilter', 1)],
    ...[sysname('@publisher', null), output(int('@found', 23456))],
  ],
  async (context, values) => {
    const { database } = context;
    const publication = await publicationOf(context, values.text('@publication'));
    const wanted = values.text('@article') ?? '%';
    const rows = await context.query(
      database.name,
      `SELECT a.artid AS [article id], a.name AS [article name], OBJECT_SCHEMA_NAME(a.objid) + N'.' + OBJECT_NAME(a.objid) AS [base object],
  a.dest_table AS [destination object], OBJECT_SCHEMA_NAME(a.sync_objid) + N'.' + OBJECT_NAME(a.sync_objid) AS [synchronization object], a.type, a.status,
  a.description, a.ins_cmd AS insert_command, a.upd_cmd AS update_command, a.del_cmd AS delete_command, a.creation_script AS [creation script path],
  CASE WHEN (SELECT COUNT(*) FROM dbo.sysarticlecolumns AS c WHERE c.artid = a.artid) < (SELECT COUNT(*) FROM sys.columns AS k WHERE k.object_id = a.objid AND k.is_computed = 0) THEN 1 ELSE 0 END AS [vertical partition],
  a.pre_creation_cmd, a.filter_clause, a.schema_option, a.dest_owner, OBJECT_SCHEMA_NAME(a.objid) AS source_owner, OBJECT_NAME(a.objid) AS unqua_source_object,
  OBJECT_SCHEMA_NAME(a.sync_objid) AS sync_object_owner, OBJECT_NAME(a.sync_objid) AS unqualified_sync_object,
  CASE WHEN EXISTS (SELECT 1 FROM sys.identity_columns AS i WHERE i.object_id = a.objid AND i.is_not_for_replication = 1) THEN 2 ELSE 0 END AS identityrangemanagementoption,
  a.fire_triggers_on_snapshot
FROM dbo.sysarticles AS a WHERE a.pubid = ${publication.id} AND a.name LIKE ${quoted(wanted)} ORDER BY a.artid`,
    );
    if (values.given('@found')) context.output('@found', rows.length > 0 ? 1 : 0);
    else if (rows.length === 0 && wanted !== '%') throw noArticle(wanted);
    answer(
      context,
      [
        ...([
          ['article id', 'int'],
          ['article name', 'sysname'],
          ['base object', 'text'],
          ['destination object', 'sysname'],
        ] as const),
        ...([
          ['synchronization object', 'text'],
          ['type', 'smallint'],
          ['status', 'tinyint'],
          ['filter', 'text'],
          ['description', 'text'],
        ] as const),
        ...([
          ['insert_command', 'text'],
          ['update_command', 'text'],
          ['delete_command', 'text'],
          ['creation script path', 'text'],
        ] as const),
        ...([
          ['vertical partition', 'bit'],
          ['pre_creation_cmd', 'tinyint'],
          ['filter_clause', 'text'],
          ['schema_option', 'lsn'],
        ] as const),
        ...([
          ['dest_owner', 'sysname'],
          ['source_owner', 'sysname'],
          ['unqua_source_object', 'sysname'],
          ['sync_object_owner', 'sysname'],
        ] as const),
        ...([
          ['unqualified_sync_object', 'sysname'],
          ['filter_owner', 'sysname'],
          ['unqua_filter', 'sysname'],
          ['auto_identity_range', 'int'],
        ] as const),
        ...([
          ['publisher_identity_range', 'int'],
          ['identity_range', 'bigint'],
          ['identity_threshold', 'bigint'],
        ] as const),
        ...([
          ['identityrangemanagementoption', 'int'],
          ['fire_triggers_on_snapshot', 'bit'],
        ] as const),
      ],
      rows,
    );
    return 0;
  },
);

const articleColumns = procedure(
  'sp_helparticlecolumns',
  [sysname('@publication'), sysname('@article'), sysname('@publisher', null)],
  async (context, values) => {
    const publication = await publicationOf(context, values.text('@publication'));
    const article = await articleOf(context, publication, values.text('@article'));
    const table = context.database.catalog.tables.get(article.tableId);
    answer(
      context,
      [
        ...([
          ['column id', 'int'],
          ['column', 'sysname'],
          ['published', 'bit'],
          ['publisher type', 'sysname'],
        ] as const),
        ['subscriber type', 'sysname'],
      ],
      (table?.columns ?? [])
        .filter(column => column.computed === undefined)
        .map(column => ({
          'column id': column.id,
          column: column.name,
          published: article.columns.has(column.id),
          'publisher type': typeText(column.type),
          'subscriber type':
            column.type.kind === 'rowversion' && !has(article.schemaOption, SCHEMA_OPTION.rowVersion)
              ? 'binary(8)'
              : typeText(column.type),
        })),
    );
    return 0;
  },
);

const view = procedure(
  'sp_articleview',
  [
    ...[sysname('@publication'), sysname('@article'), text(386)('@view_name', null)],
    ...[longText('@filter_clause', null), int('@change_active', 0)],
    ...[bit('@force_invalidate_snapshot', 0), bit('@force_reinit_subscription', 0)],
    ...[sysname('@publisher', null), bit('@refreshsynctranprocs', 1), bit('@internal', 0)],
  ],
  async (context, values) => {
    const publication = await publicationOf(context, values.text('@publication'));
    await articleOf(context, publication, values.text('@article'));
    if ((values.text('@filter_clause') ?? '').trim() !== '') throw unsupported('row filters of articles');
    // Columns are left out by sysarticlecolumns alone here: there is no view to make.
    return 0;
  },
);

const script = procedure(
  'sp_scriptpublicationcustomprocs',
  [sysname('@publication'), sysname('@publisher', null)],
  async (context, values) => {
    const { database } = context;
    const publication = await publicationOf(context, values.text('@publication'));
    const own = (await articlesHere(context)).filter(({ publicationId }) => publicationId === publication.id);
    const lines = [
      ...heading(
        `Transactional replication custom procedures for publication '${publication.name}' from database '${database.name}':`,
      ),
      ...own.flatMap(article => articleLines(context, article)),
    ];
    answer(
      context,
      [['', 'text']],
      lines.map(line => ({ '': line })),
    );
    return 0;
  },
);

const heading = (title: string): readonly string[] => ['----', `-- ${title}`, '----'];

/** 21517 to 21519 where the procedures of an article are nobody's but its owner's. */
function articleLines({ database }: ProcedureContext, article: StoredArticle): readonly string[] {
  const table = database.catalog.tables.get(article.tableId);
  if (!has(article.schemaOption, SCHEMA_OPTION.customProcedures) || table === undefined)
    return heading(
      `Replication custom procedures will not be scripted for article '${article.name}' because the auto-generate custom procedures schema option is not enabled.`,
    );
  return [
    ...heading(`Replication custom procedures for article '${article.name}':`),
    ...articleProcedures(table, article).flatMap(procedure => {
      const name = /^CREATE PROCEDURE (\[(?:[^\]]|\]\])+\])/.exec(procedure)?.[1] ?? bracketed('');
      return [
        ...[`if object_id(N'${name.replaceAll("'", "''")}', 'P') is not null`, `    drop proc ${name}`, 'go'],
        ...procedure.split('\n'),
        'go',
      ];
    }),
  ];
}

export const ARTICLE_INFO_PROCEDURES: readonly SystemProcedure[] = [articles, articleColumns, view, script];
