import { unsupported } from '../errors.ts';
import type { Execution, StatementResult } from '../flow/execution.ts';
import { PAUSE, type Row } from '../query/bound.ts';
import {
  bindSources,
  maximumRecursion,
  requireTargetHints,
  type Sources,
  type Target,
} from '../query/index.ts';
import { Collected } from '../storage/memory.ts';
import type { DataStatement } from '../syntax/statements.ts';
import { bindSet, requireOnce } from './assignments.ts';
import { type Change, type ChangeSet, type Written, writtenTo } from './changes.ts';
import { writeVariable } from './memory.ts';
import { bindOutput } from './output.ts';
import { requireNotSystem } from './target.ts';
import { topCount } from './top.ts';
import { type Event, fireAfter, rowSetsOf, triggersFor } from './triggers.ts';
import { changeView } from './views/change-view.ts';
import { exposed, namedQuery } from './views/named-query.ts';
import { writeChanges } from './write.ts';

export type UpdateStatement = Extract<DataStatement, { readonly statement: 'update' }>;
export type DeleteStatement = Extract<DataStatement, { readonly statement: 'delete' }>;

/** UPDATE and DELETE: rows of the target that FROM and WHERE find, each of them once. */
export async function updateOrDelete(
  statement: UpdateStatement | DeleteStatement,
  execution: Execution,
): Promise<StatementResult> {
  const { scope } = execution;
  const { line } = statement;
  requireNotSystem(statement.target, execution, line);
  if (statement.statement === 'update') requireOnce(statement.set);
  requireTargetHints(statement.hints, line);
  if (statement.from.length > 0 && statement.hints.some(hint => !/^(ROW|PAG|TAB)LOCK$/i.test(hint)))
    throw unsupported('hints behind a target that FROM may name, too', line);
  maximumRecursion(statement.hintsOption, line);
  const where = exposed(statement.target, statement.from);
  const through = namedQuery(where.name, statement.with, scope);
  if (through) return changeView(statement, through, where, execution);
  const sources = bindSources(statement.from, scope, {
    with: statement.with,
    ...(statement.where ? { where: statement.where } : {}),
    target: statement.target,
    targetHints: statement.hints,
  });
  const { target: part } = sources;
  if (!part) throw unsupported('a target without rows', line);
  const event: Event = statement.statement;
  if (part.variable === undefined)
    scope.permit(event === 'update' ? 'UPDATE' : 'DELETE', part.database, part.table.id);
  const target = writtenTo(part.database, part.table, part.variable, execution);
  const set =
    statement.statement === 'update' ? bindSet(statement.set, target, sources, execution) : undefined;
  const output = bindOutput(
    statement.output,
    { table: part.table, database: part.database, variable: part.variable, statement: event, sources },
    execution,
    line,
  );
  const rows = await targetRows(sources, part, execution);
  const most = statement.top ? topCount(statement.top, rows.length, execution) : rows.length;
  const changes = rows.slice(0, most).map(({ row, rid }): Change => {
    const before = row.slice(part.first, part.first + part.table.columns.length);
    return { before, after: set?.apply(row, before), rid, source: row };
  });
  await applyChanges(
    { target, statement: event === 'update' ? 'UPDATE' : 'DELETE', changes },
    [event],
    set?.columns ?? new Set(),
    execution,
  );
  return output.finish({ changes }, changes.length);
}

/** Writes the changes of a statement and fires what is to be fired; INSTEAD OF triggers take the place of the writing. */
export async function applyChanges(
  set: ChangeSet,
  events: readonly Event[],
  columns: ReadonlySet<number>,
  execution: Execution,
): Promise<void> {
  const { target } = set;
  if (target.variable !== undefined) {
    writeVariable(set, execution);
    return;
  }
  const left = await fireInstead(set, events, columns, execution);
  if (left.length === 0) return;
  const remaining = left.length === events.length ? set : { ...set, changes: ofEvents(set, left) };
  const sets = await writeChanges(remaining, execution);
  await fireAfter(sets, left, columns, execution);
}

const ofEvents = (set: ChangeSet, events: readonly Event[]): readonly Change[] =>
  set.changes.filter(({ before, after }) =>
    events.includes(before === undefined ? 'insert' : after === undefined ? 'delete' : 'update'),
  );

/** @returns the events that no INSTEAD OF trigger has taken */
async function fireInstead(
  set: ChangeSet,
  events: readonly Event[],
  columns: ReadonlySet<number>,
  execution: Execution,
): Promise<readonly Event[]> {
  const { database, table } = set.target;
  const left: Event[] = [];
  for (const event of events) {
    const triggers = triggersFor(database, table.id, event, true, execution);
    if (triggers.length === 0) left.push(event);
    const { inserted, deleted } = rowSetsOf(set, event);
    for (const trigger of triggers)
      await execution.fire({
        database,
        table,
        trigger,
        event,
        inserted,
        deleted,
        updatedColumns: updatedBy(event, set.target, columns),
      });
  }
  return left;
}

const updatedBy = (event: Event, target: Written, columns: ReadonlySet<number>): ReadonlySet<number> =>
  event === 'insert' ? new Set(target.table.columns.map(column => column.id)) : columns;

/** Rows of the sources that have a row of the target, the first for each row of it; all are read before any is written. */
export async function targetRows(
  sources: Sources,
  part: Target,
  execution: Execution,
): Promise<readonly { readonly row: Row; readonly rid: number }[]> {
  // Joined before the first read, so that the store knows what has been read when a row is locked that others have changed.
  if (part.variable === undefined) execution.transaction(part.database);
  const rows: { row: Row; rid: number }[] = [];
  const seen = new Set<number>();
  const collected = new Collected();
  const single = sources.parts.length === 1;
  for (const row of sources.rows(execution.evaluation)) {
    if (row === PAUSE) {
      await execution.breathe();
      continue;
    }
    const rid = row[part.mark];
    if (typeof rid !== 'number') continue;
    if (!single) {
      if (seen.has(rid)) continue;
      seen.add(rid);
    }
    collected.add(row);
    rows.push({ row, rid });
  }
  return rows;
}
