import { identifier } from '../../../remote/sql/quote.ts';
import { typeText } from '../../catalog/type-text.ts';
import type { Column, TableName } from '../../catalog/types.ts';
import { nameText } from './names.ts';

/** The collation as it is declared; an alias type has its own. */
const collationText = (column: Column): string[] =>
  column.collation === undefined || column.userType !== undefined ? [] : [`COLLATE ${column.collation}`];

/** A column as CREATE TABLE and ADD take it: `[Amount] decimal(19,4) NOT NULL CONSTRAINT [DF_Amount] DEFAULT ((0))`. */
export function columnText(column: Column): string {
  const name = identifier(column.name);
  if (column.computed !== undefined) {
    const { definition, persisted } = column.computed;
    const words = persisted ? (column.nullable ? ' PERSISTED' : ' PERSISTED NOT NULL') : '';
    return `${name} AS ${definition}${words}`;
  }
  if (column.columnSet) return `${name} xml COLUMN_SET FOR ALL_SPARSE_COLUMNS`;
  const { identity } = column;
  return [
    name,
    typeText(column),
    ...collationText(column),
    ...(column.sparse ? ['SPARSE'] : []),
    ...(identity === undefined ? [] : [`IDENTITY(${identity.seed},${identity.increment})`]),
    ...(identity?.notForReplication === true ? ['NOT FOR REPLICATION'] : []),
    column.nullable ? 'NULL' : 'NOT NULL',
    ...(column.rowGuid ? ['ROWGUIDCOL'] : []),
    ...(column.default === undefined ? [] : [defaultText(column.default)]),
  ].join(' ');
}

const defaultText = ({ name, definition }: NonNullable<Column['default']>): string =>
  `CONSTRAINT ${identifier(name)} DEFAULT ${definition}`;

export const addColumn = (table: TableName, column: Column): string =>
  `ALTER TABLE ${nameText(table)} ADD ${columnText(column)};`;

export const dropColumn = (table: TableName, column: string): string =>
  `ALTER TABLE ${nameText(table)} DROP COLUMN ${identifier(column)};`;

export const alterColumn = (table: TableName, column: Column): string =>
  [
    `ALTER TABLE ${nameText(table)} ALTER COLUMN ${identifier(column.name)} ${typeText(column)}`,
    ...collationText(column),
    `${column.nullable ? 'NULL' : 'NOT NULL'};`,
  ].join(' ');

export const addDefault = (table: TableName, column: Column): string[] =>
  column.default === undefined
    ? []
    : [`ALTER TABLE ${nameText(table)} ADD ${defaultText(column.default)} FOR ${identifier(column.name)};`];

export const dropConstraint = (table: TableName, name: string): string =>
  `ALTER TABLE ${nameText(table)} DROP CONSTRAINT ${identifier(name)};`;

/** A value that any row may have until reconciling brings the right one; undefined where a type has none. */
export function filler(column: Column): string | undefined {
  if (column.userType !== undefined && column.assemblyType) return undefined;
  return FILLERS[column.type];
}

const FILLERS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      'bigint',
      'int',
      'smallint',
      'tinyint',
      'bit',
      'decimal',
      'numeric',
      'money',
      'smallmoney',
      'float',
      'real',
    ].map(type => [type, '(0)']),
  ),
  ...Object.fromEntries(['char', 'varchar', 'text', 'xml', 'sql_variant'].map(type => [type, "('')"])),
  ...Object.fromEntries(['nchar', 'nvarchar', 'ntext'].map(type => [type, "(N'')"])),
  ...Object.fromEntries(['binary', 'varbinary', 'image'].map(type => [type, '(0x)'])),
  ...Object.fromEntries(
    ['date', 'datetime', 'smalldatetime', 'datetime2', 'datetimeoffset', 'time'].map(type => [
      type,
      "('19000101')",
    ]),
  ),
  uniqueidentifier: "('00000000-0000-0000-0000-000000000000')",
};
