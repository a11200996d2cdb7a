import { createHash } from 'node:crypto';
import { literal, qualified } from '../../../remote/sql/quote.ts';
import type { Check, Column, ForeignKey, Index, TableName, Trigger } from '../../catalog/types.ts';
import { afterVerb } from './module.ts';
import { idText } from './names.ts';

/** Predicates of T-SQL: what a server has to show for a deed to be done. */

const bit = (value: boolean): string => (value ? '1' : '0');

export const not = (predicate: string): string => `NOT (${predicate})`;
export const either = (...predicates: readonly string[]): string =>
  predicates.map(each => `(${each})`).join(' OR ');
export const both = (...predicates: readonly string[]): string =>
  predicates.map(each => `(${each})`).join(' AND ');

export const objectExists = (of: TableName): string => `${idText(of)} IS NOT NULL`;

const existing = (view: string, table: TableName, name: string, more: readonly string[] = []): string =>
  `EXISTS (SELECT 1 FROM sys.${view} WHERE ${[`parent_object_id = ${idText(table)}`, `name = ${literal(name)}`, ...more].join(' AND ')})`;

export const columnExists = (table: TableName, column: string): string =>
  `EXISTS (SELECT 1 FROM sys.columns WHERE object_id = ${idText(table)} AND name = ${literal(column)})`;

/** Type, length, collation and nullability are as wanted. */
export function columnIs(table: TableName, column: Column): string {
  const type =
    column.userType === undefined
      ? `TYPE_NAME(user_type_id) = ${literal(column.type)}`
      : `user_type_id = TYPE_ID(${literal(qualified(column.userType.schema, column.userType.name))})`;
  return `EXISTS (SELECT 1 FROM sys.columns WHERE ${[
    `object_id = ${idText(table)}`,
    `name = ${literal(column.name)}`,
    type,
    `max_length = ${column.length}`,
    `precision = ${column.precision}`,
    `scale = ${column.scale}`,
    `is_nullable = ${bit(column.nullable)}`,
    ...(column.collation === undefined ? [] : [`collation_name = ${literal(column.collation)}`]),
  ].join(' AND ')})`;
}

/** Compares code units: a database may have a collation that takes two of them for one character. */
const EXACT = 'Latin1_General_BIN2';

/** It is there, and not with the definition it had: the server may write the same expression in its own form. */
const isNot = (definition: string | undefined): string[] =>
  definition === undefined ? [] : [`definition COLLATE ${EXACT} <> ${literal(definition)}`];

export const computedIs = (table: TableName, column: Column, instead?: Column): string =>
  `EXISTS (SELECT 1 FROM sys.computed_columns WHERE ${[
    `object_id = ${idText(table)}`,
    `name = ${literal(column.name)}`,
    `is_persisted = ${bit(column.computed?.persisted ?? false)}`,
    ...(instead?.computed === undefined || instead.computed.definition === column.computed?.definition
      ? []
      : isNot(instead.computed.definition)),
  ].join(' AND ')})`;

export const defaultIs = (table: TableName, name: string, instead?: string): string =>
  existing('default_constraints', table, name, isNot(instead));

export const checkIs = (table: TableName, check: Check, instead?: Check): string =>
  existing('check_constraints', table, check.name, [
    `is_not_for_replication = ${bit(check.notForReplication)}`,
    ...isNot(instead?.definition === check.definition ? undefined : instead?.definition),
  ]);

/** The foreign key with these columns, in this order, to that table. */
export function foreignKeyIs(table: TableName, key: ForeignKey): string {
  const pairs = key.columns
    .map(
      (column, place) =>
        `(m.constraint_column_id = ${place + 1} AND COL_NAME(m.parent_object_id, m.parent_column_id) = ${literal(column)} AND COL_NAME(m.referenced_object_id, m.referenced_column_id) = ${literal(key.referencedColumns[place] ?? '')})`,
    )
    .join(' OR ');
  const id = idText({ schema: table.schema, name: key.name });
  return both(
    existing('foreign_keys', table, key.name, [
      `referenced_object_id = ${idText(key.references)}`,
      `delete_referential_action_desc = ${literal(key.onDelete)}`,
      `update_referential_action_desc = ${literal(key.onUpdate)}`,
      `is_not_for_replication = ${bit(key.notForReplication)}`,
    ]),
    `(SELECT COUNT(*) FROM sys.foreign_key_columns AS m WHERE m.constraint_object_id = ${id} AND (${pairs})) = ${key.columns.length}`,
    `(SELECT COUNT(*) FROM sys.foreign_key_columns AS m WHERE m.constraint_object_id = ${id}) = ${key.columns.length}`,
  );
}

export const foreignKeyExists = (table: TableName, name: string): string =>
  existing('foreign_keys', table, name);
export const checkExists = (table: TableName, name: string): string =>
  existing('check_constraints', table, name);

export const indexExists = (table: TableName, name: string): string =>
  `EXISTS (SELECT 1 FROM sys.indexes WHERE object_id = ${idText(table)} AND name = ${literal(name)})`;

/** The index of this name with this kind, uniqueness and these columns; of a filter only that there is one, and another. */
export function indexIs(table: TableName, index: Index, instead?: Index): string {
  const isColumnstore = index.kind.includes('COLUMNSTORE');
  const places = index.columns.filter(column => !column.included);
  const columns = index.columns
    .map(column => {
      const name = `COL_NAME(n.object_id, n.column_id) = ${literal(column.name)}`;
      if (isColumnstore) return `(${name})`;
      return column.included
        ? `(n.is_included_column = 1 AND ${name})`
        : `(n.key_ordinal = ${places.indexOf(column) + 1} AND n.is_descending_key = ${bit(column.descending)} AND ${name})`;
    })
    .join(' OR ');
  const filter = [
    `i.has_filter = ${bit(index.filter !== undefined)}`,
    ...(instead?.filter === undefined || index.filter === undefined || instead.filter === index.filter
      ? []
      : [`i.filter_definition COLLATE ${EXACT} <> ${literal(instead.filter)}`]),
  ];
  const from = `sys.index_columns AS n WHERE n.object_id = i.object_id AND n.index_id = i.index_id`;
  const matched =
    index.kind === 'CLUSTERED COLUMNSTORE'
      ? []
      : [
          `(SELECT COUNT(*) FROM ${from} AND (${columns})) = ${index.columns.length}`,
          ...(isColumnstore
            ? []
            : [
                `(SELECT COUNT(*) FROM ${from} AND (n.key_ordinal > 0 OR n.is_included_column = 1)) = ${index.columns.length}`,
              ]),
        ];
  return `EXISTS (SELECT 1 FROM sys.indexes AS i WHERE ${[
    `i.object_id = ${idText(table)}`,
    `i.name = ${literal(index.name)}`,
    `i.type_desc = ${literal(index.kind)}`,
    `i.is_unique = ${bit(index.unique)}`,
    `i.is_primary_key = ${bit(index.primaryKey)}`,
    `i.is_unique_constraint = ${bit(index.uniqueConstraint)}`,
    `i.ignore_dup_key = ${bit(index.ignoreDuplicates)}`,
    ...filter,
    ...matched,
  ].join(' AND ')})`;
}

/** HASHBYTES took 8000 bytes at most before 2016. */
const CHUNK = 4_000;

/** The module of this name has this text behind its CREATE or ALTER, and was made with the same settings. */
export function moduleIs(
  of: TableName,
  module: Pick<Trigger, 'definition' | 'ansiNulls' | 'quotedIdentifier'>,
): string {
  const definition = module.definition ?? '';
  const text = afterVerb(definition) ?? definition;
  const end = `SUBSTRING(definition COLLATE ${EXACT}, DATALENGTH(definition) / 2 - ${text.length - 1}, ${text.length})`;
  const chunks: string[] = [];
  for (let at = 0; at < text.length; at += CHUNK) {
    const hash = createHash('sha256')
      .update(text.slice(at, at + CHUNK), 'utf16le')
      .digest('hex');
    chunks.push(
      `HASHBYTES('SHA2_256', CONVERT(nvarchar(${CHUNK}), SUBSTRING(${end}, ${at + 1}, ${CHUNK}))) = 0x${hash.toUpperCase()}`,
    );
  }
  return `EXISTS (SELECT 1 FROM sys.sql_modules WHERE ${[
    `object_id = ${idText(of)}`,
    `uses_ansi_nulls = ${bit(module.ansiNulls ?? true)}`,
    `uses_quoted_identifier = ${bit(module.quotedIdentifier ?? true)}`,
    ...chunks,
  ].join(' AND ')})`;
}

export const constraintState = (
  view: 'foreign_keys' | 'check_constraints',
  table: TableName,
  name: string,
  disabled: boolean,
): string => existing(view, table, name, [`is_disabled = ${bit(disabled)}`]);

export const triggerState = (table: TableName, name: string, disabled: boolean): string =>
  `EXISTS (SELECT 1 FROM sys.triggers WHERE ${[`parent_id = ${idText(table)}`, `name = ${literal(name)}`, `is_disabled = ${bit(disabled)}`].join(' AND ')})`;
