import { columnPlace, keyOfIndex, triggersOf } from '../catalog/find.ts';
import type { Catalog, Column, ForeignKey, Index, Table } from '../catalog/schema.ts';
import { typeText } from '../values/index.ts';
import { type Article, sentColumns } from './article.ts';
import { bracketed } from './places.ts';
import { has, SCHEMA_OPTION } from './schema-option.ts';

/** What the Snapshot Agent scripts of an article, by the bits of @schema_option (facts: mssql 1.5). */
export interface SnapshotScript {
  /** The schema, where it is to be made, and the table. */
  readonly create: readonly string[];
  /** Keys and indexes, once the rows are there. */
  readonly indexes: readonly string[];
  /** Foreign keys and checks, once all tables are there. */
  readonly constraints: readonly string[];
  readonly triggers: readonly string[];
}

export interface Source {
  readonly table: Table;
  readonly catalog: Catalog;
  /** Articles of the publication by object id: a foreign key comes along where the other table does. */
  readonly articles: ReadonlyMap<number, Article>;
}

export function snapshotScript({ table, catalog, articles }: Source, article: Article): SnapshotScript {
  const option = (bit: bigint): boolean => has(article.schemaOption, bit);
  if (!option(SCHEMA_OPTION.create)) return { create: [], indexes: [], constraints: [], triggers: [] };
  return {
    create: [
      ...(option(SCHEMA_OPTION.schemas) ? [createSchema(article.destinationOwner)] : []),
      createTable(table, article),
    ],
    indexes: table.indexes.flatMap(index => (index.disabled ? [] : indexScript(table, index, article))),
    constraints: [
      ...(option(SCHEMA_OPTION.foreignKeys)
        ? table.foreignKeys.flatMap(key => foreignKey(key, { table, catalog, articles }, article))
        : []),
      ...(option(SCHEMA_OPTION.checks) ? checks(table, article) : []),
    ],
    triggers: option(SCHEMA_OPTION.triggers)
      ? triggersOf(catalog, table.id).flatMap(trigger => (trigger.encrypted ? [] : [trigger.text]))
      : [],
  };
}

const place = ({ destinationOwner, destination }: Article): string =>
  `${bracketed(destinationOwner)}.${bracketed(destination)}`;

const createSchema = (name: string): string =>
  `IF SCHEMA_ID(N'${name.replaceAll("'", "''")}') IS NULL EXEC (N'CREATE SCHEMA ${bracketed(name).replaceAll("'", "''")}')`;

function createTable(table: Table, article: Article): string {
  const sent = new Set(sentColumns(table, article).map(({ column }) => column.id));
  const columns = table.columns.filter(
    column =>
      sent.has(column.id) ||
      column.computed !== undefined ||
      (column.type.kind === 'rowversion' && article.columns.has(column.id)),
  );
  return `CREATE TABLE ${place(article)} (
${columns.map(column => `  ${columnScript(column, article)}`).join(',\n')}
)`;
}

function columnScript(column: Column, article: Article): string {
  const option = (bit: bigint): boolean => has(article.schemaOption, bit);
  const { computed, type, identity } = column;
  const name = bracketed(column.name);
  if (computed !== undefined) return `${name} AS ${computed.text}${computed.persisted ? ' PERSISTED' : ''}`;
  const kept = type.kind !== 'rowversion' || option(SCHEMA_OPTION.rowVersion);
  const parts = [name, kept ? typeText(type) : 'binary(8)'];
  if ('collation' in type && option(SCHEMA_OPTION.collation)) parts.push(`COLLATE ${type.collation}`);
  if (identity !== undefined && option(SCHEMA_OPTION.identity))
    parts.push(
      `IDENTITY(${identity.seed},${identity.increment})${identity.notForReplication ? ' NOT FOR REPLICATION' : ''}`,
    );
  parts.push(column.nullable ? 'NULL' : 'NOT NULL');
  if (column.rowguid) parts.push('ROWGUIDCOL');
  if (column.default !== undefined && option(SCHEMA_OPTION.defaults))
    parts.push(`CONSTRAINT ${bracketed(column.default.name)} DEFAULT ${column.default.text}`);
  return parts.join(' ');
}

const named = (table: Table, id: number): string =>
  bracketed(table.columns[columnPlace(table, id)]?.name ?? '');

/** A key as a constraint where its bit is set, otherwise as the index that it is; or nothing. */
function indexScript(table: Table, index: Index, article: Article): readonly string[] {
  const option = (bit: bigint): boolean => has(article.schemaOption, bit);
  const key = keyOfIndex(table, index);
  const columns = index.columns
    .filter(part => !part.included)
    .map(part => `${named(table, part.column)}${part.descending ? ' DESC' : ''}`)
    .join(', ');
  const clustered = index.clustered ? 'CLUSTERED' : 'NONCLUSTERED';
  if (key !== undefined && option(key.primary ? SCHEMA_OPTION.primaryKey : SCHEMA_OPTION.uniqueKeys))
    return [
      `ALTER TABLE ${place(article)} ADD CONSTRAINT ${bracketed(key.name)} ${key.primary ? 'PRIMARY KEY' : 'UNIQUE'} ${clustered} (${columns})`,
    ];
  if (!option(index.clustered ? SCHEMA_OPTION.clusteredIndex : SCHEMA_OPTION.nonclusteredIndexes)) return [];
  const included = index.columns.filter(part => part.included).map(part => named(table, part.column));
  return [
    [
      `CREATE ${index.unique ? 'UNIQUE ' : ''}${clustered} INDEX ${bracketed(index.name)} ON ${place(article)} (${columns})`,
      ...(included.length > 0 ? [`INCLUDE (${included.join(', ')})`] : []),
      ...(index.filter === undefined ? [] : [`WHERE ${index.filter}`]),
    ].join(' '),
  ];
}

function foreignKey(
  key: ForeignKey,
  { table, catalog, articles }: Source,
  article: Article,
): readonly string[] {
  const other = catalog.tables.get(key.referencedTable);
  const target = articles.get(key.referencedTable);
  if (other === undefined || target === undefined) return [];
  const list = (of: Table, ids: readonly number[]): string => ids.map(id => named(of, id)).join(', ');
  const action = (word: string, what: string): string =>
    what === 'no-action' ? '' : ` ON ${word} ${what.replace('-', ' ').toUpperCase()}`;
  const silent =
    key.notForReplication || has(article.schemaOption, SCHEMA_OPTION.foreignKeysNotForReplication);
  return [
    `ALTER TABLE ${place(article)} ADD CONSTRAINT ${bracketed(key.name)} FOREIGN KEY (${list(table, key.columns)}) REFERENCES ${place(target)} (${list(other, key.referencedColumns)})${action('DELETE', key.onDelete)}${action('UPDATE', key.onUpdate)}${silent ? ' NOT FOR REPLICATION' : ''}`,
  ];
}

const checks = (table: Table, article: Article): readonly string[] =>
  table.checks.map(check => {
    const silent =
      check.notForReplication || has(article.schemaOption, SCHEMA_OPTION.checksNotForReplication);
    return `ALTER TABLE ${place(article)} ADD CONSTRAINT ${bracketed(check.name)} CHECK ${silent ? 'NOT FOR REPLICATION ' : ''}${check.text.startsWith('(') ? check.text : `(${check.text})`}`;
  });
