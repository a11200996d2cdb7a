import type { DatabaseTable } from '../../journal/database-facts.ts';
import { identifier, literal, qualified } from '../../remote/sql/quote.ts';
import type { Deed } from '../../remote/sql/statement.ts';
import { OWN_SCHEMA } from '../catalog/types.ts';
import type { Scene } from '../stage.ts';
import { MARKER_ARTICLE, MARKER_NAME } from './marker.ts';
import { asking, call, procedureOf, writing } from './phrases.ts';

/** One table of the publication. */
export interface Article {
  readonly name: string;
  readonly schema: string;
  readonly table: string;
  /** What its procedures at the subscriber end in: `sp_MSins_<suffix>`. */
  readonly suffix: string;
  readonly identity: boolean;
}

/** Names that SQL Server takes as the name of an article. */
const PLAIN = /^[^%*[\]|:"?\\/<>'\p{Cc}]{1,100}$/u;

/** Every table that replication carries, and the marker, which is the last of them. */
export function articlesOf({ state }: Pick<Scene, 'state'>): readonly Article[] {
  const tables = (state.assessed?.tables ?? []).filter(({ carriedBy }) => carriedBy === 'replication');
  const marker = { schema: OWN_SCHEMA, name: MARKER_NAME, columns: [] };
  const taken = new Set<string>();
  return [...tables, marker].map((table, at) => articleOf(table, at + 1, taken));
}

function articleOf(
  { schema, name, columns }: Pick<DatabaseTable, 'schema' | 'name' | 'columns'>,
  at: number,
  taken: Set<string>,
): Article {
  const full = `${schema}.${name}`;
  const suffix = `${schema}${name}`;
  // Two tables may spell the same: a.bc and ab.c. The numbered form belongs to nobody else.
  const plain = PLAIN.test(full) && !taken.has(suffix.toLowerCase());
  taken.add(suffix.toLowerCase());
  return {
    name: plain ? full : `landfall_article_${at}`,
    schema,
    table: name,
    suffix: plain ? suffix : `landfall_${at}`,
    identity: columns.some(column => column.identity),
  };
}

/**
 * A table as it is: procedures, identity, rowversion, keys, indexes, constraints (0x8037FDF). Where a snapshot refills
 * tables that are there (0x803509F), what hangs on them besides keys is left to the script that aligned them.
 */
const schemaOption = (lane: string): string =>
  lane === 'snapshot' ? '0x000000000803509F' : '0x0000000008037FDF';

export function articleDeed(scene: Scene, article: Article, lane: string): Deed {
  const { ref, plan } = scene;
  const { name, schema, table, suffix } = article;
  const publication = literal(ref.publication);
  return {
    id: `article/${name === MARKER_ARTICLE ? 'marker' : `${schema}.${table}`}`,
    statement: writing({
      on: 'publisher',
      database: ref.source,
      title: `publish the table ${qualified(schema, table)}`,
      // A schema lock for a moment: whoever holds the table longer makes landfall wait, not production behind it.
      text: `SET LOCK_TIMEOUT ${plan.production.lock_timeout};
${call(procedureOf(ref.source, 'sp_addarticle'), {
  publication,
  article: literal(name),
  source_owner: literal(schema),
  source_object: literal(table),
  destination_owner: literal(schema),
  destination_table: literal(table),
  type: "N'logbased'",
  pre_creation_cmd: lane === 'snapshot' ? "N'delete'" : "N'none'",
  schema_option: schemaOption(lane),
  status: 24,
  identityrangemanagementoption: article.identity ? "N'manual'" : undefined,
  vertical_partition: "N'false'",
  force_invalidate_snapshot: 1,
  ins_cmd: literal(`CALL ${identifier(`sp_MSins_${suffix}`)}`),
  upd_cmd: literal(`SCALL ${identifier(`sp_MSupd_${suffix}`)}`),
  del_cmd: literal(`CALL ${identifier(`sp_MSdel_${suffix}`)}`),
})}
SET LOCK_TIMEOUT -1;`,
    }),
    done: asking(
      'publisher',
      ref.source,
      `is ${qualified(schema, table)} an article?`,
      `EXISTS (SELECT 1 FROM dbo.sysarticles AS a JOIN dbo.syspublications AS p ON p.pubid = a.pubid
  WHERE p.name = ${publication} AND a.objid = OBJECT_ID(${literal(qualified(schema, table))}))`,
    ),
  };
}
