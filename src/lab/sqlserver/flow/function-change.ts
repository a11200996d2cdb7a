import { bindSet, requireOnce } from '../dml/assignments.ts';
import { type Change, writtenTo } from '../dml/changes.ts';
import { writeVariable } from '../dml/memory.ts';
import { SqlError, unsupported } from '../errors.ts';
import { PAUSE } from '../query/bound.ts';
import { bindSources } from '../query/index.ts';
import type { DataStatement } from '../syntax/statements.ts';
import type { Execution } from './execution.ts';

type Statement = Extract<DataStatement, { statement: 'update' | 'delete' }>;

/**
 * UPDATE and DELETE inside a function: of its table variables only, and without a wait.
 *
 * @throws SqlError 443 for a table
 */
export function changeVariable(statement: Statement, execution: Execution): void {
  const { line } = statement;
  if (statement.output || statement.top) throw unsupported('OUTPUT and TOP of a change in a function', line);
  if (statement.statement === 'update') requireOnce(statement.set);
  const sources = bindSources(statement.from, execution.scope, {
    with: statement.with,
    ...(statement.where ? { where: statement.where } : {}),
    target: statement.target,
    targetHints: statement.hints,
  });
  const { target: part } = sources;
  if (part?.variable === undefined)
    throw new SqlError(
      443,
      `Invalid use of a side-effecting operator '${statement.statement.toUpperCase()}' within a function.`,
      { line, state: 15, endsBatch: true },
    );
  const target = writtenTo(part.database, part.table, part.variable, execution);
  const set =
    statement.statement === 'update' ? bindSet(statement.set, target, sources, execution) : undefined;
  const seen = new Set<number>();
  const changes: Change[] = [];
  for (const row of sources.rows(execution.evaluation)) {
    if (row === PAUSE) continue;
    const rid = row[part.mark];
    if (typeof rid !== 'number' || seen.has(rid)) continue;
    seen.add(rid);
    const before = row.slice(part.first, part.first + part.table.columns.length);
    changes.push({ before, after: set?.apply(row, before), rid, source: row });
  }
  writeVariable(
    { target, statement: statement.statement === 'update' ? 'UPDATE' : 'DELETE', changes },
    execution,
  );
}
