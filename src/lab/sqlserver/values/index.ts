import { unsupported } from '../errors.ts';
import type { Literal } from '../syntax/expressions.ts';
import type { TypeName } from '../syntax/names.ts';
import type { Collation } from './collation.ts';
import type { OffsetTime, SqlType, Value } from './types.ts';

export type { Collation } from './collation.ts';
export * from './types.ts';

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '&' | '|' | '^';
/** Names for error 2628, as far as they are known. */
export interface Target {
  readonly table: string;
  readonly column: string;
  /** Below 2019 a value that is too long is 8152, without names. */
  readonly release?: number;
}

const later = (name: string): never => {
  throw unsupported(name);
};

/** CAST/CONVERT as a closure; `undefined` as source is the literal NULL. Throws 529, 243 … at once, 245, 8114 … with the value. */
export const converter = (
  _from: SqlType | undefined,
  _to: SqlType,
  _style?: number,
): ((value: Value) => Value) => later('CONVERT');
/** Implicit conversion where an expression needs it (comparison, function argument): throws 206, 257 at once. */
export const implicitConverter = (_from: SqlType | undefined, _to: SqlType): ((value: Value) => Value) =>
  later('CONVERT');
/** Implicit conversion into a column, variable or parameter: with a `target` 2628/8152 for what does not fit, without one it is cut. */
export const assigner = (
  _from: SqlType | undefined,
  _to: SqlType,
  _target?: Target,
): ((value: Value) => Value) => later('CONVERT');
export const convertValue = (
  _value: Value,
  _from: SqlType | undefined,
  _to: SqlType,
  _style?: number,
): Value => later('CONVERT');
/** null where CONVERT fails; 529 is thrown as TRY_CONVERT does. */
export const tryConvert = (_value: Value, _from: SqlType | undefined, _to: SqlType, _style?: number): Value =>
  later('CONVERT');
export const assignValue = (
  _value: Value,
  _from: SqlType | undefined,
  _to: SqlType,
  _target?: Target,
): Value => later('CONVERT');
/** Type of a result; 402, 8117, 206 where the operator does not take the types. `undefined` is the literal NULL. */
export const arithmeticType = (
  _operator: ArithmeticOperator,
  _left: SqlType | undefined,
  _right: SqlType | undefined,
): SqlType => later('arithmetic');
/** Operands of the given types (not yet converted), neither null. */
export const arithmetic = (
  _operator: ArithmeticOperator,
  _left: SqlType,
  _right: SqlType,
  _result: SqlType,
): ((left: Value, right: Value) => Value) => later('arithmetic');
/** Type and value of `-x` and `~x`; not null. */
export const negate = (_type: SqlType): { type: SqlType; apply: (value: Value) => Value } =>
  later('arithmetic');
export const invert = (_type: SqlType): { type: SqlType; apply: (value: Value) => Value } =>
  later('arithmetic');
/** By precedence, for CASE, COALESCE, UNION, IN; INT where all are NULL. Operands are then converted with `implicitConverter`. */
export const commonType = (_types: readonly (SqlType | undefined)[]): SqlType => later('precedence');
/** The type two operands of a comparison are compared in; 402 and 206 as SQL Server, 468 for two collations. */
export const comparisonType = (_left: SqlType | undefined, _right: SqlType | undefined): SqlType =>
  later('precedence');
export const comparator = (_type: SqlType): ((left: Value, right: Value) => number) => later('comparison');
export const comparisonKey = (_type: SqlType): ((value: Value) => string | number | bigint) =>
  later('comparison');
export const storageKey = (
  _type: SqlType,
): ((value: Value) => null | number | bigint | string | Uint8Array) => later('comparison');
export const literalValue = (
  _literal: Literal,
  _collation?: string,
): { type: SqlType | undefined; value: Value } => later('literal');
/** A built-in type, undefined for a name that is none; 2716, 2717, 1001, 1002, 131, 192 for its arguments. */
export const resolveType = (_name: TypeName, _collation: string): SqlType | undefined => later('type');
export const typeName = (_type: SqlType): string => later('type');
export const typeText = (_type: SqlType): string => later('type');
/** As sys.columns and sys.types have it: maxLength in bytes, -1 for max. */
export interface TypeFacts {
  readonly systemTypeId: number;
  readonly userTypeId: number;
  readonly maxLength: number;
  readonly precision: number;
  readonly scale: number;
  readonly collation: string | null;
}
export const typeFacts = (_type: SqlType): TypeFacts => later('type');
/** CONVERT(nvarchar(max), value); not null. */
export const textOf = (_value: Value, _type: SqlType): string => later('CONVERT');
/** @throws SqlError 448 */
export const collation = (_name: string): Collation => later('collation');
export const collationNames = (): readonly string[] => later('collation');
/** LIKE; `escape` is one character. */
export const like = (
  _pattern: string,
  _escape: string | undefined,
  _collation: Collation,
): ((text: string) => boolean) => later('LIKE');
/** Days since 0001-01-01. */
export const daysOf = (_year: number, _month: number, _day: number): number => later('date');
export const dateOf = (_days: number): { year: number; month: number; day: number } => later('date');
/** Milliseconds since the epoch as a value of the type. */
export const datetimeAt = (_ms: number): number => later('date');
export const smalldatetimeAt = (_ms: number): number => later('date');
export const datetime2At = (_ms: number): bigint => later('date');
export const dateAt = (_ms: number): number => later('date');
export const datetimeoffsetAt = (_ms: number): OffsetTime => later('date');
/** Milliseconds since the epoch of a value of date, datetime, smalldatetime, datetime2 or datetimeoffset. */
export const millisecondsOf = (_value: Value, _type: SqlType): number => later('date');
