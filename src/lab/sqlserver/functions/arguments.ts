import { SqlError } from '../errors.ts';
import {
  BIGINT,
  type Collation,
  collation,
  DEFAULT_COLLATION,
  FLOAT,
  INT,
  implicitConverter,
  isString,
  type Length,
  nvarchar,
  type SqlType,
  typeName,
  type Value,
  varbinary,
  varchar,
} from '../values/index.ts';

/** How functions read their arguments: each as the type it works on, converted as SQL Server does by itself. */

/** @returns error 8116 */
export const badArgument = (type: SqlType | undefined, place: number, name: string): SqlError =>
  new SqlError(
    8116,
    `Argument data type ${type === undefined ? 'NULL' : typeName(type)} is invalid for argument ${place} of ${name} function.`,
    { endsBatch: true },
  );

/** Reads a value as another type; the closure is made once for each type of argument. */
export function reader(to: SqlType): (value: Value, type: SqlType | undefined) => Value {
  const known = new WeakMap<SqlType, (value: Value) => Value>();
  return (value, type) => {
    if (value === null || type === undefined) return null;
    let convert = known.get(type);
    if (convert === undefined) {
      convert = implicitConverter(type, to);
      known.set(type, convert);
    }
    return convert(value);
  };
}

const asText = reader(nvarchar('max'));
const asInt = reader(INT);
const asBigint = reader(BIGINT);
const asFloat = reader(FLOAT);
const asBytes = reader(varbinary('max'));

/** The text of an argument of any type that becomes text by itself. */
export function textArgument(value: Value, type: SqlType | undefined): string | null {
  if (typeof value === 'string') return value;
  const text = asText(value, type);
  return typeof text === 'string' ? text : null;
}

export function intArgument(value: Value, type: SqlType | undefined): number | null {
  if (typeof value === 'number' && type?.kind === 'int') return value;
  const number = asInt(value, type);
  return typeof number === 'number' ? number : null;
}

export function bigintArgument(value: Value, type: SqlType | undefined): bigint | null {
  const number = asBigint(value, type);
  return typeof number === 'bigint' ? number : null;
}

export function floatArgument(value: Value, type: SqlType | undefined): number | null {
  const number = asFloat(value, type);
  return typeof number === 'number' ? number : null;
}

export function bytesArgument(value: Value, type: SqlType | undefined): Uint8Array | null {
  if (value instanceof Uint8Array) return value;
  const bytes = asBytes(value, type);
  return bytes instanceof Uint8Array ? bytes : null;
}

/** Length of the text that a value of another type has at most. */
const WIDTHS: Readonly<Record<string, number>> = {
  bit: 1,
  tinyint: 3,
  smallint: 6,
  int: 12,
  bigint: 20,
  decimal: 41,
  numeric: 41,
  money: 24,
  smallmoney: 24,
  real: 23,
  float: 23,
  uniqueidentifier: 36,
};

export interface StringType {
  readonly kind: 'varchar' | 'nvarchar';
  readonly length: Length;
  readonly collation: string;
}

/** The string type that an argument is or becomes; 8116 for what does not. */
export function stringType(type: SqlType | undefined, place: number, name: string): StringType {
  if (type === undefined) return { kind: 'varchar', length: 1, collation: DEFAULT_COLLATION };
  if (isString(type)) {
    const wide = type.kind === 'nchar' || type.kind === 'nvarchar';
    return { kind: wide ? 'nvarchar' : 'varchar', length: type.length, collation: type.collation };
  }
  switch (type.kind) {
    case 'text':
    case 'ntext':
    case 'image':
    case 'xml':
    case 'sql_variant':
      throw badArgument(type, place, name);
    case 'binary':
    case 'varbinary':
      return { kind: 'varchar', length: type.length, collation: DEFAULT_COLLATION };
    default:
      return { kind: 'varchar', length: WIDTHS[type.kind] ?? 40, collation: DEFAULT_COLLATION };
  }
}

export const collationOf = (types: readonly (SqlType | undefined)[]): Collation => {
  for (const type of types) if (type !== undefined && isString(type)) return collation(type.collation);
  return collation(DEFAULT_COLLATION);
};

export const isWideType = (type: SqlType | undefined): boolean =>
  type !== undefined && (type.kind === 'nchar' || type.kind === 'nvarchar' || type.kind === 'ntext');

/** A string type of a length: `max` stays, others end at what the type can hold. */
export function sized(wide: boolean, length: Length, collationName: string): SqlType {
  const most = wide ? 4000 : 8000;
  const fitting = length === 'max' ? length : Math.max(1, Math.min(most, length));
  return wide ? nvarchar(fitting, collationName) : varchar(fitting, collationName);
}

/** int, or bigint where the argument is a max type. */
export const countType = (type: SqlType | undefined): SqlType =>
  type !== undefined && 'length' in type && type.length === 'max' ? BIGINT : INT;

/** A count as the type above holds it. */
export const counted = (count: number, type: SqlType | undefined): Value =>
  countType(type).kind === 'bigint' ? BigInt(count) : count;
