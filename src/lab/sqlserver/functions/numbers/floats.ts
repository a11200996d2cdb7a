import { SqlError } from '../../errors.ts';
import { divideRounded, fits, floatUnits, tenTo, unitsToFloat } from '../../values/decimals.ts';
import { overflow } from '../../values/faults.ts';
import { asDecimal, FLOAT, type SqlType, type Value } from '../../values/index.ts';
import { floatArgument, intArgument } from '../arguments.ts';
import { define } from '../define.ts';
import { asNumber, numberType } from './rounding.ts';

/** Functions that compute in float. */

const invalid = (): SqlError => new SqlError(3623, 'An invalid floating point operation occurred.');

/** What is no number or infinite is an error, not a value. */
const checked = (value: number): number => {
  if (Number.isNaN(value)) throw invalid();
  if (!Number.isFinite(value)) throw overflow('float');
  return value + 0;
};

const real = (name: string, apply: (value: number) => number) =>
  define({
    name,
    count: 1,
    type: FLOAT,
    evaluate: ([value = null], [type]) => checked(apply(floatArgument(value, type) ?? 0)),
  });

const positive = (apply: (value: number) => number) => (value: number) => {
  if (value <= 0) throw invalid();
  return apply(value);
};

const log = define({
  name: 'log',
  count: [1, 2],
  type: FLOAT,
  evaluate: ([value = null, base], types) => {
    const number = floatArgument(value, types[0]) ?? 0;
    if (number <= 0) throw invalid();
    if (base === undefined) return checked(Math.log(number));
    const foot = floatArgument(base, types[1]) ?? 0;
    if (foot <= 0 || foot === 1) throw invalid();
    return checked(Math.log(number) / Math.log(foot));
  },
});

const atn2 = define({
  name: 'atn2',
  count: 2,
  type: FLOAT,
  evaluate: ([y = null, x = null], types) =>
    checked(Math.atan2(floatArgument(y, types[0]) ?? 0, floatArgument(x, types[1]) ?? 0)),
});

/** Here in float alone, whatever the argument is. */
const angles = [
  real('degrees', value => (value * 180) / Math.PI),
  real('radians', value => (value * Math.PI) / 180),
];

const powerType = (type: SqlType | undefined): SqlType => {
  const target = numberType(type, 'power');
  return target.kind === 'decimal' || target.kind === 'numeric' ? { ...target, precision: 38 } : target;
};

const tooLarge = (type: SqlType, value: number): SqlError =>
  type.kind === 'int'
    ? new SqlError(232, `Arithmetic overflow error for type int, value = ${value.toFixed(6)}.`, { state: 3 })
    : overflow(type.kind === 'decimal' ? 'numeric' : type.kind);

/** Whole exponents are computed exactly for exact numbers. */
function power(value: Value, exponent: number, type: SqlType): Value {
  const scale = asDecimal(type)?.scale ?? 0;
  const number = typeof value === 'bigint' ? unitsToFloat(value, scale) : Number(value);
  if (number === 0 && exponent < 0) throw invalid();
  const approximate = number ** exponent;
  if (type.kind === 'float') return checked(approximate);
  if (Number.isNaN(approximate)) throw invalid();
  if (!Number.isFinite(approximate) || Math.abs(approximate) > 1e38) throw tooLarge(type, approximate);
  if (typeof value === 'number') {
    if (Math.abs(approximate) >= 2_147_483_648) throw tooLarge(type, approximate);
    return Math.trunc(approximate) + 0;
  }
  if (typeof value !== 'bigint') return null;
  const units =
    Number.isInteger(exponent) && exponent >= 0 && exponent < 200
      ? exactPower(value, exponent, scale)
      : floatUnits(approximate, scale);
  const small = type.kind === 'bigint' || type.kind === 'money';
  if (small ? BigInt.asIntN(64, units) !== units : !fits(units, 38)) throw tooLarge(type, approximate);
  return units;
}

const exactPower = (value: bigint, exponent: number, scale: number): bigint =>
  exponent === 0
    ? tenTo(scale)
    : divideRounded(value ** BigInt(exponent), 10n ** BigInt(scale * (exponent - 1)));

const powerFunction = define({
  name: 'power',
  count: 2,
  type: ([type]) => powerType(type),
  evaluate: ([value = null, exponent = null], types) => {
    const type = powerType(types[0]);
    return power(asNumber(value, types[0], type), floatArgument(exponent, types[1]) ?? 0, type);
  },
});

const pi = define({ name: 'pi', count: 0, type: FLOAT, evaluate: () => Math.PI });

/** A number in [0, 1) from a seed: the same for the same seed, though not SQL Server's own. */
export function seeded(seed: number): number {
  let state = (seed ^ 0x9e37_79b9) >>> 0;
  for (let round = 0; round < 3; round++) {
    state = Math.imul(state ^ (state >>> 16), 0x85eb_ca6b) >>> 0;
    state = Math.imul(state ^ (state >>> 13), 0xc2b2_ae35) >>> 0;
    state = (state ^ (state >>> 16)) >>> 0;
  }
  return state / 2 ** 32;
}

const rand = define({
  name: 'rand',
  count: [0, 1],
  type: FLOAT,
  evaluate: ([seed], [type], context) =>
    seed === undefined ? context.instance.random.next() : seeded(intArgument(seed, type) ?? 0),
});

export const FLOATS = [
  real('sqrt', Math.sqrt),
  real('square', value => value * value),
  real('exp', Math.exp),
  real('log10', positive(Math.log10)),
  real('sin', Math.sin),
  real('cos', Math.cos),
  real('tan', Math.tan),
  real('cot', value => {
    if (value === 0) throw invalid();
    return 1 / Math.tan(value);
  }),
  real('asin', Math.asin),
  real('acos', Math.acos),
  real('atan', Math.atan),
  ...angles,
  log,
  atn2,
  powerFunction,
  pi,
  rand,
];
