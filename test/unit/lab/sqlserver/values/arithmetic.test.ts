import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ArithmeticOperator,
  arithmetic,
  arithmeticType,
  commonType,
  comparisonType,
  decimal,
  integerAsDecimal,
  invert,
  negate,
  type SqlType,
  textOf,
  typeText,
  type Value,
} from '../../../../../src/lab/sqlserver/values/index.ts';
import { outcome, type, value } from './types.ts';

const compute = (operator: ArithmeticOperator, left: SqlType, right: SqlType, a: Value, b: Value) => {
  const result = arithmeticType(operator, left, right);
  return { type: result, value: arithmetic(operator, left, right, result)(a, b) };
};

const say = (operator: ArithmeticOperator, left: string, a: string, right: string, b: string) =>
  outcome(() => {
    const result = compute(operator, type(left), type(right), value(a, left), value(b, right));
    return `${typeText(result.type)} ${textOf(result.value, result.type)}`;
  });

describe('types of results', () => {
  it.each([
    ['+', 'decimal(10,2)', 'decimal(5,4)', 'decimal(13,4)'],
    ['-', 'decimal(38,10)', 'decimal(38,10)', 'decimal(38,10)'],
    ['+', 'decimal(38,0)', 'decimal(38,38)', 'decimal(38,0)'],
    ['*', 'decimal(10,2)', 'decimal(5,4)', 'decimal(16,6)'],
    ['*', 'decimal(38,20)', 'decimal(38,20)', 'decimal(38,6)'],
    ['*', 'decimal(20,10)', 'decimal(20,10)', 'decimal(38,17)'],
    ['/', 'decimal(10,2)', 'decimal(5,4)', 'decimal(20,8)'],
    ['/', 'decimal(38,10)', 'decimal(38,10)', 'decimal(38,6)'],
    ['/', 'decimal(9,2)', 'int', 'numeric(20,13)'],
    ['/', 'numeric(21,6)', 'int', 'numeric(32,17)'],
    ['+', 'numeric(32,17)', 'numeric(32,17)', 'numeric(33,17)'],
    ['/', 'decimal(19,4)', 'decimal(19,4)', 'decimal(38,19)'],
    ['*', 'decimal(38,19)', 'decimal(19,4)', 'decimal(38,6)'],
    ['%', 'decimal(10,2)', 'decimal(5,4)', 'decimal(5,4)'],
    ['+', 'int', 'bigint', 'bigint'],
    ['+', 'tinyint', 'tinyint', 'tinyint'],
    ['/', 'money', 'int', 'money'],
    ['*', 'money', 'decimal(5,2)', 'numeric(25,6)'],
    ['+', 'real', 'int', 'real'],
    ['+', 'float', 'decimal(38,3)', 'float'],
    ['+', 'varchar(10)', 'nvarchar(20)', 'nvarchar(30)'],
    ['+', 'varchar(8000)', 'char(10)', 'varchar(8000)'],
    ['+', 'nvarchar(max)', 'varchar(5)', 'nvarchar(max)'],
    ['+', 'binary(3)', 'varbinary(4)', 'varbinary(7)'],
    ['+', 'datetime', 'int', 'datetime'],
    ['-', 'smalldatetime', 'datetime', 'datetime'],
    ['&', 'int', 'bit', 'int'],
    ['+', 'varchar(10)', 'int', 'int'],
  ] as const)('%s of %s and %s is %s', (operator, left, right, result) => {
    expect(typeText(arithmeticType(operator, type(left), type(right)))).toBe(result);
  });

  it.each([
    ['-', 'varchar(3)', 'varchar(3)', 8117],
    ['+', 'varbinary(3)', 'varchar(3)', 402],
    ['+', 'bit', 'bit', 402],
    ['%', 'float', 'int', 402],
    ['+', 'date', 'int', 206],
    ['+', 'datetime', 'date', 402],
    ['*', 'datetime', 'int', 206],
    ['+', 'uniqueidentifier', 'uniqueidentifier', 8117],
    ['+', 'text', 'varchar(5)', 402],
    ['&', 'decimal(5,2)', 'int', 402],
  ] as const)('%s of %s and %s is error %i', (operator, left, right, number) => {
    expect(outcome(() => arithmeticType(operator, type(left), type(right)))).toBe(number);
  });

  it('takes an integer literal for the digits it has', () => {
    expect(typeText(arithmeticType('/', decimal(2, 1), integerAsDecimal(3)))).toBe('numeric(7,6)');
  });
});

describe('results', () => {
  it.each([
    ['/', 'int', '7', 'int', '-2', 'int -3'],
    ['%', 'int', '-7', 'int', '2', 'int -1'],
    ['+', 'int', '2147483647', 'int', '1', 8115],
    ['*', 'bigint', '9223372036854775807', 'int', '2', 8115],
    ['-', 'tinyint', '1', 'tinyint', '2', 8115],
    ['/', 'int', '1', 'int', '0', 8134],
    ['%', 'decimal(5,2)', '1', 'decimal(5,2)', '0', 8134],
    ['/', 'float', '1', 'float', '0', 8134],
    ['/', 'decimal(1,0)', '2', 'decimal(1,0)', '3', 'decimal(7,6) 0.666666'],
    ['*', 'decimal(38,0)', '99999999999999999999999999999999999999', 'decimal(38,0)', '2', 8115],
    ['*', 'money', '1.2345', 'money', '2', 'money 2.47'],
    ['/', 'money', '2', 'money', '3', 'money 0.67'],
    ['+', 'datetime', '2026-01-31', 'int', '1', 'datetime Feb  1 2026 12:00AM'],
    ['+', 'datetime', '9999-12-31', 'int', '1', 8115],
    ['-', 'datetime', '2026-01-02', 'datetime', '2026-01-01', 'datetime Jan  2 1900 12:00AM'],
    ['+', 'varchar(3)', '12', 'int', '30', 'int 42'],
    ['+', 'varchar(3)', 'a', 'int', '30', 245],
    ['^', 'int', '12', 'int', '10', 'int 6'],
  ] as const)('%s: %s %s and %s %s', (operator, left, a, right, b, result) => {
    expect(say(operator, left, a, right, b)).toBe(result);
  });

  it('cuts a quotient of money, rounds a product', () => {
    const money = type('money');
    expect(compute('/', money, money, 10_000n, 184_172n).value).toBe(542n);
    expect(compute('*', money, money, 184_172n, 11_562n).value).toBe(212_940n);
  });

  it('rounds a product that loses digits', () => {
    const third = compute('/', type('decimal(19,4)'), type('decimal(19,4)'), 10_000n, 30_000n);
    expect(compute('*', third.type, type('decimal(19,4)'), third.value, 30_000n).value).toBe(1_000_000n);
  });

  it('cuts a concatenation at 8000 bytes', () => {
    const long = 'x'.repeat(8000);
    const result = compute('+', type('varchar(8000)'), type('varchar(5)'), long, 'abc');
    expect(result.value).toBe(long);
  });

  it('negates and inverts', () => {
    expect(typeText(negate(type('tinyint')).type)).toBe('smallint');
    expect(negate(type('int')).apply(0)).toBe(0);
    expect(outcome(() => negate(type('int')).apply(-2_147_483_648))).toBe(8115);
    expect(invert(type('tinyint')).apply(1)).toBe(254);
    expect(outcome(() => negate(type('varchar(3)')))).toBe(8117);
  });
});

interface Number10 {
  readonly units: bigint;
  readonly precision: number;
  readonly scale: number;
}

const decimals = fc
  .tuple(fc.integer({ min: 1, max: 38 }), fc.integer({ min: 0, max: 38 }))
  .chain(([precision, wanted]) => {
    const scale = Math.min(precision, wanted);
    const limit = 10n ** BigInt(precision) - 1n;
    return fc.bigInt({ min: -limit, max: limit }).map((units): Number10 => ({ units, precision, scale }));
  });

/** |a - b| < 1 unit of the result, by exact fractions: numerator/denominator against result/10^scale. */
const near = (numerator: bigint, denominator: bigint, result: bigint, scale: number): boolean => {
  const left = numerator * 10n ** BigInt(scale);
  const right = result * denominator;
  const difference = left > right ? left - right : right - left;
  return difference < (denominator < 0n ? -denominator : denominator);
};

describe('decimals against fractions', () => {
  const exactly: Readonly<Record<'+' | '-' | '*' | '/', (a: Number10, b: Number10) => [bigint, bigint]>> = {
    '+': (a, b) => [
      a.units * 10n ** BigInt(b.scale) + b.units * 10n ** BigInt(a.scale),
      10n ** BigInt(a.scale + b.scale),
    ],
    '-': (a, b) => [
      a.units * 10n ** BigInt(b.scale) - b.units * 10n ** BigInt(a.scale),
      10n ** BigInt(a.scale + b.scale),
    ],
    '*': (a, b) => [a.units * b.units, 10n ** BigInt(a.scale + b.scale)],
    '/': (a, b) => [a.units * 10n ** BigInt(b.scale), b.units * 10n ** BigInt(a.scale)],
  };

  it.each(['+', '-', '*', '/'] as const)('%s is right to its last digit or overflows', operator => {
    fc.assert(
      fc.property(decimals, decimals, (a, b) => {
        fc.pre(operator !== '/' || b.units !== 0n);
        const left = decimal(a.precision, a.scale);
        const right = decimal(b.precision, b.scale);
        const result = arithmeticType(operator, left, right);
        if (result.kind !== 'decimal') throw new Error(result.kind);
        expect(result.precision).toBeLessThanOrEqual(38);
        expect(result.scale).toBeLessThanOrEqual(result.precision);
        const [numerator, denominator] = exactly[operator](a, b);
        const answer = outcome(() => arithmetic(operator, left, right, result)(a.units, b.units));
        if (answer === 8115) {
          const magnitude = (numerator * 10n ** BigInt(result.scale)) / denominator;
          expect(magnitude < 0n ? -magnitude + 1n : magnitude + 1n).toBeGreaterThanOrEqual(
            10n ** BigInt(result.precision),
          );
        } else if (typeof answer === 'bigint') {
          expect(near(numerator, denominator, answer, result.scale)).toBe(true);
        } else throw new Error(String(answer));
      }),
      { numRuns: 200 },
    );
  });

  it('int arithmetic is that of bigint, or overflows', () => {
    const ints = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    fc.assert(
      fc.property(
        ints,
        ints,
        fc.constantFrom<ArithmeticOperator>('+', '-', '*', '/', '%'),
        (a, b, operator) => {
          fc.pre(b !== 0);
          const [x, y] = [BigInt(a), BigInt(b)];
          const exact = {
            '+': x + y,
            '-': x - y,
            '*': x * y,
            '/': x / y,
            '%': x % y,
            '&': 0n,
            '|': 0n,
            '^': 0n,
          }[operator];
          const answer = outcome(() => compute(operator, type('int'), type('int'), a, b).value);
          expect(answer).toBe(BigInt.asIntN(32, exact) === exact ? Number(exact) : 8115);
        },
      ),
    );
  });
});

describe('common types', () => {
  it.each([
    [['int', 'varchar(5)'], 'int'],
    [['decimal(10,2)', 'decimal(5,4)'], 'decimal(12,4)'],
    [['decimal(38,0)', 'decimal(38,38)'], 'decimal(38,0)'],
    [['int', 'decimal(5,2)'], 'numeric(12,2)'],
    [['varchar(5)', 'nvarchar(3)'], 'nvarchar(5)'],
    [['char(5)', 'char(3)'], 'char(5)'],
    [['date', 'datetime'], 'datetime'],
    [['datetime2(3)', 'datetimeoffset(0)'], 'datetimeoffset(3)'],
    [['uniqueidentifier', 'varchar(40)'], 'uniqueidentifier'],
    [['money', 'smallmoney'], 'money'],
    [['real', 'decimal(5,2)'], 'real'],
  ])('of %j is %s', (types, result) => {
    expect(typeText(commonType(types.map(text => type(text))))).toBe(result);
  });

  it.each([
    [['int', 'date'], 206],
    [['datetime', 'uniqueidentifier'], 206],
    [['int', 'sql_variant'], 'sql_variant'],
  ])('of %j is %s', (types, result) => {
    expect(outcome(() => typeText(commonType(types.map(text => type(text)))))).toBe(result);
  });

  it('compares only what can be compared', () => {
    expect(outcome(() => comparisonType(type('text'), type('varchar(5)')))).toBe(402);
    expect(typeText(comparisonType(type('datetime2(0)'), type('varchar(5)')))).toBe('datetime2(7)');
    expect(outcome(() => comparisonType(type('varchar(5)'), type('varchar(5)', 'Latin1_General_BIN')))).toBe(
      468,
    );
  });

  it('of NULLs alone is int', () => {
    expect(commonType([undefined, undefined])).toEqual({ kind: 'int' });
  });
});
