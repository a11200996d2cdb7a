import { badOperand, clash, incompatible } from './faults.ts';
import { demandImplicit } from './implicit.ts';
import { typeName } from './names.ts';
import { asDecimal, isBinary, isString, isWide, rank, sameCollation } from './precedence.ts';
import type { Length, SqlType } from './types.ts';

/** Which type `left operator right` has. */

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '&' | '|' | '^';

const NAMES: Readonly<Record<ArithmeticOperator, string>> = {
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
  '/': 'divide',
  '%': 'modulo',
  '&': "'&'",
  '|': "'|'",
  '^': "'^'",
};

export const operatorName = (operator: ArithmeticOperator): string => NAMES[operator];

const isBitwise = (operator: ArithmeticOperator): boolean =>
  operator === '&' || operator === '|' || operator === '^';

interface Digits {
  readonly precision: number;
  readonly scale: number;
}

const MOST = 38;
const LEAST_SCALE = 6;

/** SQL Server's rule for results with more than 38 digits: the integral part first, then at least 6 digits of the scale. */
function capProduct(precision: number, scale: number): Digits {
  if (precision <= MOST) return { precision, scale };
  const whole = precision - scale;
  if (whole < MOST - LEAST_SCALE) return { precision: MOST, scale: Math.min(scale, MOST - whole) };
  return { precision: MOST, scale: Math.min(scale, LEAST_SCALE) };
}

/** Precision and scale of a result of two decimals, as SQL Server computes them. */
export function decimalResult(operator: ArithmeticOperator, left: Digits, right: Digits): Digits {
  const { precision: p1, scale: s1 } = left;
  const { precision: p2, scale: s2 } = right;
  switch (operator) {
    case '*':
      return capProduct(p1 + p2 + 1, s1 + s2);
    case '/': {
      const scale = Math.max(LEAST_SCALE, s1 + p2 + 1);
      return capProduct(p1 - s1 + s2 + scale, scale);
    }
    case '%':
      return { precision: Math.min(p1 - s1, p2 - s2) + Math.max(s1, s2), scale: Math.max(s1, s2) };
    default: {
      const whole = Math.max(p1 - s1, p2 - s2);
      const scale = Math.max(s1, s2);
      const precision = whole + scale + 1;
      return precision <= MOST
        ? { precision, scale }
        : { precision: MOST, scale: Math.min(scale, Math.max(0, MOST - whole)) };
    }
  }
}

const add = (left: Length, right: Length, most: number): Length =>
  left === 'max' || right === 'max' ? 'max' : Math.min(most, left + right);

/** `+` over texts or over binaries. */
function concatenation(left: SqlType, right: SqlType): SqlType | undefined {
  if (isString(left) && isString(right)) {
    const collation = sameCollation(left.collation, right.collation);
    const wide = isWide(left) || isWide(right);
    return {
      kind: wide ? 'nvarchar' : 'varchar',
      length: add(left.length, right.length, wide ? 4000 : 8000),
      collation,
    };
  }
  if (isBinary(left) && isBinary(right))
    return { kind: 'varbinary', length: add(left.length, right.length, 8000) };
  return undefined;
}

const INTEGERS = new Set(['tinyint', 'smallint', 'int', 'bigint']);

const isInteger = (type: SqlType): boolean => INTEGERS.has(type.kind);
const isFloat = (type: SqlType): boolean => type.kind === 'float' || type.kind === 'real';
const isOldDate = (type: SqlType): boolean => type.kind === 'datetime' || type.kind === 'smalldatetime';
const isDateOrTime = (type: SqlType): boolean =>
  isOldDate(type) ||
  type.kind === 'date' ||
  type.kind === 'time' ||
  type.kind === 'datetime2' ||
  type.kind === 'datetimeoffset';

const isNumber = (type: SqlType): boolean => asDecimal(type) !== undefined || isFloat(type);

/**
 * Type of a result; `undefined` is the literal NULL.
 *
 * @throws SqlError 402, 8117, 206, 257 where the operator does not take these types
 */
export function arithmeticType(
  operator: ArithmeticOperator,
  left: SqlType | undefined,
  right: SqlType | undefined,
): SqlType {
  const a = left ?? right ?? { kind: 'int' };
  const b = right ?? a;
  if (operator === '+') {
    const text = concatenation(a, b);
    if (text !== undefined) return text;
  }
  const name = operatorName(operator);
  const refused = (): Error =>
    a.kind === b.kind ? badOperand(typeName(a), name) : incompatible(typeName(a), typeName(b), name);
  if (isBitwise(operator)) return bitwise(a, b, refused);
  if (isDateOrTime(a) || isDateOrTime(b)) return dateArithmetic(operator, a, b, refused);
  if (!isNumber(a) && !isNumber(b)) throw refused();
  const high = rank(a) <= rank(b) ? a : b;
  const low = high === a ? b : a;
  if (!isNumber(high)) throw clash(typeName(low), typeName(high));
  demandImplicit(low, high);
  if (isFloat(high)) {
    if (operator === '%') throw incompatible(typeName(a), typeName(b), name);
    return high;
  }
  if (high.kind === 'bit') throw incompatible(typeName(a), typeName(b), name);
  if (high.kind !== 'decimal' && high.kind !== 'numeric') return high;
  const digits = decimalResult(operator, asDecimal(a) ?? high, asDecimal(b) ?? high);
  return { kind: a.kind === 'decimal' && b.kind === 'decimal' ? 'decimal' : 'numeric', ...digits };
}

function bitwise(a: SqlType, b: SqlType, refused: () => Error): SqlType {
  const whole = (type: SqlType): boolean => isInteger(type) || type.kind === 'bit';
  if (whole(a) && whole(b)) return rank(a) <= rank(b) ? a : b;
  if (whole(a) && isBinary(b)) return a;
  if (whole(b) && isBinary(a)) return b;
  throw refused();
}

/** Only datetime and smalldatetime are added and subtracted; numbers are days. */
function dateArithmetic(operator: ArithmeticOperator, a: SqlType, b: SqlType, refused: () => Error): SqlType {
  const high = rank(a) <= rank(b) ? a : b;
  const low = high === a ? b : a;
  if (operator !== '+' && operator !== '-') {
    if (isDateOrTime(low)) throw refused();
    throw clash(typeName(low), typeName(high));
  }
  if (!isOldDate(high) || (isDateOrTime(low) && !isOldDate(low))) {
    if (isDateOrTime(low)) throw refused();
    throw isString(low) ? refused() : clash(typeName(low), typeName(high));
  }
  demandImplicit(low, high);
  return high;
}

/** An integer literal beside a decimal counts only the digits that it has: `1.0 / 3` has scale 6. */
export function integerAsDecimal(value: number | bigint): SqlType {
  const digits = value.toString().replace('-', '').length;
  return { kind: 'numeric', precision: digits, scale: 0 };
}
