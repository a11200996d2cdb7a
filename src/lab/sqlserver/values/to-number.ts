import { SqlError } from '../errors.ts';
import { UNITS_PER_DAY } from './calendar.ts';
import { divideRounded, fits, floatUnits, parseDecimal, rescale, tenTo, unitsToFloat } from './decimals.ts';
import { conversionFailed, errorConverting, overflow, overflowFrom, overflowValue } from './faults.ts';
import { typeName } from './names.ts';
import { asDecimal, isString } from './precedence.ts';
import type { SqlType, Value } from './types.ts';

/** Conversions into numbers. Exact ones go by way of a bigint and its scale, floats by way of a number. */

export type Conversion = (value: Value) => Value;

const wrong = (type: SqlType): never => {
  throw new TypeError(`not a value of ${type.kind}`);
};

interface Whole {
  readonly low: bigint;
  readonly high: bigint;
  readonly bytes: number;
}

const WHOLES: Partial<Record<SqlType['kind'], Whole>> = {
  tinyint: { low: 0n, high: 255n, bytes: 1 },
  smallint: { low: -32_768n, high: 32_767n, bytes: 2 },
  int: { low: -2_147_483_648n, high: 2_147_483_647n, bytes: 4 },
  bigint: { low: -(1n << 63n), high: (1n << 63n) - 1n, bytes: 8 },
};

const isOldDate = (type: SqlType): boolean => type.kind === 'datetime' || type.kind === 'smalldatetime';

/** Big-endian, the bytes on the right count; shorter ones are positive. */
function fromBytes(bytes: Uint8Array, width: number): bigint {
  const from = Math.max(0, bytes.length - width);
  let value: bigint;
  if (bytes.length - from <= EXACT_BYTES) {
    let number = 0;
    for (let at = from; at < bytes.length; at += 1) number = number * 256 + (bytes[at] ?? 0);
    value = BigInt(number);
  } else {
    value = 0n;
    for (const byte of bytes.subarray(from)) value = (value << 8n) | BigInt(byte);
  }
  return bytes.length >= width && width > 1 ? BigInt.asIntN(width * 8, value) : value;
}

/** So many bytes a number holds exactly; a bigint of each byte would cost ten times as much. */
const EXACT_BYTES = 6;

/** Units of 10^-scale of any exact number, and what a text says. */
export function exactOf(from: SqlType): ((value: Value) => bigint) | undefined {
  if (asDecimal(from) === undefined) return undefined;
  return value =>
    typeof value === 'bigint' ? value : typeof value === 'number' ? BigInt(value) : wrong(from);
}

/** Days since 1900-01-01 and the part of the day, for the two old date types. */
const daysAsFloat = (value: number, from: SqlType): number =>
  from.kind === 'datetime' ? value / UNITS_PER_DAY : value / 1440;

const WHOLE_TEXT = /^\s*([+-]?)\s*(\d+)\s*$/;
const BLANK = /^\s*$/;

export function toWhole(from: SqlType, to: SqlType): Conversion {
  const whole = WHOLES[to.kind] ?? { low: 0n, high: 0n, bytes: 1 };
  const name = typeName(to);
  const result = (value: bigint): Value => (to.kind === 'bigint' ? value : Number(value));
  const outside = (value: bigint): boolean => value < whole.low || value > whole.high;
  if (isString(from)) return text => result(wholeFromText(text, from, to, whole));
  const exact = exactOf(from);
  if (exact !== undefined) {
    const scale = asDecimal(from)?.scale ?? 0;
    const money = from.kind === 'money' || from.kind === 'smallmoney';
    return value => {
      const units = exact(value);
      const truncated = money ? divideRounded(units, tenTo(scale)) : units / tenTo(scale);
      if (outside(truncated)) throw wholeOverflow(from, to, truncated);
      return result(truncated);
    };
  }
  if (from.kind === 'float' || from.kind === 'real') {
    return value => {
      if (typeof value !== 'number') return wrong(from);
      const truncated = Math.trunc(value);
      if (Math.abs(truncated) > 1e19 || outside(BigInt(truncated))) {
        if (to.kind === 'bigint') throw overflow('bigint');
        throw new SqlError(232, `Arithmetic overflow error for type ${name}, value = ${value.toFixed(6)}.`, {
          state: 3,
        });
      }
      return result(BigInt(truncated));
    };
  }
  if (isOldDate(from)) {
    return value => {
      if (typeof value !== 'number') return wrong(from);
      const days = BigInt(Math.round(daysAsFloat(value, from)));
      if (outside(days)) throw overflowValue(name, String(days));
      return result(days);
    };
  }
  return value => (value instanceof Uint8Array ? result(fromBytes(value, whole.bytes)) : wrong(from));
}

function wholeOverflow(from: SqlType, to: SqlType, value: bigint): SqlError {
  if (from.kind === 'decimal' || from.kind === 'numeric') return overflowFrom('numeric', typeName(to), 2);
  if (from.kind === 'bigint' || to.kind === 'bigint' || to.kind === 'int') return overflow(typeName(to));
  return overflowValue(typeName(to), String(value));
}

const WIDTHS: Partial<Record<SqlType['kind'], readonly [number: number, name: string, hint: string]>> = {
  tinyint: [244, 'an INT1 column', ' Use a larger integer column.'],
  smallint: [244, 'an INT2 column', ' Use a larger integer column.'],
  int: [248, 'an int column', ''],
};

function wholeFromText(value: Value, from: SqlType, to: SqlType, whole: Whole): bigint {
  if (typeof value !== 'string') return wrong(from);
  if (BLANK.test(value)) return 0n;
  const [, sign = '', digits = ''] = WHOLE_TEXT.exec(value) ?? [];
  const name = typeName(to);
  if (digits === '') {
    throw to.kind === 'bigint'
      ? errorConverting(typeName(from), name)
      : conversionFailed(typeName(from), value, name);
  }
  const parsed = BigInt(sign === '-' ? `-${digits}` : digits);
  if (parsed >= whole.low && parsed <= whole.high) return parsed;
  const [number, place, hint] = WIDTHS[to.kind] ?? [];
  if (number === undefined) throw overflow(name);
  throw new SqlError(
    number,
    `The conversion of the ${typeName(from)} value '${value}' overflowed ${place}.${hint}`,
  );
}

export function toBit(from: SqlType): Conversion {
  if (isString(from)) {
    return value => {
      if (typeof value !== 'string') return wrong(from);
      const text = value.trim().toLowerCase();
      if (text === 'true') return 1;
      if (text === 'false' || text === '') return 0;
      if (!/^[+-]?\s*\d+$/.test(text)) throw conversionFailed(typeName(from), value, 'bit');
      return /[1-9]/.test(text) ? 1 : 0;
    };
  }
  return value => {
    if (value instanceof Uint8Array) return value.some(byte => byte !== 0) ? 1 : 0;
    if (typeof value === 'bigint') return value === 0n ? 0 : 1;
    return typeof value === 'number' ? Number(value !== 0) : wrong(from);
  };
}

export function toDecimal(from: SqlType, to: Extract<SqlType, { kind: 'decimal' | 'numeric' }>): Conversion {
  const { precision, scale } = to;
  const label = isString(from) ? typeName(from) : from.kind === 'decimal' ? 'numeric' : typeName(from);
  const checked = (value: bigint): bigint => {
    if (!fits(value, precision)) throw overflowFrom(label, 'numeric');
    return value;
  };
  if (isString(from)) {
    return value => {
      if (typeof value !== 'string') return wrong(from);
      const parsed = parseDecimal(value);
      if (parsed === undefined) throw errorConverting(label, 'numeric');
      return checked(rescale(parsed.units, parsed.scale, scale));
    };
  }
  const exact = exactOf(from);
  if (exact !== undefined) {
    const fromScale = asDecimal(from)?.scale ?? 0;
    return value => checked(rescale(exact(value), fromScale, scale));
  }
  if (from.kind === 'float' || from.kind === 'real') {
    return value => {
      if (typeof value !== 'number') return wrong(from);
      if (Math.abs(value) >= 1e39) throw overflowFrom(from.kind, 'numeric', 6);
      return checked(floatUnits(value, scale));
    };
  }
  if (isOldDate(from)) {
    const divisor = from.kind === 'datetime' ? BigInt(UNITS_PER_DAY) : 1440n;
    return value =>
      typeof value === 'number' ? checked(divideRounded(BigInt(value) * tenTo(scale), divisor)) : wrong(from);
  }
  throw new TypeError(`no way from ${from.kind} to decimal`);
}

const MONEY_TEXT = /^\s*([+-]?)\s*[$€£¥¤]?\s*([+-]?)\s*([\d,]*)(?:\.(\d*))?\s*$/;

export function toMoney(from: SqlType, to: SqlType): Conversion {
  const limit = to.kind === 'smallmoney' ? 1n << 31n : 1n << 63n;
  const name = typeName(to);
  const checked = (value: bigint): bigint => {
    if (value >= limit || value < -limit) throw overflow(name);
    return value;
  };
  if (isString(from)) {
    return value => {
      if (typeof value !== 'string') return wrong(from);
      const [whole, before = '', after = '', digits = '', part = ''] = MONEY_TEXT.exec(value) ?? [];
      if (
        whole === undefined ||
        (before !== '' && after !== '') ||
        (digits === '' && part === '' && value.trim() !== '')
      ) {
        throw new SqlError(235, 'Cannot convert a char value to money. The char value has incorrect syntax.');
      }
      const units = BigInt(`${digits.replaceAll(',', '')}${part}` || '0');
      return checked(rescale(before === '-' || after === '-' ? -units : units, part.length, 4));
    };
  }
  const exact = exactOf(from);
  if (exact !== undefined) {
    const scale = asDecimal(from)?.scale ?? 0;
    return value => checked(rescale(exact(value), scale, 4));
  }
  if (from.kind === 'float' || from.kind === 'real') {
    return value => {
      if (typeof value !== 'number') return wrong(from);
      if (Math.abs(value) > 1e18) throw overflow(name);
      return checked(floatUnits(value, 4));
    };
  }
  if (isOldDate(from)) {
    return value =>
      typeof value === 'number' ? checked(floatUnits(daysAsFloat(value, from), 4)) : wrong(from);
  }
  const width = to.kind === 'smallmoney' ? 4 : 8;
  return value => (value instanceof Uint8Array ? fromBytes(value, width) : wrong(from));
}

const FLOAT_TEXT = /^\s*[+-]?\s*(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?\s*$/;
const MAX_REAL = 3.402_823_466_385_288_6e38;

export function toFloat(from: SqlType, to: SqlType): Conversion {
  const real = to.kind === 'real';
  const checked = (value: number): number => {
    if (!Number.isFinite(value) || (real && Math.abs(value) > MAX_REAL)) throw overflow(to.kind);
    return real ? Math.fround(value) : value;
  };
  if (isString(from)) {
    return value => {
      if (typeof value !== 'string') return wrong(from);
      if (BLANK.test(value)) return 0;
      if (!FLOAT_TEXT.test(value)) throw errorConverting(typeName(from), to.kind);
      return checked(Number(value.replaceAll(/\s/g, '').replace(/d/i, 'e')));
    };
  }
  const scale = asDecimal(from)?.scale ?? 0;
  return value => {
    if (typeof value === 'bigint') return checked(unitsToFloat(value, scale));
    if (typeof value !== 'number') return wrong(from);
    return checked(isOldDate(from) ? daysAsFloat(value, from) : value);
  };
}

/** A number as days since 1900, for datetime and smalldatetime. */
export function daysToOldDate(days: number, to: SqlType): number {
  return Math.round(days * (to.kind === 'datetime' ? UNITS_PER_DAY : 1440));
}
