import { z } from 'zod';
import type { Catalog, Table } from '../catalog/schema.ts';
import { decodeCatalog, encodeCatalog } from '../storage/catalog-codec.ts';
import type { Lsn } from '../storage/store.ts';
import type { Article } from './article.ts';

/**
 * Rows that wait in the log are laid out as their table was when they were written. A published table remembers how it looked
 * before each change, as long as somebody may still read such rows.
 */

/** The feature of a table that holds its earlier layouts as JSON. */
export const LAYOUTS = 'replication_layouts';

interface Layout {
  /** Rows of commits up to here have it. */
  readonly until: Lsn;
  readonly table: Table;
  /** Columns that travelled, by article. */
  readonly columns: ReadonlyMap<number, ReadonlySet<number>>;
}

const schema = z.array(
  z.object({
    until: z.string(),
    catalog: z.string(),
    columns: z.array(z.tuple([z.number(), z.array(z.number())])),
  }),
);

const read = new WeakMap<Table, readonly Layout[]>();

function layoutsOf(table: Table): readonly Layout[] {
  const known = read.get(table);
  if (known) return known;
  const text = table.features[LAYOUTS];
  const layouts =
    typeof text !== 'string'
      ? []
      : schema.parse(JSON.parse(text)).flatMap(({ until, catalog, columns }) => {
          const before = decodeCatalog(catalog).tables.get(table.id);
          if (before === undefined) return [];
          return [
            {
              until: BigInt(until),
              table: before,
              columns: new Map(columns.map(([article, ids]) => [article, new Set(ids)])),
            },
          ];
        });
  read.set(table, layouts);
  return layouts;
}

/** The table, and an article of it, as they were for a row of the commit at `lsn`. */
export function asOf(
  table: Table,
  lsn: Lsn,
): { readonly table: Table; article<T extends Article>(now: T): T } {
  const layout = layoutsOf(table).find(({ until }) => lsn <= until);
  if (layout === undefined) return { table, article: now => now };
  return {
    table: layout.table,
    article: now => ({ ...now, columns: layout.columns.get(now.id) ?? now.columns }),
  };
}

/**
 * The text of the feature after one more change.
 *
 * @param distributed rows of commits up to here are read no more
 */
export function withLayout(
  before: Table,
  catalog: Catalog,
  articles: readonly Article[],
  until: Lsn,
  distributed: Lsn,
): string {
  const { [LAYOUTS]: _earlier, ...features } = before.features;
  const alone: Catalog = {
    ...catalog,
    ...{ modules: new Map(), sequences: new Map(), synonyms: new Map(), types: new Map() },
    ...{ principals: new Map(), permissions: [], byName: new Map() },
    tables: new Map([[before.id, { ...before, features }]]),
  };
  const kept = layoutsOf(before).filter(layout => layout.until > distributed);
  const earlier = typeof before.features[LAYOUTS] === 'string' ? before.features[LAYOUTS] : '[]';
  const texts = schema
    .parse(JSON.parse(earlier))
    .filter(({ until: at }) => kept.some(layout => layout.until === BigInt(at)));
  return JSON.stringify([
    ...texts,
    {
      until: until.toString(),
      catalog: encodeCatalog(alone),
      columns: articles.map(({ id, columns }) => [id, [...columns]]),
    },
  ]);
}
