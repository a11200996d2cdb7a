import { identifier } from '../../../remote/sql/quote.ts';
import type { Check, ForeignKey, TableName } from '../../catalog/types.ts';
import { nameText } from './names.ts';

const list = (columns: readonly string[]): string => columns.map(identifier).join(', ');

const action = (word: string, what: string): string =>
  what === 'NO_ACTION' ? '' : ` ON ${word} ${what.replaceAll('_', ' ')}`;

/**
 * WITH NOCHECK: rows of the copy are not production's yet. Existing rows are checked at the hand-over, which makes the
 * constraint trusted again.
 */
export const addForeignKey = (table: TableName, key: ForeignKey): string =>
  [
    `ALTER TABLE ${nameText(table)} WITH NOCHECK ADD CONSTRAINT ${identifier(key.name)}`,
    `\n  FOREIGN KEY (${list(key.columns)}) REFERENCES ${nameText(key.references)} (${list(key.referencedColumns)})`,
    action('DELETE', key.onDelete),
    action('UPDATE', key.onUpdate),
    key.notForReplication ? ' NOT FOR REPLICATION;' : ';',
  ].join('');

export const addCheck = (table: TableName, check: Check): string =>
  `ALTER TABLE ${nameText(table)} WITH NOCHECK ADD CONSTRAINT ${identifier(check.name)} CHECK${check.notForReplication ? ' NOT FOR REPLICATION' : ''} ${check.definition};`;

/** Enables without checking the rows that are there, or disables. */
export const switchConstraint = (table: TableName, name: string, disabled: boolean): string =>
  `ALTER TABLE ${nameText(table)} ${disabled ? 'NOCHECK' : 'WITH NOCHECK CHECK'} CONSTRAINT ${identifier(name)};`;

export const switchTrigger = (table: TableName, name: string, disabled: boolean): string =>
  `${disabled ? 'DISABLE' : 'ENABLE'} TRIGGER ${identifier(table.schema)}.${identifier(name)} ON ${nameText(table)};`;
