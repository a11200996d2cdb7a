import { SqlError } from '../errors.ts';
import type { Condition, Expression } from '../syntax/expressions.ts';
import type { QueryExpression, SelectItem } from '../syntax/queries.ts';
import type { Binding } from './binding.ts';
import type { BoundCondition, BoundExpression, BoundQuery } from './bound.ts';
import { bindTest } from './conditions.ts';
import { under } from './evaluation.ts';
import { bindValue } from './expressions.ts';
import { bindSelectItems, columnsOf } from './items.ts';
import { bindWhole } from './query.ts';
import type { Scope } from './scope.ts';
import type { BoundItems, Sources } from './sources.ts';

export { maximumRecursion } from './hints.ts';
export { requireNoOrder } from './query.ts';
export type { BoundItems, RowShape, SourcePart, Sources, SourcesOptions, Target } from './sources.ts';
export { requireOneNextValue } from './specials.ts';
export { requireTableHints, requireTargetHints } from './table-hints.ts';
export { bindSources, rowSources } from './targets.ts';

const binding = (scope: Scope, sources: Sources | undefined, place: Binding['place']): Binding => ({
  scope,
  names: sources?.names,
  tables: undefined,
  grouping: undefined,
  windows: undefined,
  place,
  depth: 0,
});

/**
 * A query with its names and types known. With `outer` it may name columns of the query around it, and `run` needs that
 * query's row.
 *
 * @throws SqlError 207, 208, 209, 4104, 8120 and whatever else is wrong with the query before a row is read
 */
export function bindQuery(query: QueryExpression, scope: Scope, outer?: Sources): BoundQuery {
  const inner = bindWhole(query, binding(scope, outer, 'other'), { outermost: outer === undefined });
  for (const [at, column] of inner.columns.entries())
    if (column.noCollation === true)
      throw new SqlError(451, `Cannot resolve collation conflict for column ${at + 1} in SELECT statement.`, {
        line: query.line,
        endsBatch: true,
      });
  return {
    columns: inner.columns.map(column => ({
      name: column.name,
      type: column.type,
      nullable: column.nullable,
      identity: column.identity,
    })),
    assigns: inner.assigns,
    run: (context, row) => inner.rows(row === undefined ? context : under(context, row)),
  };
}

/** A value over the rows of `sources`; without them over no row at all (`evaluate([], context)`). */
export function bindExpression(expression: Expression, scope: Scope, sources?: Sources): BoundExpression {
  return bindValue(expression, binding(scope, sources, 'set'));
}

export function bindCondition(condition: Condition, scope: Scope, sources?: Sources): BoundCondition {
  return bindTest(condition, binding(scope, sources, 'where'));
}

/** The items of OUTPUT (or any select list without aggregates) over rows of `sources`. */
export function bindItems(items: readonly SelectItem[], scope: Scope, sources: Sources): BoundItems {
  const bound = bindSelectItems(items, binding(scope, sources, 'output'));
  const evaluates = bound.map(item => item.value.evaluate);
  return {
    columns: columnsOf(bound).map(({ name, type, nullable, identity }) => ({
      name,
      type,
      nullable,
      identity,
    })),
    evaluate: (row, context) => evaluates.map(evaluate => evaluate(row, context)),
  };
}
