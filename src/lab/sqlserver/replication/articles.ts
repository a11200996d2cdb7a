import type { Database } from '../server/instance.ts';
import type { ProcedureContext } from '../system/procedure.ts';
import { type Article, commandForm } from './article.ts';
import { optionOf } from './schema-option.ts';

export interface StoredArticle extends Article {
  readonly publicationId: number;
}

type Ask = (text: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;

/** All articles of a publication database with the columns that travel. */
export async function readArticles(ask: Ask): Promise<readonly StoredArticle[]> {
  const rows = await ask(
    'SELECT artid, name, objid, pubid, dest_owner, dest_table, ins_cmd, upd_cmd, del_cmd, schema_option FROM dbo.sysarticles ORDER BY artid',
  );
  return articlesFrom(rows, await ask('SELECT artid, colid FROM dbo.sysarticlecolumns'));
}

type Rows = readonly Readonly<Record<string, unknown>>[];

/** From rows of sysarticles and sysarticlecolumns. */
export function articlesFrom(rows: Rows, columns: Rows): readonly StoredArticle[] {
  return rows.map(row => {
    const id = Number(row['artid']);
    const option = row['schema_option'];
    const own = columns.filter(each => Number(each['artid']) === id).map(each => Number(each['colid']));
    return {
      ...{
        id,
        name: String(row['name']),
        tableId: Number(row['objid']),
        publicationId: Number(row['pubid']),
      },
      ...{ destinationOwner: String(row['dest_owner'] ?? 'dbo'), destination: String(row['dest_table']) },
      ...{ insert: form(row['ins_cmd']), update: form(row['upd_cmd']), delete: form(row['del_cmd']) },
      ...{ schemaOption: option instanceof Uint8Array ? optionOf(option) : 0n, columns: new Set(own) },
    };
  });
}

const form = (text: unknown) =>
  commandForm(typeof text === 'string' ? text : null) ?? ({ form: 'none' } as const);

export const articlesHere = (context: ProcedureContext, database: Database = context.database) =>
  readArticles(text => context.query(database.name, text));
