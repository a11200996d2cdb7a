import { unsupported } from '../errors.ts';
import { bigEndian } from './bytes.ts';
import { storageKey } from './compare.ts';
import { converter } from './convert.ts';
import { tenTo } from './decimals.ts';
import { typeName } from './names.ts';
import { asDecimal } from './precedence.ts';
import type { SqlType, Value, Variant } from './types.ts';

/** sql_variant: values of different families compare by the rank of the family, those of one family by value. */

export const isVariant = (value: Value): value is Variant =>
  typeof value === 'object' && value !== null && 'type' in value;

type Key = (value: Value) => string;

/** Enough for 38 digits on either side of the point. */
const SCALE = 38;
const DIGITS = 78;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const exact =
  (scale: number): Key =>
  value => {
    const units = typeof value === 'bigint' ? value : BigInt(Number(value));
    return (units * tenTo(SCALE - scale) + tenTo(DIGITS - 1)).toString().padStart(DIGITS, '0');
  };

/** Bits of a double that sort as the number does. */
const float: Key = value => {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, Number(value) + 0);
  const bits = view.getBigUint64(0);
  const ordered = bits >> 63n === 0n ? bits | (1n << 63n) : ~bits;
  return hex(bigEndian(ordered, 8));
};

const MOMENT: SqlType = { kind: 'datetimeoffset', scale: 7 };

function moment(type: SqlType): Key {
  const convert = converter(type, MOMENT);
  return value => {
    const converted = convert(value);
    return typeof converted === 'object' && converted !== null && 'ticks' in converted
      ? converted.ticks.toString().padStart(20, '0')
      : '';
  };
}

function plain(type: SqlType): Key {
  const key = storageKey(type);
  return value => {
    const found = key(value);
    return found instanceof Uint8Array ? hex(found) : String(found);
  };
}

/** Rank of the family, and the order within it. */
function keyOf(type: SqlType): Key {
  const { scale } = asDecimal(type) ?? {};
  if (scale !== undefined) return ranked('6', exact(scale));
  switch (type.kind) {
    case 'float':
    case 'real':
      return ranked('7', float);
    case 'date':
    case 'time':
    case 'datetime':
    case 'smalldatetime':
    case 'datetime2':
    case 'datetimeoffset':
      return ranked('8', moment(type));
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar':
      return ranked('5', plain(type));
    case 'binary':
    case 'varbinary':
      return ranked('4', plain(type));
    case 'uniqueidentifier':
      return ranked('3', plain(type));
    default:
      throw unsupported(`${typeName(type)} in a sql_variant`);
  }
}

const ranked =
  (rank: string, key: Key): Key =>
  value =>
    rank + key(value);

const keys = new WeakMap<SqlType, Key>();

/** A text that sorts as the values do and is equal where they are. */
export function variantKey(value: Value): string {
  if (!isVariant(value)) return '';
  let key = keys.get(value.type);
  if (key === undefined) {
    key = keyOf(value.type);
    keys.set(value.type, key);
  }
  return key(value.value);
}

export function compareVariants(left: Value, right: Value): number {
  const a = variantKey(left);
  const b = variantKey(right);
  return a < b ? -1 : a > b ? 1 : 0;
}
