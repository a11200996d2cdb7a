import { sameName } from '../catalog/find.ts';
import { SqlError } from '../errors.ts';
import type { TableAction } from '../syntax/definitions.ts';
import type { Altered } from './altered.ts';
import { draftColumn, replaceColumn } from './draft.ts';
import { fault } from './faults.ts';
import { referencing } from './foreign-keys.ts';
import { removeIndex } from './keys.ts';
import { columnInUse, usesOf } from './uses.ts';

type Drop = Extract<TableAction, { readonly kind: 'drop' }>;

/** DROP COLUMN and DROP CONSTRAINT. @throws SqlError 4924, 4923, 3728 before 3727, 3725, 5074 before 4922, 4929 */
export function dropFromTable(target: Altered, action: Drop, line: number): void {
  for (const { kind, name } of action.items) {
    if (kind === 'column') dropColumn(target, name, action.ifExists, line);
    else dropConstraint(target, name, action.ifExists, line);
  }
  target.store();
}

function dropColumn(target: Altered, name: string, ifExists: boolean, line: number): void {
  const { draft } = target;
  const column = draftColumn(draft, name);
  if (!column) {
    if (ifExists) return;
    throw fault(
      4924,
      `ALTER TABLE DROP COLUMN failed because column '${name}' does not exist in table '${draft.shown}'.`,
      line,
    );
  }
  const uses = usesOf(target, column);
  if (uses.length > 0) throw columnInUse('ALTER TABLE DROP COLUMN', column, uses, line);
  if (draft.columns.length === 1)
    throw fault(
      4923,
      `ALTER TABLE DROP COLUMN failed because '${column.name}' is the only data column in table '${draft.shown}'. A table must have at least one data column.`,
      line,
    );
  draft.columns = draft.columns.filter(other => other.id !== column.id);
}

/** The error that says why, and 3727 behind it. */
const notDropped = (reason: SqlError, line: number): SqlError =>
  new SqlError(3727, 'Could not drop constraint. See previous errors.', {
    state: 0,
    line,
    preceding: [reason],
  });

function dropConstraint(target: Altered, name: string, ifExists: boolean, line: number): void {
  const { draft } = target;
  const key = draft.keys.find(each => sameName(each.name, name));
  if (key) {
    requireUnneeded(target, key.indexId, key.name, line);
    if (key.primary && target.table.published)
      throw fault(
        4929,
        `Cannot alter the table '${draft.shown}' because it is being published for replication.`,
        line,
      );
    if (key.primary && target.table.changeTracking)
      throw fault(
        4983,
        `The primary key constraint on table '${draft.shown}' cannot be dropped because change tracking is enabled on the table. Change tracking requires a primary key constraint on the table. Disable change tracking before dropping the constraint.`,
        line,
      );
    removeIndex(draft, key.indexId);
    return;
  }
  if (draft.foreignKeys.some(each => sameName(each.name, name))) {
    draft.foreignKeys = draft.foreignKeys.filter(each => !sameName(each.name, name));
    return;
  }
  if (draft.checks.some(each => sameName(each.name, name))) {
    draft.checks = draft.checks.filter(each => !sameName(each.name, name));
    return;
  }
  const column = draft.columns.find(each => each.default && sameName(each.default.name, name));
  if (column) {
    const { default: _gone, ...rest } = column;
    replaceColumn(draft, rest);
    return;
  }
  if (!ifExists) throw notDropped(fault(3728, `'${name}' is not a constraint.`, line), line);
}

/** A key that a foreign key refers to stays. @throws SqlError 3725 before 3727 */
export function requireUnneeded(target: Altered, indexId: number, name: string, line: number): void {
  const { draft, transaction } = target;
  const index = draft.indexes.find(each => each.id === indexId);
  if (!index) return;
  const columns = index.columns.filter(part => !part.included).map(part => part.column);
  const remaining = draft.indexes.filter(
    each => each.id !== indexId && each.unique && !each.disabled && each.filter === undefined,
  );
  for (const { table, foreignKey } of referencing(transaction.catalog, target.table)) {
    const { referencedColumns } = foreignKey;
    const same = (ids: readonly number[]) =>
      ids.length === referencedColumns.length && referencedColumns.every(id => ids.includes(id));
    if (!same(columns)) continue;
    const another = remaining.some(each =>
      same(each.columns.filter(part => !part.included).map(part => part.column)),
    );
    if (another) continue;
    throw notDropped(
      fault(
        3725,
        `The constraint '${name}' is being referenced by table '${table.name}', foreign key constraint '${foreignKey.name}'.`,
        line,
        0,
      ),
      line,
    );
  }
}
