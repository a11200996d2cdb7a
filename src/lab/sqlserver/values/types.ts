/** The types of SQL Server, and how a value of each is held in memory. */

/**
 * A value without its type: every expression's type is known when a statement is bound, so values carry none.
 *
 * | types | held as |
 * |---|---|
 * | bit, tinyint, smallint, int, float, real | number (bit is 0 or 1) |
 * | bigint | bigint |
 * | decimal, numeric | bigint, in units of 10^-scale of the type |
 * | money, smallmoney | bigint, in units of 1/10000 |
 * | char, varchar, nchar, nvarchar, text, ntext, xml | string (varchar: only characters of its code page) |
 * | binary, varbinary, image, rowversion | Uint8Array |
 * | date | number: days since 0001-01-01 |
 * | time | number: units of 100 ns since midnight |
 * | datetime2 | bigint: units of 100 ns since 0001-01-01 |
 * | datetimeoffset | OffsetTime |
 * | datetime | number: units of 1/300 s since 1900-01-01, negative before |
 * | smalldatetime | number: minutes since 1900-01-01 |
 * | uniqueidentifier | string, upper case, with hyphens |
 * | sql_variant | Variant |
 */
export type Value = null | number | bigint | string | Uint8Array | OffsetTime | Variant;

export interface OffsetTime {
  /** UTC, in units of 100 ns since 0001-01-01. */
  readonly ticks: bigint;
  /** Minutes east of UTC. */
  readonly offset: number;
}

export interface Variant {
  readonly type: SqlType;
  readonly value: Exclude<Value, Variant>;
}

/** `max` is varchar(max) and its kin. */
export type Length = number | 'max';

export type SqlType =
  | { readonly kind: 'bit' | 'tinyint' | 'smallint' | 'int' | 'bigint' }
  | { readonly kind: 'decimal' | 'numeric'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'money' | 'smallmoney' | 'real' | 'float' }
  | {
      readonly kind: 'char' | 'varchar' | 'nchar' | 'nvarchar';
      /** Characters of the code page (char, varchar) or UTF-16 units (nchar, nvarchar). */
      readonly length: Length;
      readonly collation: string;
    }
  | { readonly kind: 'text' | 'ntext'; readonly collation: string }
  | { readonly kind: 'binary' | 'varbinary'; readonly length: Length }
  | { readonly kind: 'image' | 'rowversion' | 'xml' | 'uniqueidentifier' | 'sql_variant' }
  | { readonly kind: 'date' | 'datetime' | 'smalldatetime' }
  | { readonly kind: 'time' | 'datetime2' | 'datetimeoffset'; readonly scale: number };

export type TypeKind = SqlType['kind'];
export type TypeOf<K extends TypeKind> = Extract<SqlType, { kind: K }>;

/** The collation of every database of the double unless it is made with another one. */
export const DEFAULT_COLLATION = 'SQL_Latin1_General_CP1_CI_AS';

export const BIT: SqlType = { kind: 'bit' };
export const INT: SqlType = { kind: 'int' };
export const SMALLINT: SqlType = { kind: 'smallint' };
export const TINYINT: SqlType = { kind: 'tinyint' };
export const BIGINT: SqlType = { kind: 'bigint' };
export const FLOAT: SqlType = { kind: 'float' };
export const MONEY: SqlType = { kind: 'money' };
export const DATETIME: SqlType = { kind: 'datetime' };
export const UNIQUEIDENTIFIER: SqlType = { kind: 'uniqueidentifier' };
export const SQL_VARIANT: SqlType = { kind: 'sql_variant' };
export const SYSNAME: SqlType = { kind: 'nvarchar', length: 128, collation: DEFAULT_COLLATION };

export const nvarchar = (length: Length, collation = DEFAULT_COLLATION): SqlType => ({
  kind: 'nvarchar',
  length,
  collation,
});
export const varchar = (length: Length, collation = DEFAULT_COLLATION): SqlType => ({
  kind: 'varchar',
  length,
  collation,
});
export const varbinary = (length: Length): SqlType => ({ kind: 'varbinary', length });
export const binary = (length: number): SqlType => ({ kind: 'binary', length });
export const decimal = (precision: number, scale: number): SqlType => ({ kind: 'decimal', precision, scale });
export const datetime2 = (scale = 7): SqlType => ({ kind: 'datetime2', scale });
