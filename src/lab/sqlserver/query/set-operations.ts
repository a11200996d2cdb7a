import { SqlError } from '../errors.ts';
import type { QueryBody } from '../syntax/queries.ts';
import type { Binding } from './binding.ts';
import { type Evaluation, PAUSE, type Row, type Rows } from './bound.ts';
import { merged } from './cases.ts';
import { distinct, keyFunction } from './grouping.ts';
import type { Key } from './joins.ts';
import { KeyedRows } from './keyed-rows.ts';
import type { LeafColumn } from './names.ts';
import { bindBody, type InnerQuery } from './query.ts';
import { sortable } from './sorting.ts';
import { column, type Typed } from './typed.ts';

type SetOperation = Extract<QueryBody, { left: QueryBody }>;

/** UNION, EXCEPT and INTERSECT: columns by place, each in the type that both sides share. */
export function bindSetOperation(body: SetOperation, binding: Binding): InnerQuery {
  const left = bindBody(body.left, binding);
  const right = bindBody(body.right, binding);
  if (left.columns.length !== right.columns.length)
    throw new SqlError(
      205,
      'All queries combined using a UNION, INTERSECT or EXCEPT operator must have an equal number of expressions in their target lists.',
      { line: body.line, endsBatch: true },
    );
  const { columns, toLeft, toRight } = unified(left, right, binding, body.line);
  const shown = columns.map((own, at) => column(own.type, 0, at, { nullable: true }));
  if (body.body !== 'union-all') for (const own of columns) sortable(own.type, body.line);
  const keyOf = body.body === 'union-all' ? undefined : keyFunction(shown);
  return {
    columns,
    assigns: false,
    get reach() {
      return Math.max(left.reach, right.reach);
    },
    rows: context => {
      const first = changed(left.rows(context), toLeft, context);
      const second = changed(right.rows(context), toRight, context);
      if (keyOf === undefined) return both(first, second);
      if (body.body === 'union') return distinct(both(first, second), keyOf, context);
      return kept(first, second, keyOf, body.body === 'intersect', context);
    },
  };
}

/** The columns of both sides in one shape; a side that has it already is not copied. */
function unified(
  left: { readonly columns: readonly LeafColumn[]; readonly items?: InnerQuery['items'] },
  right: { readonly columns: readonly LeafColumn[]; readonly items?: InnerQuery['items'] },
  binding: Binding,
  line: number,
): {
  readonly columns: readonly LeafColumn[];
  readonly toLeft: readonly Typed[] | undefined;
  readonly toRight: readonly Typed[] | undefined;
} {
  const columns: LeafColumn[] = [];
  const toLeft: Typed[] = [];
  const toRight: Typed[] = [];
  for (const [at, own] of left.columns.entries()) {
    const other = right.columns[at];
    if (other === undefined) continue;
    const a = shown(own, at, left.items?.[at]?.value.untyped === true);
    const b = shown(other, at, right.items?.[at]?.value.untyped === true);
    const { type, label, converted } = merged([a, b], binding, line);
    columns.push({
      name: own.name,
      type,
      nullable: own.nullable || other.nullable,
      identity: false,
      ...(label === 'none' ? { noCollation: true } : {}),
    });
    toLeft.push(converted[0] ?? a);
    toRight.push(converted[1] ?? b);
  }
  const plain = (values: readonly Typed[]): boolean => values.every((value, at) => value.slot === at);
  return {
    columns,
    toLeft: plain(toLeft) ? undefined : toLeft,
    toRight: plain(toRight) ? undefined : toRight,
  };
}

function shown(own: LeafColumn, slot: number, untyped: boolean): Typed {
  return {
    ...column(own.type, 0, slot, {
      nullable: own.nullable,
      label: own.noCollation === true ? 'none' : 'implicit',
    }),
    untyped,
  };
}

export function* changed(rows: Rows, values: readonly Typed[] | undefined, context: Evaluation): Rows {
  if (values === undefined) {
    yield* rows;
    return;
  }
  for (const row of rows) yield row === PAUSE ? PAUSE : values.map(value => value.evaluate(row, context));
}

function* both(left: Rows, right: Rows): Rows {
  yield* left;
  yield* right;
}

function* kept(
  left: Rows,
  right: Rows,
  keyOf: (row: Row, context: Evaluation) => Key,
  present: boolean,
  context: Evaluation,
): Rows {
  const keys = new KeyedRows(context);
  for (const row of right) {
    if (row === PAUSE) {
      yield PAUSE;
      continue;
    }
    const key = keyOf(row, context);
    if (!keys.held(key)) keys.add(key, NO_ROW);
  }
  for (const row of distinct(left, keyOf, context))
    if (row === PAUSE || keys.has(keyOf(row, context)) === present) yield row;
  keys.free();
}

const NO_ROW: Row = [];
