import type { Index, Table } from '../catalog/schema.ts';
import { SqlError } from '../errors.ts';
import type { Edge, Range } from '../storage/store.ts';
import type { Comparison, Condition, Expression } from '../syntax/expressions.ts';
import { isQuery } from '../syntax/expressions.ts';
import { comparisonKey, comparisonType, converter, type SqlType, type Value } from '../values/index.ts';
import type { Binding } from './binding.ts';
import type { Evaluation, Row } from './bound.ts';
import { isVolatile } from './canonical.ts';
import { bindValue } from './expressions.ts';
import { findColumn, type Leaf, type Names } from './names.ts';
import type { Tuple } from './tuples.ts';
import { collationOf, holdsAlike, isText, type Typed, withCollation } from './typed.ts';

/**
 * Which part of a table a query has to read. A range is only ever wider than the predicates it comes from: these are tested
 * on every row again, so that nothing depends on the rounding of a bound.
 */
export interface Access {
  readonly index: Index;
  /** Ranges to read one after the other; undefined where a bound has no place in the column's type: everything is read. */
  ranges(row: Row, context: Evaluation): readonly Range[] | undefined;
  /** Leading columns that are fixed to one value. */
  readonly fixed: number;
  readonly bounded: boolean;
  /** At most one row. */
  readonly unique: boolean;
  /** One range only: the order of the index holds. */
  readonly single: boolean;
}

/** All that a bound has to know of its column. */
export interface BoundColumn {
  readonly type: SqlType;
}

/** `column op value`, the value computed without the table's own row. */
export interface Limit {
  readonly column: number;
  readonly operator: Comparison | 'in';
  readonly values: readonly Bound[];
}

/** `exact`: the value lost nothing on its way into the column's type. `undefined` for a value without a place there. */
export type Bound = (
  row: Row,
  context: Evaluation,
) => { readonly value: Value; readonly exact: boolean } | undefined;

const MIRROR: Readonly<Record<Comparison, Comparison>> = {
  '=': '=',
  '<>': '<>',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

/** What is known of a table's columns from one conjunct; values are bound over `outside`, which has not the table's row. */
export function limitsOf(
  condition: Condition,
  columns: readonly BoundColumn[],
  leaf: Leaf,
  inside: Names,
  outside: Binding,
): readonly Limit[] {
  if (isVolatile(condition)) return [];
  const limit = (
    column: Expression,
    operator: Comparison | 'in',
    values: readonly Expression[],
  ): readonly Limit[] => {
    const at = columnOf(column, leaf, inside);
    const own = at === undefined ? undefined : columns[at];
    if (at === undefined || own === undefined) return [];
    const bounds: Bound[] = [];
    for (const value of values) {
      const bound = boundOf(value, own, outside);
      if (bound === undefined) return [];
      bounds.push(bound);
    }
    return [{ column: at, operator, values: bounds }];
  };
  switch (condition.condition) {
    case 'compare':
      if (condition.operator === '<>') return [];
      return [
        ...limit(condition.left, condition.operator, [condition.right]),
        ...limit(condition.right, MIRROR[condition.operator], [condition.left]),
      ];
    case 'between':
      if (condition.negated) return [];
      return [
        ...limit(condition.operand, '>=', [condition.low]),
        ...limit(condition.operand, '<=', [condition.high]),
      ];
    case 'in':
      if (condition.negated || isQuery(condition.list)) return [];
      return limit(condition.operand, 'in', condition.list);
    default:
      return [];
  }
}

/** Place of the column of this leaf that an expression is. */
export function columnOf(expression: Expression, leaf: Leaf, inside: Names): number | undefined {
  if (expression.node !== 'column') return undefined;
  try {
    const found = findColumn(inside, expression.name, expression.line);
    return found.depth === 0 && found.leaf.first === leaf.first ? found.slot - leaf.first : undefined;
  } catch (error) {
    if (error instanceof SqlError) return undefined;
    throw error;
  }
}

function boundOf(expression: Expression, column: BoundColumn, outside: Binding): Bound | undefined {
  let bound: Typed;
  try {
    bound = bindValue(expression, outside);
  } catch (error) {
    if (error instanceof SqlError) return undefined;
    throw error;
  }
  return boundFor(bound, column, outside.scope.database.collation);
}

/** A value as a bound of a column; undefined where the comparison is not made in the order of the column. */
function boundFor(bound: Typed, column: BoundColumn, fallback: string): Bound | undefined {
  if (bound.untyped) return () => ({ value: null, exact: true });
  let into: (value: Value) => Value = same;
  let exact = true;
  try {
    const own: Typed = { ...bound, type: column.type, label: isText(column.type) ? 'implicit' : 'default' };
    const { collation, conflict } = collationOf([own, bound], fallback, 0);
    if (conflict !== undefined || (isText(column.type) && collation !== column.type.collation))
      return undefined;
    const common = withCollation(
      comparisonType(column.type, withCollation(bound.type, collation)),
      collation,
    );
    const kin = family(common);
    if (kin === undefined || kin !== family(column.type)) return undefined;
    if (kin !== 'text' && kin !== 'binary') {
      exact = holdsAlike(common, column.type);
      const first = converterOf(bound.type, common);
      const second = converterOf(common, column.type);
      into = value => second(first(value));
    }
  } catch (error) {
    if (error instanceof SqlError) return undefined;
    throw error;
  }
  return (row, context) => {
    const value = bound.evaluate(row, context);
    if (value === null) return { value: null, exact: true };
    try {
      return { value: into(value), exact };
    } catch (error) {
      if (error instanceof SqlError) return undefined;
      throw error;
    }
  };
}

const same = (value: Value): Value => value;
const converterOf = (from: SqlType, to: SqlType): ((value: Value) => Value) =>
  holdsAlike(from, to) ? same : converter(from, to);

function family(type: SqlType): string | undefined {
  switch (type.kind) {
    case 'bit':
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
    case 'decimal':
    case 'numeric':
    case 'money':
    case 'smallmoney':
    case 'float':
    case 'real':
      return 'number';
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar':
      return 'text';
    case 'date':
    case 'datetime':
    case 'smalldatetime':
    case 'datetime2':
      return 'moment';
    case 'binary':
    case 'varbinary':
    case 'rowversion':
      return 'binary';
    case 'time':
    case 'datetimeoffset':
    case 'uniqueidentifier':
      return type.kind;
    default:
      return undefined;
  }
}

const keyColumnsOf = (index: Index): readonly { readonly column: number; readonly descending: boolean }[] =>
  index.columns.filter(column => !column.included);

/** The reading of one index that the limits allow, undefined where they say nothing about its first column. */
export function accessBy(
  index: Index,
  table: Table,
  limits: readonly Limit[],
  tuples: readonly Tuple[],
): Access | undefined {
  if (index.disabled || index.filter !== undefined) return undefined;
  const columns = keyColumnsOf(index).map(key => table.columns.findIndex(column => column.id === key.column));
  if (columns.length === 0) return undefined;
  const fixed: Bound[] = [];
  for (const column of columns) {
    const equal = limits.find(limit => limit.column === column && limit.operator === '=');
    const value = equal?.values[0];
    if (value === undefined) break;
    fixed.push(value);
  }
  const next = columns[fixed.length];
  const list = limits.find(limit => limit.column === next && limit.operator === 'in');
  const lows = limits.filter(
    limit => limit.column === next && (limit.operator === '>' || limit.operator === '>='),
  );
  const highs = limits.filter(
    limit => limit.column === next && (limit.operator === '<' || limit.operator === '<='),
  );
  const tuple = tuples.find(one => one.columns.every((column, at) => column === columns[fixed.length + at]));
  const base = { index, fixed: fixed.length, unique: index.unique && fixed.length === columns.length };
  if (list !== undefined && lows.length + highs.length === 0)
    return {
      ...base,
      bounded: true,
      single: list.values.length === 1,
      ranges: listRanges(index, fixed, list.values, table.columns[list.column]?.type),
    };
  const bounded = lows.length + highs.length > 0 || tuple !== undefined;
  if (fixed.length === 0 && !bounded) return undefined;
  return {
    ...base,
    bounded,
    single: true,
    ranges: (row, context) => plainRange(index, fixed, lows, highs, tuple, row, context),
  };
}

function values(
  bounds: readonly Bound[],
  row: Row,
  context: Evaluation,
): { values: Value[]; empty: boolean } | undefined {
  const result: Value[] = [];
  for (const bound of bounds) {
    const value = bound(row, context);
    if (value === undefined) return undefined;
    if (value.value === null) return { values: [], empty: true };
    result.push(value.value);
  }
  return { values: result, empty: false };
}

function plainRange(
  index: Index,
  fixed: readonly Bound[],
  lows: readonly Limit[],
  highs: readonly Limit[],
  tuple: Tuple | undefined,
  row: Row,
  context: Evaluation,
): readonly Range[] | undefined {
  const prefix = values(fixed, row, context);
  if (prefix === undefined) return undefined;
  if (prefix.empty) return [];
  let low: Edge | undefined = prefix.values.length > 0 ? { key: prefix.values, inclusive: true } : undefined;
  let high = low;
  const edge = (bound: Bound | undefined, strict: boolean): Edge | 'empty' | undefined => {
    const value = bound?.(row, context);
    if (value === undefined) return undefined;
    if (value.value === null) return 'empty';
    return { key: [...prefix.values, value.value], inclusive: !(strict && value.exact) };
  };
  const lowest = edge(lows[0]?.values[0], lows[0]?.operator === '>');
  const highest = edge(highs[0]?.values[0], highs[0]?.operator === '<');
  if (lowest === 'empty' || highest === 'empty') return [];
  low = lowest ?? low;
  high = highest ?? high;
  if (tuple !== undefined && (tuple.columns.length > 1 || lows.length + highs.length === 0)) {
    const bounds: Value[] = [];
    let exact = true;
    for (const bound of tuple.values) {
      const value = bound(row, context);
      if (value === undefined || value.value === null) {
        exact = false;
        break;
      }
      bounds.push(value.value);
      if (!value.exact) {
        exact = false;
        break;
      }
    }
    if (bounds.length > 0) {
      const whole = exact && bounds.length === tuple.values.length;
      const own: Edge = {
        key: [...prefix.values, ...bounds],
        inclusive: !whole || tuple.operator.endsWith('='),
      };
      if (tuple.operator.startsWith('>')) low = own;
      else high = own;
    }
  }
  return [
    { indexId: index.id, ...(low === undefined ? {} : { low }), ...(high === undefined ? {} : { high }) },
  ];
}

function listRanges(
  index: Index,
  fixed: readonly Bound[],
  list: readonly Bound[],
  type: SqlType | undefined,
): Access['ranges'] {
  return (row, context) => {
    const prefix = values(fixed, row, context);
    if (prefix === undefined || type === undefined) return undefined;
    if (prefix.empty) return [];
    const keyOf = comparisonKey(type);
    const keys = new Map<string | number | bigint, Value>();
    for (const bound of list) {
      const value = bound(row, context);
      if (value === undefined) return undefined;
      if (value.value !== null) keys.set(keyOf(value.value), value.value);
    }
    return [...keys.values()].map(value => {
      const edge: Edge = { key: [...prefix.values, value], inclusive: true };
      return { indexId: index.id, low: edge, high: edge };
    });
  };
}
