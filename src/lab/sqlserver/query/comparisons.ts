import { SqlError } from '../errors.ts';
import type { Comparison } from '../syntax/expressions.ts';
import { comparator, comparisonType, type SqlType, typeName, type Value } from '../values/index.ts';
import type { Binding } from './binding.ts';
import type { Evaluation, Row, Truth } from './bound.ts';
import {
  collationConflict,
  collationOf,
  convert,
  isBig,
  isLob,
  isNumber,
  isText,
  type Typed,
  typeOf,
  withCollation,
} from './typed.ts';

type Test = (row: Row, context: Evaluation) => Truth;

const OPERATION: Readonly<Record<Comparison, string>> = {
  '=': 'equal to',
  '<>': 'not equal to',
  '<': 'less than',
  '<=': 'less than or equal to',
  '>': 'greater than',
  '>=': 'greater than or equal to',
};

/** Both sides in the type they are compared in. */
export function comparable(
  left: Typed,
  right: Typed,
  binding: Binding,
  line: number,
  operation: string,
): { readonly left: Typed; readonly right: Typed; readonly type: SqlType } {
  for (const side of [left, right]) {
    if (side.untyped) continue;
    if (isLob(side.type))
      throw new SqlError(
        left.untyped || right.untyped || isLob(left.type) !== isLob(right.type) ? 402 : 306,
        isLob(left.type) !== isLob(right.type)
          ? `The data types ${typeName(left.type)} and ${typeName(right.type)} are incompatible in the ${operation} operator.`
          : 'The text, ntext, and image data types cannot be compared or sorted, except when using IS NULL or LIKE operator.',
        { line, endsBatch: true },
      );
    if (side.type.kind === 'xml')
      throw new SqlError(
        305,
        'The xml data type cannot be compared or sorted, except when using the IS NULL operator.',
        { line, endsBatch: true },
      );
  }
  const { collation, conflict } = collationOf([left, right], binding.scope.database.collation, line);
  if (conflict !== undefined) throw collationConflict(conflict[0], conflict[1], operation, line);
  const [a, b] = [agreed(left, collation), agreed(right, collation)];
  const type = withCollation(comparisonType(typeOf(a), typeOf(b)), collation);
  return { left: convert(a, type), right: convert(b, type), type };
}

const agreed = (side: Typed, collation: string): Typed =>
  isText(side.type) ? { ...side, type: withCollation(side.type, collation) } : side;

export function comparing(
  operator: Comparison,
  first: Typed,
  second: Typed,
  binding: Binding,
  line: number,
): Test {
  const { left, right, type } = comparable(first, second, binding, line, OPERATION[operator]);
  if (left.untyped || right.untyped) return () => null;
  if (isNumber(type)) return numbers(operator, left, right);
  if (isBig(type)) return bigs(operator, left, right);
  return general(operator, left, right, comparator(type));
}

export function distinctFrom(first: Typed, second: Typed, binding: Binding, line: number): Test {
  const { left, right, type } = comparable(first, second, binding, line, 'equal to');
  const compare = comparator(type);
  return (row, context) => {
    const a = left.evaluate(row, context);
    const b = right.evaluate(row, context);
    if (a === null || b === null) return a !== b;
    return compare(a, b) !== 0;
  };
}

/** Does a sign of comparison answer the operator? */
export function answers(operator: Comparison, sign: number): boolean {
  switch (operator) {
    case '=':
      return sign === 0;
    case '<>':
      return sign !== 0;
    case '<':
      return sign < 0;
    case '<=':
      return sign <= 0;
    case '>':
      return sign > 0;
    case '>=':
      return sign >= 0;
  }
}

/** The usual case, a column against a constant, costs no call. */
function numbers(operator: Comparison, left: Typed, right: Typed): Test {
  const a = left.evaluate;
  const b = right.evaluate;
  const { slot } = left;
  const value = right.value;
  if (slot !== undefined && typeof value === 'number') {
    const compare = numberTest(operator);
    return row => {
      const own = row[slot];
      return typeof own === 'number' ? compare(own, value) : null;
    };
  }
  const compare = numberTest(operator);
  return (row, context) => {
    const x = a(row, context);
    if (typeof x !== 'number') return null;
    const y = b(row, context);
    return typeof y === 'number' ? compare(x, y) : null;
  };
}

function numberTest(operator: Comparison): (left: number, right: number) => boolean {
  switch (operator) {
    case '=':
      return (left, right) => left === right;
    case '<>':
      return (left, right) => left !== right;
    case '<':
      return (left, right) => left < right;
    case '<=':
      return (left, right) => left <= right;
    case '>':
      return (left, right) => left > right;
    case '>=':
      return (left, right) => left >= right;
  }
}

function bigs(operator: Comparison, left: Typed, right: Typed): Test {
  const a = left.evaluate;
  const b = right.evaluate;
  return (row, context) => {
    const x = a(row, context);
    if (typeof x !== 'bigint') return null;
    const y = b(row, context);
    if (typeof y !== 'bigint') return null;
    return answers(operator, x < y ? -1 : x > y ? 1 : 0);
  };
}

function general(
  operator: Comparison,
  left: Typed,
  right: Typed,
  compare: (a: Value, b: Value) => number,
): Test {
  const a = left.evaluate;
  const b = right.evaluate;
  if (operator === '=')
    return (row, context) => {
      const x = a(row, context);
      if (x === null) return null;
      const y = b(row, context);
      return y === null ? null : x === y || compare(x, y) === 0;
    };
  return (row, context) => {
    const x = a(row, context);
    if (x === null) return null;
    const y = b(row, context);
    return y === null ? null : answers(operator, compare(x, y));
  };
}
