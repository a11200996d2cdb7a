import { divideRounded, fits, tenTo } from '../../values/decimals.ts';
import { overflow } from '../../values/faults.ts';
import {
  asDecimal,
  commonType,
  comparator,
  converter,
  FLOAT,
  negate,
  type SqlType,
  type Value,
} from '../../values/index.ts';
import { badArgument, intArgument, reader } from '../arguments.ts';
import { define, type Types } from '../define.ts';

/** Functions that keep the type of their number: ABS, CEILING, FLOOR, ROUND, SIGN; GREATEST and LEAST. */

/** The type in which a number is computed: small integers as int, texts as float. */
export function numberType(type: SqlType | undefined, name: string): SqlType {
  if (type === undefined) return FLOAT;
  switch (type.kind) {
    case 'bit':
    case 'real':
    case 'float':
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar':
      return FLOAT;
    case 'tinyint':
    case 'smallint':
    case 'int':
      return { kind: 'int' };
    case 'money':
    case 'smallmoney':
      return { kind: 'money' };
    case 'bigint':
    case 'decimal':
    case 'numeric':
      return type;
    default:
      throw badArgument(type, 1, name);
  }
}

const floatReader = reader(FLOAT);
const moneyReader = reader({ kind: 'money' });

/** A value in the type that `numberType` chose. */
export function asNumber(value: Value, type: SqlType | undefined, target: SqlType): Value {
  if (target.kind === 'float') return floatReader(value, type);
  return target.kind === 'money' ? moneyReader(value, type) : value;
}

const abs = define({
  name: 'abs',
  count: 1,
  type: ([type]) => numberType(type, 'abs'),
  evaluate: ([value = null], [type]) => {
    const target = numberType(type, 'abs');
    const number = asNumber(value, type, target);
    const negative = (typeof number === 'number' || typeof number === 'bigint') && number < 0;
    return negative ? negate(target).apply(number) : number;
  },
});

const sign = define({
  name: 'sign',
  count: 1,
  type: ([type]) => numberType(type, 'sign'),
  evaluate: ([value = null], [type]) => {
    const target = numberType(type, 'sign');
    const number = asNumber(value, type, target);
    if (typeof number === 'number') return Math.sign(number) + 0;
    if (typeof number !== 'bigint') return null;
    const one = tenTo(asDecimal(target)?.scale ?? 0);
    return number > 0n ? one : number < 0n ? -one : 0n;
  },
});

/** Whole part with no scale of its own: decimal(p,s) gives decimal(p,0). */
const wholeType = (type: SqlType): SqlType =>
  type.kind === 'decimal' || type.kind === 'numeric' ? { ...type, scale: 0 } : type;

function towards(value: Value, target: SqlType, up: boolean): Value {
  if (typeof value === 'number') return (up ? Math.ceil(value) : Math.floor(value)) + 0;
  if (typeof value !== 'bigint') return null;
  const one = tenTo(asDecimal(target)?.scale ?? 0);
  const cut = value / one;
  const rest = value % one;
  const whole = rest === 0n ? cut : up ? (rest > 0n ? cut + 1n : cut) : rest < 0n ? cut - 1n : cut;
  return target.kind === 'money' ? whole * one : whole;
}

const whole = (name: 'ceiling' | 'floor') =>
  define({
    name,
    count: 1,
    type: ([type]) => wholeType(numberType(type, name)),
    evaluate: ([value = null], [type]) => {
      const target = numberType(type, name);
      return towards(asNumber(value, type, target), target, name === 'ceiling');
    },
  });

/** Digits of the exact value count; halves away from zero, or cut off. */
function roundExact(value: bigint, scale: number, digits: number, cut: boolean): bigint {
  if (digits >= scale) return value;
  const unit = tenTo(Math.min(60, scale - digits));
  return (cut ? value / unit : divideRounded(value, unit)) * unit;
}

function roundFloat(value: number, digits: number, cut: boolean): number {
  if (digits > 17 || !Number.isFinite(value)) return value;
  const [mantissa = '0', exponent = '0'] = value.toExponential().split('e');
  const scaled = Number(`${mantissa}e${Number(exponent) + digits}`);
  const rounded = cut ? Math.trunc(scaled) : Math.sign(scaled) * Math.round(Math.abs(scaled));
  return rounded / 10 ** digits + 0;
}

const round = define({
  name: 'round',
  count: [2, 3],
  type: ([type]) => numberType(type, 'round'),
  evaluate: ([value = null, digits = null, mode = 0], types) => {
    const target = numberType(types[0], 'round');
    const number = asNumber(value, types[0], target);
    const places = intArgument(digits, types[1]) ?? 0;
    const cut = types.length === 3 && intArgument(mode, types[2]) !== 0;
    if (typeof number === 'bigint') return roundBigint(number, target, places, cut);
    if (typeof number !== 'number') return null;
    if (target.kind !== 'int') return roundFloat(number, places, cut);
    const result = Number(roundExact(BigInt(number), 0, places, cut));
    if (Math.abs(result) > 2_147_483_647) throw overflow('int');
    return result;
  },
});

function roundBigint(value: bigint, type: SqlType, digits: number, cut: boolean): bigint {
  const { precision, scale } = asDecimal(type) ?? { precision: 38, scale: 0 };
  const result = roundExact(value, scale, digits, cut);
  const decimal = type.kind === 'decimal' || type.kind === 'numeric';
  if (decimal ? !fits(result, precision) : BigInt.asIntN(64, result) !== result) {
    throw overflow(decimal ? 'numeric' : type.kind);
  }
  return result;
}

const extreme = (name: 'greatest' | 'least') =>
  define({
    name,
    count: [1, 254],
    since: 2022,
    takesNull: true,
    type: (types: Types) => commonType(types),
    evaluate: (values, types) => {
      const target = commonType(types);
      const compare = comparator(target);
      let best: Value = null;
      for (const [place, value] of values.entries()) {
        if (value === null) continue;
        const converted = converter(types[place], target)(value);
        const order = best === null ? 1 : compare(converted, best);
        if (best === null || (name === 'greatest' ? order > 0 : order < 0)) best = converted;
      }
      return best;
    },
  });

export const ROUNDING = [
  abs,
  sign,
  whole('ceiling'),
  whole('floor'),
  round,
  extreme('greatest'),
  extreme('least'),
];
