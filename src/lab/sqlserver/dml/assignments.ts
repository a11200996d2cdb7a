import { findColumn } from '../catalog/find.ts';
import { SqlError } from '../errors.ts';
import type { Execution } from '../flow/execution.ts';
import type { Evaluation, Row } from '../query/bound.ts';
import { bindExpression, type Sources } from '../query/index.ts';
import type { Expression } from '../syntax/expressions.ts';
import type { AssignOperator } from '../syntax/queries.ts';
import type { Assignment } from '../syntax/statements.ts';
import { assigner } from '../values/index.ts';
import type { Value } from '../values/types.ts';
import type { Written } from './changes.ts';
import { compileFault } from './faults.ts';
import { computedRefused } from './insert-rows.ts';
import { compute, isDefault, isNull } from './rules.ts';

/** SET of an UPDATE or of a branch of MERGE, bound. */
export interface BoundSet {
  /** The row of the target after the statement; variables are set on the way. */
  apply(row: Row, before: Row): Row;
  /** column_ids that are named. */
  readonly columns: ReadonlySet<number>;
}

interface Step {
  /** Place of the column, -1 where only a variable is set. */
  readonly place: number;
  readonly value: (row: Row, context: Evaluation) => Value;
  readonly variable: { readonly name: string; readonly assign: (value: Value) => Value } | undefined;
}

/** @throws SqlError 207, 264, 271, 272, 8102, 137 */
export function bindSet(
  assignments: readonly Assignment[],
  target: Written,
  sources: Sources,
  execution: Execution,
): BoundSet {
  const { rules, table, database } = target;
  const { evaluation } = execution;
  const steps = assignments.map(assignment => bindStep(assignment, target, sources, execution));
  const places = steps.map(step => step.place).filter(place => place >= 0);
  return {
    columns: new Set(places.flatMap(place => table.columns[place]?.id ?? [])),
    apply(row, before) {
      const after: Value[] = [...before];
      for (const { place, value, variable } of steps) {
        const result = value(row, evaluation);
        if (place >= 0) after[place] = result;
        if (variable) execution.setVariable(variable.name, variable.assign(result));
      }
      if (rules.rowVersion >= 0) after[rules.rowVersion] = database.store?.nextRowVersion() ?? null;
      compute(rules, after, evaluation);
      return after;
    },
  };
}

/** @throws SqlError 264 */
export function requireOnce(assignments: readonly Assignment[]): void {
  const seen = new Set<string>();
  for (const assignment of assignments) {
    if (assignment.kind !== 'column') continue;
    const name = assignment.name.at(-1) ?? '';
    if (seen.has(name.toLowerCase()))
      throw compileFault(
        264,
        `The column name '${name}' is specified more than once in the SET clause or column list of an INSERT. A column cannot be assigned more than one value in the same clause. Modify the clause to make sure that a column is updated only once. If this statement updates or inserts columns into a view, column aliasing can conceal the duplication in your code.`,
        assignment.expression.line,
      );
    seen.add(name.toLowerCase());
  }
}

function bindStep(assignment: Assignment, target: Written, sources: Sources, execution: Execution): Step {
  const { expression } = assignment;
  const { line } = expression;
  if (assignment.kind === 'variable') {
    const value = combined(assignment.operator, variableNode(assignment.variable, line), expression);
    const bound = bindExpression(value, execution.scope, sources);
    const type = isNull(value) ? undefined : bound.type;
    return {
      place: -1,
      value: bound.evaluate,
      variable: variableOf(assignment.variable, type, execution, line),
    };
  }
  const { rules, table, names } = target;
  const written = assignment.name.at(-1) ?? '';
  const column = findColumn(table, written);
  if (!column) throw compileFault(207, `Invalid column name '${written}'.`, line);
  if (column.computed) throw computedRefused(column, line);
  if (column.type.kind === 'rowversion') throw compileFault(272, 'Cannot update a timestamp column.', line);
  if (column.identity) throw compileFault(8102, `Cannot update identity column '${column.name}'.`, line);
  const place = table.columns.indexOf(column);
  const variable =
    assignment.variable === undefined
      ? undefined
      : variableOf(assignment.variable, column.type, execution, line);
  if (isDefault(expression)) {
    const given = rules.defaults[place];
    return { place, value: (_row, context) => given?.(context) ?? null, variable };
  }
  const own: Expression = { node: 'column', name: [sources.target?.alias ?? names.name, column.name], line };
  const value = combined(assignment.operator, own, expression);
  const bound = bindExpression(value, execution.scope, sources);
  const { release } = execution.instance.product;
  const assign = assigner(isNull(value) ? undefined : bound.type, column.type, {
    table: names.full,
    column: column.name,
    release,
  });
  return { place, value: (row, context) => assign(bound.evaluate(row, context)), variable };
}

const variableNode = (name: string, line: number): Expression => ({ node: 'variable', name, line });

function variableOf(
  name: string,
  from: Parameters<typeof assigner>[0],
  execution: Execution,
  line: number,
): NonNullable<Step['variable']> {
  const type = execution.scope.variable(name);
  if (!type)
    throw new SqlError(137, `Must declare the scalar variable "${name}".`, {
      line,
      severity: 15,
      endsBatch: true,
    });
  return { name, assign: assigner(from, type) };
}

/** `a += b` is `a = a + b`. */
function combined(operator: AssignOperator, own: Expression, expression: Expression): Expression {
  const { line } = expression;
  switch (operator) {
    case '=':
      return expression;
    case '+=':
      return { node: 'binary', operator: '+', left: own, right: expression, line };
    case '-=':
      return { node: 'binary', operator: '-', left: own, right: expression, line };
    case '*=':
      return { node: 'binary', operator: '*', left: own, right: expression, line };
    case '/=':
      return { node: 'binary', operator: '/', left: own, right: expression, line };
    case '%=':
      return { node: 'binary', operator: '%', left: own, right: expression, line };
    case '&=':
      return { node: 'binary', operator: '&', left: own, right: expression, line };
    case '|=':
      return { node: 'binary', operator: '|', left: own, right: expression, line };
    case '^=':
      return { node: 'binary', operator: '^', left: own, right: expression, line };
  }
}
