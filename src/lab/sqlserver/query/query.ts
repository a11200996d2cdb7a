import type { Table } from '../catalog/schema.ts';
import { SqlError } from '../errors.ts';
import type { Database } from '../server/instance.ts';
import type { QueryBody, QueryExpression } from '../syntax/queries.ts';
import type { Limit } from './access.ts';
import type { Binding, CommonTables } from './binding.ts';
import type { Evaluation, Rows } from './bound.ts';
import type { From } from './from.ts';
import { maximumRecursion } from './hints.ts';
import type { Item } from './items.ts';
import { forJson } from './json.ts';
import { bindLimits } from './limits.ts';
import type { LeafColumn } from './names.ts';
import { bindResultOrder } from './ordering.ts';
import { namesItself, recursive } from './recursion.ts';
import { bindSelect, refuseOrder, type Tail } from './select.ts';
import { bindSetOperation } from './set-operations.ts';
import { limited, sorted } from './sorting.ts';
import { forXml } from './xml.ts';

/** A query inside another one; `rows` needs the row around it in `context.outer` where it reaches out. */
export interface InnerQuery {
  readonly columns: readonly LeafColumn[];
  /** How many levels up it names columns; 0 gives the same rows whatever the row around is. */
  readonly reach: number;
  readonly assigns: boolean;
  /** Of a single SELECT, for FOR JSON AUTO and FOR XML AUTO. */
  readonly items?: readonly Item[];
  readonly from?: From;
  /** Rows have the whole row of this table and its rid behind the columns. */
  readonly behind?: { readonly table: Table; readonly database: Database };
  rows(context: Evaluation): Rows;
  /** The same query where a column is known to lie within limits, so that less is read; rows outside may still be given. */
  narrowed?(limits: readonly ColumnLimit[]): ((context: Evaluation) => Rows) | undefined;
}

/** What a query around knows of a column of the result. */
export interface ColumnLimit {
  readonly item: number;
  readonly limit: Limit;
}

/** ORDER BY alone means nothing in a derived table, view, subquery or common table expression. @throws SqlError 1033 */
export function requireNoOrder(query: QueryExpression): void {
  if (
    query.orderBy.length > 0 &&
    query.offset === undefined &&
    query.forClause === undefined &&
    !(query.body.body === 'select' && query.body.top !== undefined)
  )
    throw refuseOrder(query.line);
}

export function bindInner(query: QueryExpression, binding: Binding, self?: CommonTables): InnerQuery {
  requireNoOrder(query);
  return bindWhole(query, binding, { self, outermost: false });
}

/** A whole query, as a statement sends it. */
export function bindWhole(
  query: QueryExpression,
  outside: Binding,
  options: { readonly self?: CommonTables | undefined; readonly outermost: boolean },
): InnerQuery {
  const { self, outermost } = options;
  const limit = maximumRecursion(query.hints, query.line);
  let tables = outside.tables;
  for (const table of query.with) {
    const name = table.name.toLowerCase();
    for (let before = tables; before !== outside.tables && before !== undefined; before = before.before)
      if (before.name === name)
        throw new SqlError(239, `Duplicate common table expression name '${table.name}' was specified.`, {
          line: query.line,
          endsBatch: true,
        });
    tables = { name, table, before: tables, recursion: undefined, limit };
  }
  const binding: Binding = { ...outside, tables };
  const inner =
    self !== undefined && namesItself(query.body, self.name)
      ? recursive(query, binding, self)
      : bindBody(query.body, binding, {
          orderBy: query.orderBy,
          offset: query.offset,
          fetch: query.fetch,
        });
  if (query.forClause === undefined) return inner;
  return query.forClause.kind === 'json'
    ? forJson(inner, query.forClause, binding, query.line, outermost)
    : forXml(inner, query.forClause, binding, query.line, outermost);
}

/** A query that rows are written through: one SELECT over one table, its row behind the columns. */
export function bindWritable(query: QueryExpression, binding: Binding): InnerQuery | undefined {
  const { body } = query;
  if (body.body !== 'select' || query.with.length > 0 || query.forClause !== undefined) return undefined;
  const tail: Tail = { orderBy: query.orderBy, offset: query.offset, fetch: query.fetch };
  const inner = bindSelect(body, binding, tail, true);
  return inner.behind === undefined ? undefined : inner;
}

const NO_TAIL: Tail = { orderBy: [], offset: undefined, fetch: undefined };

export function bindBody(body: QueryBody, binding: Binding, tail: Tail = NO_TAIL): InnerQuery {
  if (body.body === 'select') return bindSelect(body, binding, tail);
  const inner = body.body === 'nested' ? bindInner(body.query, binding) : bindSetOperation(body, binding);
  if (tail.orderBy.length === 0 && tail.offset === undefined) return inner;
  const order = bindResultOrder(tail.orderBy, inner.columns, binding);
  const limits = bindLimits({ line: body.line }, tail, binding);
  return {
    columns: inner.columns,
    assigns: inner.assigns,
    get reach() {
      return inner.reach;
    },
    rows: context => {
      const { skip, take } = limits.of(context);
      const rows = sorted(inner.rows(context), order, context, take === undefined ? undefined : skip + take);
      return skip === 0 && take === undefined ? rows : limited(rows, skip, take, undefined, context);
    },
  };
}
