import { comparator, comparisonKey } from './compare.ts';
import { converter } from './convert.ts';
import { commonType } from './precedence.ts';
import type { SqlType, TypeKind, Value, Variant } from './types.ts';

/** sql_variant: values of different families compare by the rank of the family, others by value. */

const FAMILIES: Partial<Record<TypeKind, number>> = {
  datetime2: 8,
  datetimeoffset: 8,
  datetime: 8,
  smalldatetime: 8,
  date: 8,
  time: 8,
  float: 7,
  real: 7,
  decimal: 6,
  numeric: 6,
  money: 6,
  smallmoney: 6,
  bigint: 6,
  int: 6,
  smallint: 6,
  tinyint: 6,
  bit: 6,
  nvarchar: 5,
  nchar: 5,
  varchar: 5,
  char: 5,
  varbinary: 4,
  binary: 4,
  uniqueidentifier: 3,
};

const family = (type: SqlType): number => FAMILIES[type.kind] ?? 0;

export const isVariant = (value: Value): value is Variant =>
  typeof value === 'object' && value !== null && 'type' in value;

export function compareVariants(left: Value, right: Value): number {
  if (!isVariant(left) || !isVariant(right)) return 0;
  const rank = family(left.type) - family(right.type);
  if (rank !== 0) return rank;
  const type = commonType([left.type, right.type]);
  return comparator(type)(converter(left.type, type)(left.value), converter(right.type, type)(right.value));
}

const EXACT: SqlType = { kind: 'decimal', precision: 38, scale: 10 };

const keyType = (type: SqlType): SqlType => {
  switch (family(type)) {
    case 8:
      return { kind: 'datetimeoffset', scale: 7 };
    case 7:
      return { kind: 'float' };
    case 6:
      return type.kind === 'decimal' || type.kind === 'numeric' ? type : EXACT;
    case 4:
      return { kind: 'varbinary', length: 8000 };
    default:
      return type;
  }
};

const TRAILING = /0+$/;

export function variantKey(value: Value): string {
  if (!isVariant(value)) return '';
  const type = keyType(value.type);
  const converted = converter(value.type, type)(value.value);
  const rank = family(value.type);
  if (typeof converted === 'bigint' && (type.kind === 'decimal' || type.kind === 'numeric')) {
    const digits = (converted < 0n ? -converted : converted).toString().padStart(type.scale + 1, '0');
    const whole = digits.slice(0, digits.length - type.scale);
    const part = digits.slice(digits.length - type.scale).replace(TRAILING, '');
    return `${rank}:${converted < 0n ? '-' : ''}${whole}.${part}`;
  }
  return `${rank}:${comparisonKey(type)(converted)}`;
}
