import type { DatabaseTable } from '../../journal/database-facts.ts';
import { type Catalog, carried, primaryKey, type Table } from './types.ts';

/**
 * How the rows of a table travel (facts: mssql 2.5). A disabled primary key is none. `change-tracking` is for what has a
 * key and cannot be an article, `reload` for what can only be copied whole, `none` for what T-SQL cannot write as it is:
 * ciphertext, files, histories, the ids of graphs, ledgers.
 */
export function carriedBy(table: Table): DatabaseTable['carriedBy'] {
  const { columns, indexes } = table;
  if (table.external || table.fileTable || table.graph || table.ledger) return 'none';
  if (table.temporal === 'history' || columns.some(column => column.encryption !== undefined)) return 'none';
  if (primaryKey(table) === undefined || table.memoryOptimized) return 'reload';
  if (indexes.some(index => index.kind === 'CLUSTERED COLUMNSTORE')) return 'reload';
  if (
    table.temporal === 'versioned' ||
    columns.some(column => column.columnSet || column.id > LAST_ARTICLE_COLUMN)
  )
    return 'change-tracking';
  return 'replication';
}

/** An article cannot have a column with a higher id (error 21395). */
const LAST_ARTICLE_COLUMN = 255;

/** Every table as events and lanes know it, in the order of the catalog. */
export const databaseTables = (catalog: Catalog): DatabaseTable[] =>
  catalog.tables.map(table => {
    const travels = new Set(carried(table).map(column => column.name));
    return {
      schema: table.schema,
      name: table.name,
      rows: table.rows,
      bytes: table.bytes,
      key: (primaryKey(table)?.columns ?? []).filter(column => !column.included).map(column => column.name),
      columns: table.columns.map(column => ({
        name: column.name,
        type: column.type,
        length: column.length,
        precision: column.precision,
        scale: column.scale,
        ...(column.collation === undefined ? {} : { collation: column.collation }),
        nullable: column.nullable,
        identity: column.identity !== undefined,
        carried: travels.has(column.name),
      })),
      carriedBy: carriedBy(table),
    };
  });

/** Tables of both sides by name, and what only one side has. */
export interface Comparable {
  readonly pairs: readonly { readonly left: Table; readonly right: Table }[];
  readonly onlyLeft: readonly Table[];
  readonly onlyRight: readonly Table[];
}

export function comparable(left: Catalog, right: Catalog): Comparable {
  const key = ({ schema, name }: Table): string => `${schema}.${name}`.toLowerCase();
  const there = new Map(right.tables.map(table => [key(table), table]));
  const pairs: { left: Table; right: Table }[] = [];
  const onlyLeft: Table[] = [];
  for (const table of left.tables) {
    const other = there.get(key(table));
    if (other === undefined) onlyLeft.push(table);
    else pairs.push({ left: table, right: other });
    there.delete(key(table));
  }
  return { pairs, onlyLeft, onlyRight: [...there.values()] };
}
