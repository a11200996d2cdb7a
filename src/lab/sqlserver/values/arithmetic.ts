import { type ArithmeticOperator, operatorName } from './arithmetic-types.ts';
import { cutBytes } from './bytes.ts';
import { FIRST_DATETIME, LAST_DATETIME, LAST_SMALLDATETIME } from './calendar.ts';
import { collation } from './collation.ts';
import { implicitConverter } from './convert.ts';
import { divideRounded, fits, rescale, tenTo } from './decimals.ts';
import { badOperand, divideByZero, overflow } from './faults.ts';
import { typeName } from './names.ts';
import { asDecimal, isBinary, isString } from './precedence.ts';
import type { SqlType, Value } from './types.ts';

type Operation = (left: Value, right: Value) => Value;
type Operator = ArithmeticOperator;

interface Range {
  readonly low: number;
  readonly high: number;
}

const RANGES: Partial<Record<SqlType['kind'], Range>> = {
  bit: { low: 0, high: 1 },
  tinyint: { low: 0, high: 255 },
  smallint: { low: -32_768, high: 32_767 },
  int: { low: -2_147_483_648, high: 2_147_483_647 },
};

const MONEY_LIMITS: Partial<Record<SqlType['kind'], bigint>> = {
  money: 1n << 63n,
  smallmoney: 1n << 31n,
};

const notOperand = (): never => {
  throw new TypeError('operands do not have the types they were bound with');
};

const onNumbers =
  (compute: (left: number, right: number) => number): Operation =>
  (left, right) =>
    typeof left === 'number' && typeof right === 'number' ? compute(left, right) : notOperand();

const onBigints =
  (compute: (left: bigint, right: bigint) => bigint): Operation =>
  (left, right) =>
    typeof left === 'bigint' && typeof right === 'bigint' ? compute(left, right) : notOperand();

function integers(operator: Operator, type: SqlType): Operation {
  const { low, high } = RANGES[type.kind] ?? { low: 0, high: 0 };
  const name = typeName(type);
  const checked = (value: number): number => {
    if (value < low || value > high) throw overflow(name);
    return value;
  };
  switch (operator) {
    case '+':
      return onNumbers((a, b) => checked(a + b));
    case '-':
      return onNumbers((a, b) => checked(a - b));
    case '*':
      return onNumbers((a, b) => checked(a * b + 0));
    case '/':
      return onNumbers((a, b) => {
        if (b === 0) throw divideByZero();
        return checked(Math.trunc(a / b) + 0);
      });
    case '%':
      return onNumbers((a, b) => {
        if (b === 0) throw divideByZero();
        return (a % b) + 0;
      });
    case '&':
      return onNumbers((a, b) => a & b);
    case '|':
      return onNumbers((a, b) => a | b);
    case '^':
      return onNumbers((a, b) => a ^ b);
  }
}

function bigints(operator: Operator): Operation {
  const checked = (value: bigint): bigint => {
    if (value !== BigInt.asIntN(64, value)) throw overflow('bigint');
    return value;
  };
  switch (operator) {
    case '+':
      return onBigints((a, b) => checked(a + b));
    case '-':
      return onBigints((a, b) => checked(a - b));
    case '*':
      return onBigints((a, b) => checked(a * b));
    case '/':
      return onBigints((a, b) => {
        if (b === 0n) throw divideByZero();
        return checked(a / b);
      });
    case '%':
      return onBigints((a, b) => {
        if (b === 0n) throw divideByZero();
        return a % b;
      });
    case '&':
      return onBigints((a, b) => a & b);
    case '|':
      return onBigints((a, b) => a | b);
    case '^':
      return onBigints((a, b) => a ^ b);
  }
}

function decimals(operator: Operator, left: SqlType, right: SqlType, result: SqlType): Operation {
  const { scale: s1 } = asDecimal(left) ?? { scale: 0 };
  const { scale: s2 } = asDecimal(right) ?? { scale: 0 };
  const { precision, scale } = asDecimal(result) ?? { precision: 38, scale: 0 };
  const checked = (value: bigint): bigint => {
    if (!fits(value, precision)) throw overflow('numeric');
    return value;
  };
  const common = Math.max(s1, s2);
  const up1 = tenTo(common - s1);
  const up2 = tenTo(common - s2);
  switch (operator) {
    case '+':
      return onBigints((a, b) => checked(rescale(a * up1 + b * up2, common, scale)));
    case '-':
      return onBigints((a, b) => checked(rescale(a * up1 - b * up2, common, scale)));
    case '*':
      return onBigints((a, b) => checked(rescale(a * b, s1 + s2, scale)));
    case '/': {
      const power = scale + s2 - s1;
      return onBigints((a, b) => {
        if (b === 0n) throw divideByZero();
        return checked(power >= 0 ? (a * tenTo(power)) / b : a / (b * tenTo(-power)));
      });
    }
    case '%':
      return onBigints((a, b) => {
        if (b === 0n) throw divideByZero();
        return checked(rescale((a * up1) % (b * up2), common, scale));
      });
    default:
      throw badOperand('numeric', operatorName(operator));
  }
}

function moneys(operator: Operator, type: SqlType): Operation {
  const limit = MONEY_LIMITS[type.kind] ?? 0n;
  const name = typeName(type);
  const checked = (value: bigint): bigint => {
    if (value >= limit || value < -limit) throw overflow(name);
    return value;
  };
  switch (operator) {
    case '+':
      return onBigints((a, b) => checked(a + b));
    case '-':
      return onBigints((a, b) => checked(a - b));
    case '*':
      return onBigints((a, b) => checked(divideRounded(a * b, 10_000n)));
    case '/':
      return onBigints((a, b) => {
        if (b === 0n) throw divideByZero();
        return checked((a * 10_000n) / b);
      });
    case '%':
      return onBigints((a, b) => {
        if (b === 0n) throw divideByZero();
        return a % b;
      });
    default:
      throw badOperand(name, operatorName(operator));
  }
}

const MAX_REAL = 3.402_823_466_385_288_6e38;

function floats(operator: Operator, type: SqlType): Operation {
  const real = type.kind === 'real';
  const checked = (value: number): number => {
    const result = real ? Math.fround(value) : value;
    if (!Number.isFinite(result) || (real && Math.abs(result) > MAX_REAL)) throw overflow(type.kind);
    return result;
  };
  switch (operator) {
    case '+':
      return onNumbers((a, b) => checked(a + b));
    case '-':
      return onNumbers((a, b) => checked(a - b));
    case '*':
      return onNumbers((a, b) => checked(a * b));
    case '/':
      return onNumbers((a, b) => {
        if (b === 0) throw divideByZero();
        return checked(a / b);
      });
    default:
      throw badOperand(type.kind, operatorName(operator));
  }
}

function dates(operator: Operator, type: SqlType): Operation {
  const datetime = type.kind === 'datetime';
  const low = datetime ? FIRST_DATETIME : 0;
  const high = datetime ? LAST_DATETIME : LAST_SMALLDATETIME;
  const sign = operator === '-' ? -1 : 1;
  return onNumbers((a, b) => {
    const value = a + sign * b;
    if (value < low || value > high) throw overflow(type.kind);
    return value;
  });
}

function texts(result: SqlType): Operation {
  const most = isString(result) && result.length !== 'max' ? result.length : Number.POSITIVE_INFINITY;
  const bytes = isString(result) && result.kind === 'varchar' ? collation(result.collation) : undefined;
  const cut = (text: string): string => {
    if (bytes === undefined || bytes.codePage === 1252)
      return text.length > most ? text.slice(0, most) : text;
    return bytes.byteLength(text) > most ? cutBytes(text, most) : text;
  };
  // Between varchar and nvarchar a text stays as it is: only its type changes.
  return (a, b) => (typeof a === 'string' && typeof b === 'string' ? cut(a + b) : notOperand());
}

function binaries(result: SqlType): Operation {
  const most = isBinary(result) && result.length !== 'max' ? result.length : Number.POSITIVE_INFINITY;
  return (a, b) => {
    if (!(a instanceof Uint8Array && b instanceof Uint8Array)) return notOperand();
    const joined = new Uint8Array(Math.min(most, a.length + b.length));
    joined.set(a.subarray(0, joined.length));
    joined.set(b.subarray(0, joined.length - a.length), a.length);
    return joined;
  };
}

const isDecimal = (type: SqlType): boolean => type.kind === 'decimal' || type.kind === 'numeric';

/** Decimals keep their own scale; whole numbers and money become the decimal they are. */
function decimalOperand(type: SqlType, result: SqlType): SqlType {
  const digits = asDecimal(type);
  return digits === undefined
    ? result
    : { kind: 'decimal', precision: digits.precision, scale: digits.scale };
}

function operation(operator: Operator, left: SqlType, right: SqlType, result: SqlType): Operation {
  switch (result.kind) {
    case 'bit':
    case 'tinyint':
    case 'smallint':
    case 'int':
      return integers(operator, result);
    case 'bigint':
      return bigints(operator);
    case 'decimal':
    case 'numeric':
      return decimals(operator, left, right, result);
    case 'money':
    case 'smallmoney':
      return moneys(operator, result);
    case 'float':
    case 'real':
      return floats(operator, result);
    case 'datetime':
    case 'smalldatetime':
      return dates(operator, result);
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar':
      return texts(result);
    case 'binary':
    case 'varbinary':
      return binaries(result);
    default:
      throw badOperand(typeName(result), operatorName(operator));
  }
}

/**
 * `left operator right` over values of these types (as they are, neither null); `result` is `arithmeticType`'s.
 *
 * @throws SqlError 8115, 8134, and what converting an operand throws (245, 8114), when it is computed
 */
export function arithmetic(operator: Operator, left: SqlType, right: SqlType, result: SqlType): Operation {
  if (isString(result) || isBinary(result)) return operation(operator, left, right, result);
  const leftType = isDecimal(result) ? decimalOperand(left, result) : result;
  const rightType = isDecimal(result) ? decimalOperand(right, result) : result;
  const compute = operation(operator, leftType, rightType, result);
  const convertLeft = sameRepresentation(left, leftType) ? undefined : implicitConverter(left, leftType);
  const convertRight = sameRepresentation(right, rightType) ? undefined : implicitConverter(right, rightType);
  if (convertLeft === undefined && convertRight === undefined) return compute;
  return (a, b) => compute(convertLeft?.(a) ?? a, convertRight?.(b) ?? b);
}

const sameRepresentation = (from: SqlType, to: SqlType): boolean => {
  if (isDecimal(from) && isDecimal(to)) return true;
  return from.kind === to.kind;
};

export interface Unary {
  readonly type: SqlType;
  readonly apply: (value: Value) => Value;
}

/** `-x`; tinyint becomes smallint, a text a number is refused. */
export function negate(type: SqlType): Unary {
  switch (type.kind) {
    case 'tinyint':
      return {
        type: { kind: 'smallint' },
        apply: value => (typeof value === 'number' ? 0 - value : notOperand()),
      };
    case 'smallint':
    case 'int': {
      const { high } = RANGES[type.kind] ?? { high: 0 };
      return {
        type,
        apply: value => {
          if (typeof value !== 'number') return notOperand();
          if (-value > high) throw overflow(type.kind);
          return 0 - value;
        },
      };
    }
    case 'real':
    case 'float':
      return { type, apply: value => (typeof value === 'number' ? 0 - value : notOperand()) };
    case 'bigint':
    case 'money':
    case 'smallmoney': {
      const limit = type.kind === 'smallmoney' ? 1n << 31n : 1n << 63n;
      return {
        type,
        apply: value => {
          if (typeof value !== 'bigint') return notOperand();
          if (-value >= limit) throw overflow(type.kind);
          return -value;
        },
      };
    }
    case 'decimal':
    case 'numeric':
      return { type, apply: value => (typeof value === 'bigint' ? -value : notOperand()) };
    default:
      throw badOperand(typeName(type), 'minus');
  }
}

/** `~x` over whole numbers. */
export function invert(type: SqlType): Unary {
  switch (type.kind) {
    case 'bit':
      return { type, apply: value => (value === 0 ? 1 : 0) };
    case 'tinyint':
      return { type, apply: value => (typeof value === 'number' ? ~value & 0xff : notOperand()) };
    case 'smallint':
    case 'int':
      return { type, apply: value => (typeof value === 'number' ? ~value : notOperand()) };
    case 'bigint':
      return { type, apply: value => (typeof value === 'bigint' ? ~value : notOperand()) };
    default:
      throw badOperand(typeName(type), "'~'");
  }
}
