import { identifier } from '../../../remote/sql/quote.ts';
import type { Index, IndexColumn, TableName } from '../../catalog/types.ts';
import { nameText } from './names.ts';

/** What T-SQL can make of the facts that a catalog keeps; XML, spatial, full-text and hash indexes have more to them. */
const ROWSTORE: ReadonlySet<string> = new Set(['CLUSTERED', 'NONCLUSTERED']);
const COLUMNSTORE: ReadonlySet<string> = new Set(['CLUSTERED COLUMNSTORE', 'NONCLUSTERED COLUMNSTORE']);

export const isScriptable = ({ kind }: Index): boolean => ROWSTORE.has(kind) || COLUMNSTORE.has(kind);

export const isConstraint = (index: Index): boolean => index.primaryKey || index.uniqueConstraint;

const keyColumn = ({ name, descending }: IndexColumn): string =>
  `${identifier(name)}${descending ? ' DESC' : ''}`;

const keyColumns = (index: Index): string =>
  index.columns
    .filter(column => !column.included)
    .map(keyColumn)
    .join(', ');

function options(index: Index): string {
  const set = [
    ...(index.ignoreDuplicates ? ['IGNORE_DUP_KEY = ON'] : []),
    ...(index.fillFactor > 0 ? [`FILLFACTOR = ${index.fillFactor}`] : []),
  ];
  return set.length === 0 ? '' : ` WITH (${set.join(', ')})`;
}

/** `CONSTRAINT [PK_Orders] PRIMARY KEY CLUSTERED ([OrderId])`. */
export const keyText = (index: Index): string =>
  `CONSTRAINT ${identifier(index.name)} ${index.primaryKey ? 'PRIMARY KEY' : 'UNIQUE'} ${index.kind} (${keyColumns(index)})${options(index)}`;

/** Makes a key constraint or an index. */
export function createIndex(table: TableName, index: Index): string {
  if (isConstraint(index)) return `ALTER TABLE ${nameText(table)} ADD ${keyText(index)};`;
  const head = `${index.kind} INDEX ${identifier(index.name)} ON ${nameText(table)}`;
  if (index.kind === 'CLUSTERED COLUMNSTORE') return `CREATE ${head};`;
  if (COLUMNSTORE.has(index.kind))
    return `CREATE ${head} (${index.columns.map(column => identifier(column.name)).join(', ')});`;
  const included = index.columns.filter(column => column.included).map(column => identifier(column.name));
  return [
    `CREATE ${index.unique ? 'UNIQUE ' : ''}${head} (${keyColumns(index)})`,
    ...(included.length === 0 ? [] : [` INCLUDE (${included.join(', ')})`]),
    ...(index.filter === undefined ? [] : [` WHERE ${index.filter}`]),
    `${options(index)};`,
  ].join('');
}

export const dropIndex = (table: TableName, index: Index): string =>
  isConstraint(index)
    ? `ALTER TABLE ${nameText(table)} DROP CONSTRAINT ${identifier(index.name)};`
    : `DROP INDEX ${identifier(index.name)} ON ${nameText(table)};`;
