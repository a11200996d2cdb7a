import { SqlError } from '../errors.ts';
import { collation } from './collation.ts';
import type { SqlType, Value } from './types.ts';
import { compareVariants, variantKey } from './variant.ts';

/** Order and equality of values of one type, none of them null; and the same order for SQLite's indexes. */

const wrong = (type: SqlType): Error => new TypeError(`not a value of ${type.kind}`);

const compareNumbers = (left: Value, right: Value): number =>
  typeof left === 'number' && typeof right === 'number' ? left - right : 0;

const compareExact = (left: Value, right: Value): number =>
  typeof left === 'bigint' && typeof right === 'bigint' ? (left < right ? -1 : left > right ? 1 : 0) : 0;

/** Length without the zeros at the end, which comparisons do not see. */
const significant = (bytes: Uint8Array): number => {
  let length = bytes.length;
  while (length > 0 && bytes[length - 1] === 0) length--;
  return length;
};

const trimZeros = (bytes: Uint8Array): Uint8Array => {
  const length = significant(bytes);
  return length === bytes.length ? bytes : bytes.subarray(0, length);
};

const compareBytes = (left: Uint8Array, right: Uint8Array): number =>
  Buffer.compare(trimZeros(left), trimZeros(right));

/** The bytes of the text in the order in which SQL Server looks at them: last group first. */
export const guidKey = (text: string): string =>
  text.slice(24, 36) +
  text.slice(19, 23) +
  text.slice(16, 18) +
  text.slice(14, 16) +
  text.slice(11, 13) +
  text.slice(9, 11) +
  text.slice(6, 8) +
  text.slice(4, 6) +
  text.slice(2, 4) +
  text.slice(0, 2);

const hex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

const incomparable = (type: SqlType): SqlError =>
  type.kind === 'xml'
    ? new SqlError(
        305,
        'The xml data type cannot be compared or sorted, except when using the IS NULL operator.',
        {
          endsBatch: true,
        },
      )
    : new SqlError(
        306,
        'The text, ntext, and image data types cannot be compared or sorted, except when using IS NULL or LIKE operator.',
        { endsBatch: true },
      );

/** Order of two values that are not null; strings as their collation has it. */
export function comparator(type: SqlType): (left: Value, right: Value) => number {
  switch (type.kind) {
    case 'bigint':
    case 'decimal':
    case 'numeric':
    case 'money':
    case 'smallmoney':
    case 'datetime2':
      return compareExact;
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar': {
      const { compare } = collation(type.collation);
      return (left, right) =>
        typeof left === 'string' && typeof right === 'string' ? compare(left, right) : 0;
    }
    case 'binary':
    case 'varbinary':
    case 'rowversion':
      return (left, right) =>
        left instanceof Uint8Array && right instanceof Uint8Array ? compareBytes(left, right) : 0;
    case 'uniqueidentifier':
      return (left, right) => {
        if (typeof left !== 'string' || typeof right !== 'string') return 0;
        const a = guidKey(left);
        const b = guidKey(right);
        return a < b ? -1 : a > b ? 1 : 0;
      };
    case 'datetimeoffset':
      return (left, right) =>
        isOffsetTime(left) && isOffsetTime(right) ? compareExact(left.ticks, right.ticks) : 0;
    case 'sql_variant':
      return compareVariants;
    case 'text':
    case 'ntext':
    case 'image':
    case 'xml':
      throw incomparable(type);
    default:
      return compareNumbers;
  }
}

const isOffsetTime = (value: Value): value is Extract<Value, { ticks: bigint }> =>
  typeof value === 'object' && value !== null && 'ticks' in value;

/** A key for hashing: equal exactly where the values are equal. */
export function comparisonKey(type: SqlType): (value: Value) => string | number | bigint {
  switch (type.kind) {
    case 'binary':
    case 'varbinary':
    case 'rowversion':
      return value => (value instanceof Uint8Array ? hex(trimZeros(value)) : fail(type));
    case 'uniqueidentifier':
      return value => (typeof value === 'string' ? value : fail(type));
    case 'sql_variant':
      return variantKey;
    case 'real':
    case 'float':
      return value => (typeof value === 'number' ? value + 0 : fail(type));
    default: {
      const key = storageKey(type);
      return value => {
        const result = key(value);
        return result === null || result instanceof Uint8Array ? exactKey(value) : result;
      };
    }
  }
}

const exactKey = (value: Value): bigint => (typeof value === 'bigint' ? value : 0n);

const fail = (type: SqlType): never => {
  throw wrong(type);
};

const BIAS = 1n << 127n;

const wide = (value: bigint): Uint8Array => Buffer.from((value + BIAS).toString(16).padStart(32, '0'), 'hex');

/**
 * A value as SQLite orders it (numbers, text by its UTF-8 bytes, blobs by their bytes) in the order of `comparator`; equal
 * values have equal keys.
 */
export function storageKey(type: SqlType): (value: Value) => null | number | bigint | string | Uint8Array {
  switch (type.kind) {
    case 'decimal':
    case 'numeric': {
      if (type.precision <= 18) return exact;
      return value => (typeof value === 'bigint' ? wide(value) : null);
    }
    case 'bigint':
    case 'money':
    case 'smallmoney':
    case 'datetime2':
      return exact;
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar': {
      const { key } = collation(type.collation);
      return value => (typeof value === 'string' ? key(value) : null);
    }
    case 'binary':
    case 'varbinary':
    case 'rowversion':
      return value => (value instanceof Uint8Array ? trimZeros(value) : null);
    case 'uniqueidentifier':
      return value => (typeof value === 'string' ? guidKey(value) : null);
    case 'datetimeoffset':
      return value => (isOffsetTime(value) ? value.ticks : null);
    case 'sql_variant':
      return value => (value === null ? null : variantKey(value));
    case 'text':
    case 'ntext':
    case 'image':
    case 'xml':
      throw incomparable(type);
    default:
      return value => (typeof value === 'number' ? value : null);
  }
}

const exact = (value: Value): bigint | null => (typeof value === 'bigint' ? value : null);
