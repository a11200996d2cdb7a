import { SqlError } from '../errors.ts';
import type { Condition, Expression } from '../syntax/expressions.ts';
import type { QueryExpression } from '../syntax/queries.ts';
import { comparisonKey, type Value } from '../values/index.ts';
import type { Binding } from './binding.ts';
import { type Evaluation, PAUSE, type Row, type Truth } from './bound.ts';
import { comparable, comparing } from './comparisons.ts';
import { memo, under } from './evaluation.ts';
import { bindValue } from './expressions.ts';
import { KeyedRows } from './keyed-rows.ts';
import { hold, sizeOf } from './memory.ts';
import { bindInner, type InnerQuery } from './query.ts';
import { column, computed, type Typed } from './typed.ts';

type Test = (row: Row, context: Evaluation) => Truth;

const NO_ROW: Row = [];

/** A query in an expression sees the row of the expression as the row around it. */
function inside(query: QueryExpression, binding: Binding): InnerQuery {
  return bindInner(query, { ...binding, grouping: undefined, windows: undefined, place: 'other' });
}

function oneColumn(query: QueryExpression, binding: Binding): InnerQuery {
  const inner = inside(query, binding);
  if (inner.columns.length !== 1)
    throw new SqlError(
      116,
      'Only one expression can be specified in the select list when the subquery is not introduced with EXISTS.',
      { line: query.line, endsBatch: true },
    );
  return inner;
}

/** Values of the single column. */
function* valuesOf(inner: InnerQuery, row: Row, context: Evaluation): Iterable<Value> {
  for (const own of inner.rows(under(context, row))) if (own !== PAUSE) yield own[0] ?? null;
}

export function bindScalarQuery(query: QueryExpression, binding: Binding): Typed {
  const inner = oneColumn(query, binding);
  const compute = (row: Row, context: Evaluation): Value => {
    let found: Value = null;
    let count = 0;
    for (const value of valuesOf(inner, row, context)) {
      count += 1;
      if (count > 1)
        throw new SqlError(
          512,
          'Subquery returned more than 1 value. This is not permitted when the subquery follows =, !=, <, <= , >, >= or when the subquery is used as an expression.',
        );
      found = value;
    }
    return found;
  };
  const type = inner.columns[0]?.type ?? { kind: 'int' };
  const label = inner.columns[0]?.noCollation === true ? 'none' : 'implicit';
  return computed(type, once(inner, compute), { label });
}

/** What does not depend on the row around is computed once a statement. */
function once<T extends Value | Truth>(
  inner: InnerQuery,
  compute: (row: Row, context: Evaluation) => T,
): (row: Row, context: Evaluation) => T {
  if (inner.reach > 0) return compute;
  const kept = memo<{ readonly value: T }>();
  return (row, context) => {
    const before = kept.get(context);
    if (before !== undefined) return before.value;
    const value = compute(row, context);
    kept.set(context, { value });
    return value;
  };
}

export function bindExists(query: QueryExpression, binding: Binding): Test {
  const inner = inside(query, binding);
  return once(inner, (row, context): Truth => {
    for (const own of inner.rows(under(context, row))) if (own !== PAUSE) return true;
    return false;
  });
}

/** IN: a set that is made once where the query does not depend on the row, else one row after the other. */
export function bindInQuery(
  operand: Expression,
  query: QueryExpression,
  binding: Binding,
  line: number,
): Test {
  const left = bindValue(operand, binding);
  const inner = oneColumn(query, binding);
  const right = resultOf(inner);
  const pair = comparable(left, right, binding, line, 'equal to');
  const key = comparisonKey(pair.type);
  const own = pair.left.evaluate;
  const other = pair.right.evaluate;
  if (inner.reach > 0) {
    return (row, context) => {
      const wanted = own(row, context);
      let unknown = false;
      for (const value of valuesOf(inner, row, context)) {
        if (wanted === null) return null;
        const found = other([value], context);
        if (found === null) unknown = true;
        else if (key(found) === key(wanted)) return true;
      }
      return unknown ? null : false;
    };
  }
  const kept = memo<{
    readonly keys: KeyedRows;
    readonly unknown: boolean;
    readonly empty: boolean;
  }>();
  return (row, context) => {
    let set = kept.get(context);
    if (set === undefined) {
      const keys = new KeyedRows(context);
      let unknown = false;
      for (const value of valuesOf(inner, row, context)) {
        const found = other([value], context);
        if (found === null) unknown = true;
        else if (!keys.held(key(found))) keys.add(key(found), NO_ROW);
      }
      set = { keys, unknown, empty: keys.empty && !unknown };
      kept.set(context, set);
    }
    if (set.empty) return false;
    const wanted = own(row, context);
    if (wanted === null) return null;
    if (set.keys.has(key(wanted))) return true;
    return set.unknown ? null : false;
  };
}

const resultOf = (inner: InnerQuery): Typed =>
  column(inner.columns[0]?.type ?? { kind: 'int' }, 0, 0, {
    nullable: true,
    label: inner.columns[0]?.noCollation === true ? 'none' : 'implicit',
  });

/** `x > ALL (SELECT …)`, `x = ANY (SELECT …)`. */
export function bindQuantified(
  condition: Extract<Condition, { condition: 'quantified' }>,
  binding: Binding,
): Test {
  const left = bindValue(condition.left, binding);
  const inner = oneColumn(condition.query, binding);
  const first = column(left.type, 0, 0, { nullable: true, label: left.label });
  const second: Typed = {
    ...resultOf(inner),
    ...column(inner.columns[0]?.type ?? { kind: 'int' }, 0, 1, { nullable: true }),
  };
  const test = comparing(condition.operator, first, second, binding, condition.line);
  const kept = inner.reach > 0 ? undefined : memo<readonly Value[]>();
  return (row, context) => {
    const own = left.evaluate(row, context);
    let values = kept?.get(context);
    if (values === undefined && kept !== undefined) {
      const held = hold(context);
      const all: Value[] = [];
      for (const value of valuesOf(inner, row, context)) {
        held.need(sizeOf([value]));
        all.push(value);
      }
      values = all;
      kept.set(context, values);
    }
    let unknown = false;
    for (const value of values ?? valuesOf(inner, row, context)) {
      const truth = test([own, value], context);
      if (truth === null) unknown = true;
      else if (truth !== condition.all) return truth;
    }
    return unknown ? null : condition.all;
  };
}
