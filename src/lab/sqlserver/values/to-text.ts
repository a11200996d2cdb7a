import { SqlError } from '../errors.ts';
import { cutBytes } from './bytes.ts';
import { type Collation, collation } from './collation.ts';
import { checkStyle, formatMoment } from './date-format.ts';
import { formatDecimal, rescale } from './decimals.ts';
import { badStyle, overflow, overflowFrom } from './faults.ts';
import { isMoment, momentOf } from './moments.ts';
import { typeName } from './names.ts';
import { floatText, groupThousands } from './number-text.ts';
import { isString } from './precedence.ts';
import type { SqlType, Value } from './types.ts';

/** Conversions into text: what a value says, then what of it has room. */

type StringType = Extract<SqlType, { kind: 'char' | 'varchar' | 'nchar' | 'nvarchar' }>;

const wrong = (type: SqlType): never => {
  throw new TypeError(`not a value of ${type.kind}`);
};

const hex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex').toUpperCase();

/** The default style of a type of date: 0 for the two old ones, 21 for the others. */
const dateStyle = (type: SqlType): number =>
  type.kind === 'datetime' || type.kind === 'smalldatetime' ? 0 : 21;

/** The whole text of a value as CONVERT writes it, before it is cut to a length. `to` is for the text of errors. */
export function writer(from: SqlType, style: number | undefined, to: SqlType): (value: Value) => string {
  const target = typeName(to);
  switch (from.kind) {
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar':
    case 'text':
    case 'ntext':
    case 'xml':
    case 'uniqueidentifier':
      return value => (typeof value === 'string' ? value : wrong(from));
    case 'decimal':
    case 'numeric':
      return value => (typeof value === 'bigint' ? formatDecimal(value, from.scale) : wrong(from));
    case 'money':
    case 'smallmoney':
      return moneyWriter(from, style ?? 0, target);
    case 'float':
    case 'real':
      return floatWriter(from, style ?? 0, target);
    case 'binary':
    case 'varbinary':
    case 'image':
    case 'rowversion':
      return binaryWriter(from, style ?? 0, to);
    default:
      break;
  }
  if (isMoment(from)) {
    const number = style ?? dateStyle(from);
    checkStyle(number, typeName(from), target);
    return value => formatMoment(momentOf(value, from), number);
  }
  return value => (typeof value === 'number' || typeof value === 'bigint' ? value.toString() : wrong(from));
}

function moneyWriter(from: SqlType, style: number, target: string): (value: Value) => string {
  if (style !== 0 && style !== 1 && style !== 2 && style !== 126)
    throw badStyle(style, typeName(from), target);
  return value => {
    if (typeof value !== 'bigint') return wrong(from);
    if (style === 2 || style === 126) return formatDecimal(value, 4);
    const text = formatDecimal(rescale(value, 4, 2), 2);
    return style === 1 ? groupThousands(text) : text;
  };
}

function floatWriter(from: SqlType, style: number, target: string): (value: Value) => string {
  if (![0, 1, 2, 3].includes(style)) throw badStyle(style, typeName(from), target);
  return value => (typeof value === 'number' ? floatText(value, style) : wrong(from));
}

function binaryWriter(from: SqlType, style: number, to: SqlType): (value: Value) => string {
  if (style !== 0 && style !== 1 && style !== 2) throw badStyle(style, typeName(from), typeName(to));
  const page = isString(to) ? collation(to.collation) : undefined;
  const wide = to.kind === 'nchar' || to.kind === 'nvarchar';
  return value => {
    if (!(value instanceof Uint8Array)) return wrong(from);
    if (style > 0) return style === 1 ? `0x${hex(value)}` : hex(value);
    if (!wide) return page === undefined ? hex(value) : page.decode(value);
    const even = value.length % 2 === 0 ? value : Uint8Array.of(...value, 0);
    return Buffer.from(even.buffer, even.byteOffset, even.byteLength).toString('utf16le');
  };
}

type Cut = (text: string) => string;

/** What is too long for a number is an error or a star; a text is cut. */
function shortage(from: SqlType, to: StringType): Cut | undefined {
  const name = typeName(to);
  switch (from.kind) {
    case 'bit':
    case 'tinyint':
    case 'smallint':
    case 'int':
      if (to.kind === 'char' || to.kind === 'varchar') return () => '*';
      return () => {
        throw overflow(name);
      };
    case 'bigint':
    case 'float':
    case 'real':
      return () => {
        throw overflow(name);
      };
    case 'decimal':
    case 'numeric':
      return () => {
        throw overflowFrom('numeric', name);
      };
    case 'money':
    case 'smallmoney':
      return () => {
        throw new SqlError(234, `There is insufficient result space to convert a money value to ${name}.`);
      };
    case 'uniqueidentifier':
      return () => {
        throw new SqlError(8170, 'Insufficient result space to convert uniqueidentifier value to char.');
      };
    default:
      return undefined;
  }
}

const lengthOf = (page: Collation | undefined): ((text: string) => number) =>
  page?.codePage === 65001 ? text => page.byteLength(text) : text => text.length;

/** Brings a text into a string type: code page, length, blanks of the fixed types. */
export function room(to: StringType, tooLong?: Cut): Cut {
  const wide = to.kind === 'nchar' || to.kind === 'nvarchar';
  const page = wide ? undefined : collation(to.collation);
  const length = lengthOf(page);
  const most = to.length === 'max' ? Number.POSITIVE_INFINITY : to.length;
  const fixed = to.kind === 'char' || to.kind === 'nchar';
  const cut: Cut =
    tooLong ?? (page?.codePage === 65001 ? text => cutBytes(text, most) : text => text.slice(0, most));
  return text => {
    const kept = page === undefined ? text : page.encodable(text);
    const size = length(kept);
    const fitting = size > most ? cut(kept) : kept;
    return fixed ? fitting + ' '.repeat(Math.max(0, most - length(fitting))) : fitting;
  };
}

export function toText(from: SqlType, to: StringType, style: number | undefined): (value: Value) => Value {
  const write = writer(from, style, to);
  const place = room(to, shortage(from, to));
  return value => place(write(value));
}

const WHOLE: StringType = { kind: 'nvarchar', length: 'max', collation: 'SQL_Latin1_General_CP1_CI_AS' };

/** What CONVERT(nvarchar(max), value) gives; the value is not null. */
export const textOf = (value: Value, type: SqlType): string => {
  if (type.kind === 'sql_variant' && typeof value === 'object' && value !== null && 'type' in value) {
    return textOf(value.value, value.type);
  }
  return writer(type, undefined, WHOLE)(value);
};
