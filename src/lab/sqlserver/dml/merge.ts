import { SqlError, unsupported } from '../errors.ts';
import type { Execution, StatementResult } from '../flow/execution.ts';
import { type BoundCondition, PAUSE, type Row } from '../query/bound.ts';
import {
  bindCondition,
  bindExpression,
  bindSources,
  requireTargetHints,
  type Sources,
  type Target,
} from '../query/index.ts';
import type { Name } from '../syntax/names.ts';
import type { Source } from '../syntax/queries.ts';
import type { DataStatement, MergeBranch } from '../syntax/statements.ts';
import { bindSet, requireOnce } from './assignments.ts';
import { type Change, type Written, writtenTo } from './changes.ts';
import { compileFault } from './faults.ts';
import { type Cell, DEFAULT, namedPlaces, rowMaker } from './insert-rows.ts';
import { bindOutput } from './output.ts';
import { isDefault, isNull } from './rules.ts';
import { requireNotSystem } from './target.ts';
import type { Event } from './triggers.ts';
import { applyChanges } from './update.ts';

export type MergeStatement = Extract<DataStatement, { readonly statement: 'merge' }>;

/** A branch, bound: what it makes of a row, undefined where it is not for it. */
interface BoundBranch {
  readonly when: MergeBranch['when'];
  readonly and: BoundCondition | undefined;
  readonly event: Event;
  /** Row of the target after the statement; undefined for a delete. */
  readonly after: ((row: Row, before: Row) => Row) | undefined;
  readonly columns: ReadonlySet<number>;
}

export async function merge(statement: MergeStatement, execution: Execution): Promise<StatementResult> {
  const { line, branches } = statement;
  const { scope } = execution;
  requireNotSystem(statement.target, execution, line);
  requireOrder(branches, line);
  requireTargetHints(statement.hints, line);
  const sources = bindSources([joined(statement)], scope, {
    with: statement.with,
    target: targetName(statement),
    targetHints: statement.hints,
    marks: true,
  });
  const { target: part } = sources;
  if (!part) throw unsupported('a MERGE target without rows', line);
  permit(part, branches, execution);
  const target = writtenTo(part.database, part.table, part.variable, execution);
  const bound = branches.map(branch =>
    inScope(branch.when, sources, part, visible => bindBranch(branch, target, visible, execution)),
  );
  const output = bindOutput(
    statement.output,
    { table: part.table, database: part.database, variable: part.variable, statement: 'merge', sources },
    execution,
    line,
  );
  const changes = await collect(sources, part, bound, execution, line);
  const events = [...new Set(bound.map(branch => branch.event))];
  const columns = new Set(bound.flatMap(branch => [...branch.columns]));
  await applyChanges({ target, statement: 'MERGE', changes }, inOrder(events), columns, execution);
  return output.finish({ changes }, changes.length);
}

/** Triggers fire for INSERT, then UPDATE, then DELETE. */
const inOrder = (events: readonly Event[]): readonly Event[] =>
  (['insert', 'update', 'delete'] as const).filter(event => events.includes(event));

function permit(part: Target, branches: readonly MergeBranch[], execution: Execution): void {
  if (part.variable !== undefined) return;
  const kinds = { insert: 'INSERT', update: 'UPDATE', delete: 'DELETE' } as const;
  for (const kind of new Set(branches.map(branch => branch.action.kind)))
    execution.scope.permit(kinds[kind], part.database, part.table.id);
}

const targetName = (statement: MergeStatement): Name =>
  statement.alias === undefined ? statement.target : [statement.alias];

/** Target and source side by side; rows that only one side has come along where a branch asks for them. */
function joined(statement: MergeStatement): Source {
  const { line, branches, alias, target, hints } = statement;
  const own = target.at(0) ?? '';
  const left: Source =
    target.length === 1 && own.startsWith('@')
      ? { source: 'variable', name: own, line, ...(alias === undefined ? {} : { alias }) }
      : { source: 'table', name: target, line, hints, ...(alias === undefined ? {} : { alias }) };
  const has = (when: MergeBranch['when']) => branches.some(branch => branch.when === when);
  const outerSource = has('not-matched-by-target');
  const outerTarget = has('not-matched-by-source');
  const kind = outerSource && outerTarget ? 'full' : outerSource ? 'right' : outerTarget ? 'left' : 'inner';
  return { source: 'join', kind, left, right: statement.using, on: statement.on, line };
}

/** @throws SqlError 5324, 10714 */
function requireOrder(branches: readonly MergeBranch[], line: number): void {
  const words = {
    matched: 'WHEN MATCHED',
    'not-matched-by-target': 'WHEN NOT MATCHED',
    'not-matched-by-source': 'WHEN NOT MATCHED BY SOURCE',
  } as const;
  for (const when of ['matched', 'not-matched-by-target', 'not-matched-by-source'] as const) {
    const own = branches.filter(branch => branch.when === when);
    if (own.slice(0, -1).some(branch => !branch.and))
      throw compileFault(
        5324,
        `In a MERGE statement, a '${words[when]}' clause with a search condition cannot appear after a '${words[when]}' clause with no search condition.`,
        line,
      );
    for (const kind of ['update', 'delete', 'insert'] as const)
      if (own.filter(branch => branch.action.kind === kind).length > 1)
        throw compileFault(
          10714,
          `An action of type '${kind.toUpperCase()}' cannot appear more than once in a '${words[when]}' clause of a MERGE statement.`,
          line,
        );
  }
}

/**
 * Binds a branch over what it sees: rows that one side lacks have the columns of the other side alone.
 *
 * @throws SqlError 5333, 5334
 */
function inScope<T>(
  when: MergeBranch['when'],
  sources: Sources,
  target: Target,
  bind: (visible: Sources) => T,
): T {
  if (when === 'matched') return bind(sources);
  const ofTarget = when === 'not-matched-by-source';
  const leaves = sources.names.leaves.filter(leaf => (leaf.first === target.first) === ofTarget);
  try {
    return bind({ ...sources, names: { ...sources.names, leaves } });
  } catch (failure) {
    if (!(failure instanceof SqlError) || (failure.number !== 207 && failure.number !== 4104)) throw failure;
    // With both sides in sight another error says what is wrong.
    bind(sources);
    const name = /["'](.+)["']/.exec(failure.message)?.[1] ?? '';
    const side = ofTarget ? 'target' : 'source';
    throw compileFault(
      ofTarget ? 5334 : 5333,
      `The identifier '${name}' cannot be bound. Only ${side} columns and columns in the clause scope are allowed in the 'WHEN NOT MATCHED${ofTarget ? ' BY SOURCE' : ''}' clause of a MERGE statement.`,
      failure.line ?? 1,
    );
  }
}

function bindBranch(
  branch: MergeBranch,
  target: Written,
  sources: Sources,
  execution: Execution,
): BoundBranch {
  const and = branch.and && bindCondition(branch.and, execution.scope, sources);
  const { action, when } = branch;
  switch (action.kind) {
    case 'delete':
      return { when, and, event: 'delete', after: undefined, columns: new Set() };
    case 'update': {
      requireOnce(action.set);
      const set = bindSet(action.set, target, sources, execution);
      return { when, and, event: 'update', after: set.apply, columns: set.columns };
    }
    case 'insert':
      return {
        when,
        and,
        event: 'insert',
        after: bindInsert(action, target, sources, execution),
        columns: new Set(),
      };
  }
}

function bindInsert(
  action: Extract<MergeBranch['action'], { readonly kind: 'insert' }>,
  target: Written,
  sources: Sources,
  execution: Execution,
): (row: Row) => Row {
  const { scope, evaluation } = execution;
  const line = action.values[0]?.line ?? 1;
  // DEFAULT VALUES comes as no value at all.
  const places =
    action.values.length === 0 && action.columns.length === 0
      ? []
      : namedPlaces(target, action.columns, action.values.length, execution, line);
  if (places.length !== action.values.length)
    throw compileFault(
      action.values.length < places.length ? 109 : 110,
      `There are ${action.values.length < places.length ? 'more' : 'fewer'} columns in the INSERT statement than values specified in the VALUES clause. The number of values in the VALUES clause must match the number of columns specified in the INSERT statement.`,
      line,
    );
  const bound = action.values.map(expression =>
    isDefault(expression)
      ? undefined
      : { value: bindExpression(expression, scope, sources), untyped: isNull(expression) },
  );
  const types = bound.map(cell => (cell === undefined || cell.untyped ? undefined : cell.value.type));
  const make = rowMaker(target, places, types, execution, line);
  return row => make(bound.map((cell): Cell => (cell ? cell.value.evaluate(row, evaluation) : DEFAULT)));
}

/** What each row of the join comes to; all are read before any is written. */
async function collect(
  sources: Sources,
  part: Target,
  branches: readonly BoundBranch[],
  execution: Execution,
  line: number,
): Promise<readonly Change[]> {
  if (part.variable === undefined) execution.transaction(part.database);
  const { evaluation } = execution;
  const others = sources.parts.flatMap(other =>
    other.first === part.first || other.mark === undefined ? [] : [other.mark],
  );
  const width = part.table.columns.length;
  const changes: Change[] = [];
  const changed = new Set<number>();
  for (const row of sources.rows(evaluation)) {
    if (row === PAUSE) {
      await execution.breathe();
      continue;
    }
    const rid = row[part.mark];
    const inTarget = typeof rid === 'number';
    const inSource = others.some(mark => row[mark] !== null);
    const when = !inTarget ? 'not-matched-by-target' : inSource ? 'matched' : 'not-matched-by-source';
    const branch = branches.find(
      candidate =>
        candidate.when === when && (!candidate.and || candidate.and.test(row, evaluation) === true),
    );
    if (!branch) continue;
    const before = inTarget ? row.slice(part.first, part.first + width) : undefined;
    if (inTarget) {
      if (changed.has(rid)) throw twice(line);
      changed.add(rid);
    }
    changes.push({ before, after: branch.after?.(row, before ?? []), rid: inTarget ? rid : -1, source: row });
  }
  return changes;
}

const twice = (line: number): SqlError =>
  new SqlError(
    8672,
    'The MERGE statement attempted to UPDATE or DELETE the same row more than once. This happens when a target row matches more than one source row. A MERGE statement cannot UPDATE/DELETE the same row of the target table multiple times. Refine the ON clause to ensure a target row matches at most one source row, or use the GROUP BY clause to group the source rows.',
    { line },
  );
