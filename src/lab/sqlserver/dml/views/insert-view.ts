import { unsupported } from '../../errors.ts';
import type { Execution, StatementResult } from '../../flow/execution.ts';
import { writtenTo } from '../changes.ts';
import { givenRows, type InsertStatement } from '../insert.ts';
import { insertRows, rowMaker } from '../insert-rows.ts';
import { topCount } from '../top.ts';
import { triggersFor } from '../triggers.ts';
import { applyChanges } from '../update.ts';
import { requirePlace, requireShown, viewTable } from './change-view.ts';
import type { NamedQuery } from './named-query.ts';
import { updatable } from './updatable.ts';

/**
 * INSERT through a view: by its INSTEAD OF trigger, else into its one table.
 *
 * @throws SqlError 550, 4403, 4405, 4406, 4426
 */
export async function insertView(
  statement: InsertStatement,
  named: NamedQuery,
  execution: Execution,
): Promise<StatementResult> {
  const { line } = statement;
  const { view } = named;
  if (view) execution.scope.permit('INSERT', view.database, view.module.id);
  if (view && triggersFor(view.database, view.module.id, 'insert', true, execution).length > 0) {
    const target = writtenTo(view.database, viewTable(named, view.module.id), undefined, execution);
    const { places, given } = await givenRows(statement, target, execution);
    const make = rowMaker(target, places, given.types, execution, line);
    const changes = given.rows.map(cells => ({
      before: undefined,
      after: make(cells),
      rid: -1,
      source: [],
    }));
    await applyChanges({ target, statement: 'INSERT', changes }, ['insert'], new Set(), execution);
    return { count: changes.length };
  }
  if (statement.output) throw unsupported('OUTPUT of an INSERT into a view', line);
  const through = updatable(named, line);
  const { database, table } = through.base;
  const names =
    statement.columns.length > 0 ? statement.columns : through.table.columns.map(column => column.name);
  const columns = names.map(name => {
    const at = through.table.columns.findIndex(column => column.name.toLowerCase() === name.toLowerCase());
    if (at < 0) return name;
    return table.columns[requirePlace(through, at, named.name, line)]?.name ?? name;
  });
  const target = writtenTo(database, table, undefined, execution);
  const { places, given } = await givenRows({ ...statement, columns }, target, execution);
  const most = statement.top && topCount(statement.top, given.rows.length, execution);
  const rows = most === undefined ? given.rows : given.rows.slice(0, most);
  const set = await insertRows(target, places, given.types, rows, execution, { fire: true }, line);
  for (const { after } of set.changes) if (after) requireShown(through, after, execution);
  return { count: set.changes.length };
}
