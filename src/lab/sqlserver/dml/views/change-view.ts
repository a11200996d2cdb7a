import type { Table } from '../../catalog/schema.ts';
import { SqlError, unsupported } from '../../errors.ts';
import type { Execution, StatementResult } from '../../flow/execution.ts';
import { PAUSE, type Row } from '../../query/bound.ts';
import { bindQuery, bindSources } from '../../query/index.ts';
import type { Assignment } from '../../syntax/statements.ts';
import type { Value } from '../../values/types.ts';
import { bindSet } from '../assignments.ts';
import { type Change, type Written, writtenTo } from '../changes.ts';
import { compileFault } from '../faults.ts';
import { computedRefused } from '../insert-rows.ts';
import { bindOutput } from '../output.ts';
import { compute } from '../rules.ts';
import { topCount } from '../top.ts';
import { triggersFor } from '../triggers.ts';
import { applyChanges, type DeleteStatement, targetRows, type UpdateStatement } from '../update.ts';
import { type Exposed, type NamedQuery, replaced } from './named-query.ts';
import { PLACED_ROWS, pseudoTable, type Updatable, updatable } from './updatable.ts';
import { evaluationWithRows, scopeWithRows, VIEW_ROWS, withRows } from './with-rows.ts';

/** A row as the view shows it, and the row of the base table behind it. */
interface Shown {
  readonly row: Row;
  readonly base: Row;
  readonly rid: number;
}

/**
 * UPDATE and DELETE through a view or a common table expression: by its INSTEAD OF triggers, else into its one table.
 *
 * @throws SqlError 550, 4403, 4405, 4406, 4426
 */
export async function changeView(
  statement: UpdateStatement | DeleteStatement,
  named: NamedQuery,
  where: Exposed,
  execution: Execution,
): Promise<StatementResult> {
  const event = statement.statement;
  const { view } = named;
  if (view) execution.scope.permit(event === 'update' ? 'UPDATE' : 'DELETE', view.database, view.module.id);
  const instead = view && triggersFor(view.database, view.module.id, event, true, execution).length > 0;
  if (instead) return throughTrigger(statement, named, where, execution);
  const through = updatable(named, statement.line);
  if (statement.statement === 'update') requireColumns(statement.set, through, named.name);
  const shown = await rowsOf(through, execution);
  const wide = withRows(
    execution,
    through.table,
    shown.map(each => each.row),
  );
  const found = await viewChanges(statement, through.table, where, wide, through.base.database);
  const target = writtenTo(through.base.database, through.base.table, undefined, execution);
  const changes = found.changes.map(({ after, rid, source }): Change => {
    const origin = shown[rid];
    if (!origin) throw new Error('a row of no table');
    return {
      before: origin.base,
      after: after && baseRow(through, target, origin.base, after, found.columns, execution),
      rid: origin.rid,
      source,
    };
  });
  const columns = new Set(
    [...found.columns].flatMap(id => target.table.columns[through.places[id - 1] ?? -1]?.id ?? []),
  );
  await applyChanges(
    { target, statement: event === 'update' ? 'UPDATE' : 'DELETE', changes },
    [event],
    columns,
    execution,
  );
  return found.finish();
}

/** All rows of the base table that the view shows. */
async function rowsOf(through: Updatable, execution: Execution): Promise<readonly Shown[]> {
  const { whole } = through;
  if (!whole) return plainRows(through, execution);
  const below = await plainRows(whole.below, execution);
  const placed = below.map(({ row }, place) => [...row, place]);
  const bound = bindQuery(whole.query, scopeWithRows(whole.scope, PLACED_ROWS, whole.placed));
  const evaluation = evaluationWithRows(execution.evaluation, PLACED_ROWS, placed);
  const shown: Shown[] = [];
  for (const row of bound.run(evaluation)) {
    if (row === PAUSE) {
      await execution.breathe();
      continue;
    }
    const place = row.at(-1);
    const origin = typeof place === 'number' ? below[place] : undefined;
    if (origin) shown.push({ ...origin, row: row.slice(0, -1) });
  }
  return shown;
}

async function plainRows(through: Updatable, execution: Execution): Promise<readonly Shown[]> {
  const { database, table } = through.base;
  execution.transaction(database);
  const { scope, evaluation } = execution;
  const sources = bindSources(
    [
      {
        source: 'table',
        name: [database.name, schemaOf(execution, database, table), table.name],
        hints: [],
        line: 1,
      },
    ],
    { ...scopeWithRows(scope, VIEW_ROWS, table), permit: () => {} },
    { target: [table.name] },
  );
  const part = sources.target;
  if (!part) throw unsupported('a view over no table');
  const shown: Shown[] = [];
  for (const { row, rid } of await targetRows(sources, part, execution)) {
    const base = row.slice(part.first, part.first + table.columns.length);
    const seen = through.project(base, evaluation);
    if (seen) shown.push({ row: seen, base, rid });
  }
  return shown;
}

const schemaOf = (execution: Execution, database: Updatable['base']['database'], table: Table): string =>
  execution.scope.catalogOf(database).schemas.get(table.schemaId)?.name ?? 'dbo';

/** What the statement makes of the rows that a view shows; `rid` is the place of a row among them. */
async function viewChanges(
  statement: UpdateStatement | DeleteStatement,
  table: Table,
  where: Exposed,
  execution: Execution,
  database: Updatable['base']['database'],
) {
  const from = replaced(statement.from, where.source, {
    source: 'variable',
    name: VIEW_ROWS,
    alias: where.alias,
    line: statement.line,
  });
  const sources = bindSources(from, execution.scope, {
    with: statement.with,
    ...(statement.where ? { where: statement.where } : {}),
    target: [where.alias],
  });
  const { target: part } = sources;
  if (!part) throw unsupported('a view without rows', statement.line);
  const target = writtenTo(database, table, VIEW_ROWS, execution);
  const set =
    statement.statement === 'update' ? bindSet(statement.set, target, sources, execution) : undefined;
  const output = bindOutput(
    statement.output,
    { table, database, variable: VIEW_ROWS, statement: statement.statement, sources },
    execution,
    statement.line,
  );
  const rows = await targetRows(sources, part, execution);
  const most = statement.top ? topCount(statement.top, rows.length, execution) : rows.length;
  const changes = rows.slice(0, most).map(({ row, rid }): Change => {
    const before = row.slice(part.first, part.first + table.columns.length);
    return { before, after: set?.apply(row, before), rid, source: row };
  });
  return {
    changes,
    columns: set?.columns ?? new Set<number>(),
    finish: () => output.finish({ changes }, changes.length),
  };
}

/** @throws SqlError 4406 for a derived column, 271 for a computed one */
function requireColumns(assignments: readonly Assignment[], through: Updatable, name: string): void {
  for (const assignment of assignments) {
    if (assignment.kind !== 'column') continue;
    const written = (assignment.name.at(-1) ?? '').toLowerCase();
    const at = through.table.columns.findIndex(column => column.name.toLowerCase() === written);
    if (at < 0) continue;
    requirePlace(through, at, name, assignment.expression.line);
  }
}

export function requirePlace(through: Updatable, at: number, name: string, line: number): number {
  const place = through.places[at] ?? -1;
  const column = through.base.table.columns[place];
  if (!column)
    throw compileFault(
      4406,
      `Update or insert of view or function '${name}' failed because it contains a derived or constant field.`,
      line,
    );
  if (column.computed) throw computedRefused(column, line);
  return place;
}

function baseRow(
  through: Updatable,
  target: Written,
  before: Row,
  view: Row,
  columns: ReadonlySet<number>,
  execution: Execution,
): Row {
  const after: Value[] = [...before];
  for (const id of columns) {
    const place = through.places[id - 1] ?? -1;
    if (place >= 0) after[place] = view[id - 1] ?? null;
  }
  const { rules, database } = target;
  if (rules.rowVersion >= 0) after[rules.rowVersion] = database.store?.nextRowVersion() ?? null;
  compute(rules, after, execution.evaluation);
  requireShown(through, after, execution);
  return after;
}

/** WITH CHECK OPTION: the view still shows the row. @throws SqlError 550 */
export function requireShown(through: Updatable, row: Row, execution: Execution): void {
  if (!through.checked || through.project(row, execution.evaluation)) return;
  throw new SqlError(
    550,
    'The attempted insert or update failed because the target view either specifies WITH CHECK OPTION or spans a view that specifies WITH CHECK OPTION and one or more rows resulting from the operation did not qualify under the CHECK OPTION constraint.',
  );
}

async function throughTrigger(
  statement: UpdateStatement | DeleteStatement,
  named: NamedQuery,
  where: Exposed,
  execution: Execution,
): Promise<StatementResult> {
  const { view } = named;
  if (!view) throw unsupported('triggers of a query', statement.line);
  const table = viewTable(named, view.module.id);
  const rows: Row[] = [];
  for (const row of bindQuery(named.query, named.scope).run(execution.evaluation)) {
    if (row === PAUSE) await execution.breathe();
    else rows.push(row);
  }
  const wide = withRows(execution, table, rows);
  const found = await viewChanges(statement, table, where, wide, view.database);
  const target = writtenTo(view.database, table, undefined, execution);
  const event = statement.statement;
  await applyChanges(
    { target, statement: event === 'update' ? 'UPDATE' : 'DELETE', changes: found.changes },
    [event],
    found.columns,
    execution,
  );
  return found.finish();
}

/** The columns of a view as those of a table. */
export function viewTable(named: NamedQuery, id: number): Table {
  const bound = bindQuery(named.query, named.scope);
  return pseudoTable(
    id,
    named.name,
    bound.columns.map((column, at) => ({
      id: at + 1,
      name: named.columns[at] ?? column.name,
      type: column.type,
      nullable: true,
      rowguid: false,
      sparse: false,
      features: {},
    })),
  );
}
