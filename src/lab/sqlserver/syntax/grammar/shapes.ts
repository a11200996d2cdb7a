import type { CommonTable, QueryBody, QueryExpression } from '../queries.ts';

/** Pure helpers that put trees together. */

export const setOperation = (
  line: number,
  body: 'union' | 'union-all' | 'except' | 'intersect',
  left: QueryBody,
  right: QueryBody,
): QueryBody => ({ line, body, left, right });

export const afterWith = (tables: readonly CommonTable[], query: QueryExpression): QueryExpression =>
  tables.length === 0 ? query : { ...query, with: tables };
