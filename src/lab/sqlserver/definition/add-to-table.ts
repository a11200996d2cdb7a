import type { Column, Table } from '../catalog/schema.ts';
import { identityValue } from '../dml/identity.ts';
import { compute, stored } from '../dml/rules.ts';
import type { TableAction } from '../syntax/definitions.ts';
import type { Value } from '../values/types.ts';
import type { Altered } from './altered.ts';
import { type Added, addParts } from './build.ts';
import { fault } from './faults.ts';
import { TableRows } from './rows.ts';

type Add = Extract<TableAction, { readonly kind: 'add' }>;

/**
 * ADD columns and constraints; WITH CHECK is the default for new ones.
 *
 * @throws SqlError 4901, 547, 1505 behind 1750, and those of CREATE TABLE
 */
export async function addToTable(target: Altered, action: Add, line: number): Promise<void> {
  const { draft, building, execution, database } = target;
  const before = target.table;
  const checked = action.withCheck ?? true;
  const added = addParts(draft, action, checked, building);
  const names = new Set(action.columns.map(column => column.name.toLowerCase()));
  const columns = draft.columns.filter(column => names.has(column.name.toLowerCase()));
  const filled = await new TableRows(database, before, execution).any();
  if (filled) for (const column of columns) requireFillable(target, column, line);
  const table = target.store();
  if (filled && columns.length > 0) await fill(target, table, columns, columnsWithValues(action));
  await check(target, table, added, checked, line);
}

/** Columns that may be NULL and yet take their default in the rows that are there. */
const columnsWithValues = ({ columns }: Add): ReadonlySet<string> =>
  new Set(
    columns.flatMap(column =>
      column.constraints.some(each => each.constraint === 'default' && each.withValues) ? [column.name] : [],
    ),
  );

/** @throws SqlError 4901 */
function requireFillable(target: Altered, column: Column, line: number): void {
  const { nullable, identity, computed, type } = column;
  if (nullable || column.default || identity || computed || type.kind === 'rowversion') return;
  throw fault(
    4901,
    `ALTER TABLE only allows columns to be added that can contain nulls, or have a DEFAULT definition specified, or the column being added is an identity or timestamp column, or alternatively if none of the previous conditions are satisfied the table must be empty to allow addition of this column. Column '${column.name}' cannot be added to non-empty table '${target.draft.shown}' because it does not satisfy these conditions.`,
    line,
  );
}

/** What the rows that are there have in the new columns: one value for all, or one for each row. */
async function fill(
  target: Altered,
  table: Table,
  columns: readonly Column[],
  withValues: ReadonlySet<string>,
): Promise<void> {
  const { database, execution, transaction } = target;
  const { evaluation } = execution;
  const { store } = database;
  const rows = new TableRows(database, table, execution);
  const { rules } = rows;
  const each: ((row: Value[]) => void)[] = [];
  for (const column of columns) {
    const place = table.columns.indexOf(column);
    if (column.computed?.persisted) each.push(row => compute(rules, row, evaluation));
    else if (column.identity)
      each.push(row => {
        row[place] = identityValue(store?.nextIdentity(table) ?? 0n, column.type);
      });
    else if (column.type.kind === 'rowversion')
      each.push(row => {
        row[place] = store?.nextRowVersion() ?? null;
      });
    else if (column.default && !column.computed && (!column.nullable || withValues.has(column.name))) {
      const value = rules.defaults[place]?.(evaluation) ?? null;
      if (value !== null) transaction.fillColumn(table.storeId, column.id, value);
    }
  }
  if (each.length === 0) return;
  const all: { readonly rid: number; readonly row: Value[] }[] = [];
  await rows.each((values, rid) => all.push({ rid, row: [...values] }));
  target.relayout(() => {
    for (const { rid, row } of all) {
      for (const set of each) set(row);
      transaction.update(table, rid, stored(rules, row));
    }
  });
}

/** @throws SqlError 547, 1505 */
async function check(
  target: Altered,
  table: Table,
  added: Added,
  checked: boolean,
  line: number,
): Promise<void> {
  const rows = new TableRows(target.database, table, target.execution);
  for (const index of added.indexes) await rows.requireUnique(index, line);
  if (checked) await rows.requireConstraints(added.checks, added.foreignKeys);
}
