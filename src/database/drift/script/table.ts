import type { Table } from '../../catalog/types.ts';
import { columnText } from './column.ts';
import { isConstraint, keyText } from './index.ts';
import { nameText } from './names.ts';

/**
 * CREATE TABLE with columns, defaults and keys. Indexes, checks and foreign keys are statements of their own, for they
 * may need what comes later.
 */
export function createTable(table: Table): string {
  const lines = [...table.columns.map(columnText), ...table.indexes.filter(isConstraint).map(keyText)];
  return `CREATE TABLE ${nameText(table)} (\n  ${lines.join(',\n  ')}\n);`;
}
