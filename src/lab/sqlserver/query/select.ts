import type { Table } from '../catalog/schema.ts';
import { SqlError } from '../errors.ts';
import type { Database } from '../server/instance.ts';
import type { Condition, Expression, OrderItem } from '../syntax/expressions.ts';
import type { QuerySpecification } from '../syntax/queries.ts';
import { collation } from '../values/index.ts';
import type { Limit } from './access.ts';
import type { Binding } from './binding.ts';
import { type Evaluation, PAUSE, type Row, type Rows } from './bound.ts';
import { hasAggregate } from './canonical.ts';
import { bindTest } from './conditions.ts';
import { From } from './from.ts';
import { distinct, grouped, keyFunction } from './grouping.ts';
import { bindGroups, type Groups } from './groups.ts';
import { bindSelectItems, columnsOf, type Item, projection } from './items.ts';
import { filter, type Operator } from './joins.ts';
import { bindLimits, type Limits } from './limits.ts';
import { bindOrder, wantedOrder } from './ordering.ts';
import { conjuncts, plan } from './plan.ts';
import type { ColumnLimit, InnerQuery } from './query.ts';
import { shortcutOf } from './shortcuts.ts';
import { limited, percentage, type SortKey, sortable, sorted } from './sorting.ts';
import { column } from './typed.ts';
import { windowed } from './window-rows.ts';
import type { WindowCall } from './windows.ts';

/** What stands behind the body of a query and belongs to its last step. */
export interface Tail {
  readonly orderBy: readonly OrderItem[];
  readonly offset: Expression | undefined;
  readonly fetch: Expression | undefined;
}

const NO_SOURCE: Operator = {
  width: 0,
  estimate: () => 1,
  *rows() {
    yield [];
  },
};

export const caseSensitive = (binding: Binding): boolean =>
  collation(binding.scope.database.collation).caseSensitive;

/** SELECT … FROM … WHERE … GROUP BY … HAVING … ORDER BY …: one step after the other, each a generator. */
export function bindSelect(
  select: QuerySpecification,
  outside: Binding,
  tail: Tail,
  writable = false,
): InnerQuery {
  const from = new From(outside, caseSensitive(outside), () => writable, !writable);
  from.add(select.from);
  const names = from.names(0, from.leaves.length, outside.names);
  const base: Binding = { ...outside, names, grouping: undefined, windows: undefined };
  if (select.where !== undefined) bindTest(select.where, { ...base, place: 'where' });
  const groups = groupsOf(select, tail, base);
  const windows: WindowCall[] = [];
  const width = (): number => groups?.width() ?? from.width;
  const visible: Binding = {
    ...(groups?.binding('select') ?? base),
    place: 'select',
    windows: {
      add: call => {
        const place = windows.push(call) - 1;
        return () => width() + place;
      },
    },
  };
  const shown = bindSelectItems(select.items, visible);
  const behind = writable && groups === undefined && !select.distinct ? rowBehind(from) : undefined;
  const items = behind === undefined ? shown : [...shown, ...behind.items];
  const having =
    select.having === undefined || groups === undefined
      ? undefined
      : bindTest(select.having, groups.binding('having')).test;
  const order = bindOrder(tail.orderBy, shown, {
    binding: {
      ...visible,
      ...(groups === undefined ? {} : { names: groups.binding('order by').names }),
      place: 'order by',
    },
    distinct: select.distinct,
  });
  if (select.distinct) for (const item of shown) sortable(item.value.type, select.line);
  const limits = bindLimits(select, tail, outside);
  const simple = groups === undefined && windows.length === 0 && !select.distinct;
  const wanted = simple ? wantedOrder(order, from) : undefined;
  const where = conjuncts(select.where);
  const source = from.tree === undefined ? undefined : plan(from.tree, where, from, wanted);
  const operator =
    source?.operator ??
    (select.where === undefined
      ? NO_SOURCE
      : filter(NO_SOURCE, bindTest(select.where, { ...base, place: 'where' }).test));
  const shortcut = groups === undefined ? undefined : shortcutOf(select, from, groups);
  const pipeline: Pipeline = {
    operator,
    groups,
    having,
    windows,
    width,
    items,
    distinct: select.distinct,
    order,
    inOrder: order.length === 0 || source?.ordered === true,
    limits,
    shortcut,
  };
  const assigns = shown.some(item => item.variable !== undefined);
  const mayNarrow = !limits.any && windows.length === 0 && !assigns && from.tree !== undefined;
  return {
    ...(mayNarrow ? { narrowed: given => narrowed(given, pipeline, from, where) } : {}),
    columns: columnsOf(shown),
    assigns,
    items: shown,
    ...(behind === undefined ? {} : { behind: { table: behind.table, database: behind.database } }),
    from,
    get reach() {
      return from.reach.depth;
    },
    rows: assigns ? context => assigning(pipeline, context) : context => run(pipeline, context),
  };
}

/** Limits of result columns that are columns of a source, as limits of that source; the rows are planned anew under them. */
function narrowed(
  given: readonly ColumnLimit[],
  pipeline: Pipeline,
  from: From,
  where: readonly Condition[],
): ((context: Evaluation) => Rows) | undefined {
  const limits = new Map<number, Limit[]>();
  for (const { item, limit } of given) {
    const shown = pipeline.items[item]?.value.slot;
    const { groups } = pipeline;
    const slot = groups === undefined || shown === undefined ? shown : groups.keys[shown]?.slot;
    if (slot === undefined) continue;
    const at = from.leaves.findIndex(
      ({ leaf }) => slot >= leaf.first && slot < leaf.first + leaf.columns.length,
    );
    const leaf = from.leaves[at];
    if (leaf === undefined || (leaf.origin.kind === 'rows' && leaf.origin.narrowed === undefined)) continue;
    const known = limits.get(at) ?? [];
    limits.set(at, [...known, { ...limit, column: slot - leaf.leaf.first }]);
  }
  if (limits.size === 0 || from.tree === undefined) return undefined;
  const before = from.limits;
  from.limits = limits;
  try {
    const { operator } = plan(from.tree, where, from);
    const narrow: Pipeline = { ...pipeline, operator, inOrder: pipeline.order.length === 0 };
    return context => run(narrow, context);
  } finally {
    from.limits = before;
  }
}

/** The whole row of the single table behind the shown columns, its rid last: what is written to through a query. */
function rowBehind(
  from: From,
): { readonly items: readonly Item[]; readonly table: Table; readonly database: Database } | undefined {
  const [source, other] = from.leaves;
  if (source?.origin.kind !== 'stored' || other !== undefined || source.leaf.mark === undefined)
    return undefined;
  const { leaf, origin } = source;
  const items = Array.from({ length: leaf.width }, (_none, at): Item => {
    const type = leaf.columns[at]?.type ?? { kind: 'int' };
    return {
      name: '',
      value: column(type, 0, leaf.first + at, { nullable: true }),
      expression: undefined,
      aliased: false,
      variable: undefined,
    };
  });
  return { items, table: origin.table, database: origin.database };
}

interface Pipeline {
  readonly operator: Operator;
  readonly groups: Groups | undefined;
  readonly having: ((row: Row, context: Evaluation) => boolean | null) | undefined;
  readonly windows: readonly WindowCall[];
  readonly width: () => number;
  readonly items: readonly Item[];
  readonly distinct: boolean;
  readonly order: readonly SortKey[];
  readonly inOrder: boolean;
  readonly limits: Limits;
  readonly shortcut: ((context: Evaluation) => Row | undefined) | undefined;
}

/** Rows before the select list is computed. */
function* selected(pipeline: Pipeline, context: Evaluation): Rows {
  const { operator, groups, having, windows } = pipeline;
  const quick = pipeline.shortcut?.(context);
  let rows: Rows = quick === undefined ? operator.rows(context) : [quick];
  if (groups !== undefined && quick === undefined)
    rows = grouped(rows, groups.keys, groups.aggregates, context);
  if (having !== undefined) rows = fulfilling(rows, having, context);
  if (windows.length > 0) rows = windowed(rows, windows, pipeline.width(), context);
  yield* rows;
}

function* fulfilling(rows: Rows, test: NonNullable<Pipeline['having']>, context: Evaluation): Rows {
  for (const row of rows) if (row === PAUSE || test(row, context) === true) yield row;
}

function* projected(rows: Rows, pipeline: Pipeline, context: Evaluation): Rows {
  const project = projection(pipeline.items, pipeline.width() + pipeline.windows.length);
  for (const row of rows) yield row === PAUSE ? PAUSE : project(row, context);
}

function run(pipeline: Pipeline, context: Evaluation): Rows {
  const rows = selected(pipeline, context);
  if (!pipeline.distinct) return projected(arranged(rows, pipeline, context), pipeline, context);
  const keys = pipeline.items.map((item, at) => column(item.value.type, 0, at, { nullable: true }));
  return arranged(
    distinct(projected(rows, pipeline, context), keyFunction(keys), context),
    pipeline,
    context,
  );
}

/** ORDER BY, TOP and OFFSET. */
function arranged(rows: Rows, pipeline: Pipeline, context: Evaluation): Rows {
  const { order, inOrder, limits } = pipeline;
  const { skip, take, percent } = limits.of(context);
  const keep = take === undefined || limits.ties ? undefined : skip + take;
  const sequence = inOrder ? rows : sorted(rows, order, context, keep);
  if (percent !== undefined) return percentage(sequence, percent, context);
  if (skip === 0 && take === undefined) return sequence;
  return limited(sequence, skip, take, limits.ties ? order : undefined, context);
}

/** `SELECT @v = …`: row after row into the variables, so that the next row sees what this one left. */
function* assigning(pipeline: Pipeline, context: Evaluation): Rows {
  for (const row of arranged(selected(pipeline, context), pipeline, context)) {
    if (row === PAUSE) {
      yield PAUSE;
      continue;
    }
    for (const { variable, value } of pipeline.items)
      if (variable !== undefined) context.variables.set(variable, value.evaluate(row, context));
    yield [];
  }
}

function groupsOf(select: QuerySpecification, tail: Tail, base: Binding): Groups | undefined {
  const wanted =
    select.groupBy.length > 0 ||
    select.having !== undefined ||
    hasAggregate(select.items) ||
    hasAggregate(tail.orderBy);
  return wanted ? bindGroups(select.groupBy, base) : undefined;
}

/** @throws SqlError 1033 where ORDER BY has no effect and is refused */
export function refuseOrder(line: number): SqlError {
  return new SqlError(
    1033,
    'The ORDER BY clause is invalid in views, inline functions, derived tables, subqueries, and common table expressions, unless TOP, OFFSET or FOR XML is also specified.',
    { severity: 15, line, endsBatch: true },
  );
}
