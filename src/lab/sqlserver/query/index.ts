import { unsupported } from '../errors.ts';
import type { Condition, Expression } from '../syntax/expressions.ts';
import type { QueryExpression, SelectItem, Source } from '../syntax/queries.ts';
import type { BoundCondition, BoundExpression, BoundQuery } from './bound.ts';
import type { Scope } from './scope.ts';
import type { BoundItems, RowShape, Sources, SourcesOptions } from './sources.ts';

export type { BoundItems, RowShape, SourcePart, Sources, SourcesOptions, Target } from './sources.ts';

/**
 * A query with its names and types known. With `outer` it may name columns of the query around it, and `run` needs that
 * query's row.
 *
 * @throws SqlError 207, 208, 209, 4104, 8120 and whatever else is wrong with the query before a row is read
 */
export function bindQuery(_query: QueryExpression, _scope: Scope, _outer?: Sources): BoundQuery {
  throw unsupported('queries');
}

/** A value over the rows of `sources`; without them over no row at all (`evaluate([], context)`). */
export function bindExpression(_expression: Expression, _scope: Scope, _sources?: Sources): BoundExpression {
  throw unsupported('expressions');
}

export function bindCondition(_condition: Condition, _scope: Scope, _sources?: Sources): BoundCondition {
  throw unsupported('conditions');
}

/** FROM and WHERE of UPDATE, DELETE and MERGE: rows together with the rid of what is written to. */
export function bindSources(_from: readonly Source[], _scope: Scope, _options?: SourcesOptions): Sources {
  throw unsupported('sources');
}

/**
 * Names over rows that the caller has: for OUTPUT `rowSources([{alias: 'inserted', table}, {alias: 'deleted', table}],
 * scope, sources)`, where a row is the inserted values, the deleted ones and then the row of `sources`; for a check or a
 * computed column the row of its table.
 */
export function rowSources(_shapes: readonly RowShape[], _scope: Scope, _behind?: Sources): Sources {
  throw unsupported('row sources');
}

/** The items of OUTPUT (or any select list without aggregates) over rows of `sources`. */
export function bindItems(_items: readonly SelectItem[], _scope: Scope, _sources: Sources): BoundItems {
  throw unsupported('items');
}
