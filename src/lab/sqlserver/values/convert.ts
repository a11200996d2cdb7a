import { SqlError, unsupported } from '../errors.ts';
import { FIRST_DATETIME, LAST_DATETIME, LAST_SMALLDATETIME } from './calendar.ts';
import { checkStyle } from './date-format.ts';
import { styleOrder } from './date-parse.ts';
import { overflow } from './faults.ts';
import { demandExplicit, demandImplicit, permission } from './implicit.ts';
import { isNewMoment, momentFromImage } from './moment-bytes.ts';
import { convertMoment, isMoment, momentFromText } from './moments.ts';
import { typeName } from './names.ts';
import { isString } from './precedence.ts';
import { oldDateFromBytes, toBinary, toGuid, toRowVersion } from './to-bytes.ts';
import { type Conversion, daysToOldDate, toBit, toDecimal, toFloat, toMoney, toWhole } from './to-number.ts';
import { toText } from './to-text.ts';
import { toXml } from './to-xml.ts';
import type { SqlType, Value, Variant } from './types.ts';

/** CAST and CONVERT as closures: what is forbidden is said when they are made, what fails when they run. */

const same: Conversion = value => value;

const isVariant = (value: Value): value is Variant =>
  typeof value === 'object' && value !== null && 'type' in value;

const isLarge = (type: SqlType): boolean => type.kind === 'text' || type.kind === 'ntext';

/** text and ntext behave as the string type without limit that they stand for. */
function plain(type: SqlType): SqlType {
  if (type.kind === 'text') return { kind: 'varchar', length: 'max', collation: type.collation };
  if (type.kind === 'ntext') return { kind: 'nvarchar', length: 'max', collation: type.collation };
  if (type.kind === 'image') return { kind: 'varbinary', length: 'max' };
  return type;
}

/** Nothing to do: every value of the one is a value of the other. */
export function isIdentity(from: SqlType, to: SqlType): boolean {
  if (from === to) return true;
  if (isString(from) && isString(to)) {
    if (to.kind === 'char' || to.kind === 'nchar') return from.kind === to.kind && from.length === to.length;
    if (to.kind === 'varchar') {
      const narrow = from.kind === 'varchar' || from.kind === 'char';
      return narrow && from.collation === to.collation && reaches(to.length, from.length);
    }
    return reaches(to.length, from.length);
  }
  if (from.kind !== to.kind) return false;
  switch (from.kind) {
    case 'decimal':
    case 'numeric':
      return 'scale' in to && 'precision' in to && from.scale === to.scale && from.precision <= to.precision;
    case 'binary':
    case 'varbinary':
      return (
        'length' in to &&
        (from.kind === 'binary' ? from.length === to.length : reaches(to.length, from.length))
      );
    case 'time':
    case 'datetime2':
    case 'datetimeoffset':
      return 'scale' in to && from.scale <= to.scale;
    default:
      return true;
  }
}

const reaches = (most: number | 'max', length: number | 'max'): boolean =>
  most === 'max' || (length !== 'max' && length <= most);

function toMoment(from: SqlType, to: SqlType, style: number | undefined): Conversion {
  if (isString(from)) {
    const number = style ?? 0;
    if (style !== undefined) checkStyle(style, typeName(from), typeName(to));
    const order = styleOrder(number);
    return value => momentFromText(typeof value === 'string' ? value : '', from, to, order);
  }
  if (isMoment(from)) return value => convertMoment(value, from, to);
  const isBytes = from.kind === 'binary' || from.kind === 'varbinary';
  if (isBytes && isNewMoment(to))
    return value => (value instanceof Uint8Array ? momentFromImage(value, from, to) : null);
  const datetime = to.kind === 'datetime';
  if (!datetime && to.kind !== 'smalldatetime') {
    throw unsupported(`CONVERT from ${typeName(from)} to ${typeName(to)}`);
  }
  const low = datetime ? FIRST_DATETIME : 0;
  const high = datetime ? LAST_DATETIME : LAST_SMALLDATETIME;
  const checked = (value: number): number => {
    if (value < low || value > high) throw overflow(to.kind);
    return value;
  };
  if (isBytes || from.kind === 'rowversion') {
    return value => checked(value instanceof Uint8Array ? oldDateFromBytes(value, datetime) : Number.NaN);
  }
  const toDays = toFloat(from, { kind: 'float' });
  return value => checked(daysToOldDate(Number(toDays(value)), to));
}

function fromVariant(to: SqlType, style: number | undefined): Conversion {
  return value => {
    if (!isVariant(value)) throw new TypeError('not a value of sql_variant');
    return converter(value.type, to, style)(value.value);
  };
}

function toVariant(from: SqlType): Conversion {
  if ('length' in from && from.length === 'max') {
    throw new SqlError(206, `Operand type clash: ${typeName(from)}(max) is incompatible with sql_variant`, {
      endsBatch: true,
    });
  }
  return value => {
    if (isVariant(value)) return value;
    return { type: from, value };
  };
}

function build(source: SqlType, target: SqlType, style: number | undefined): Conversion {
  const from = plain(source);
  const to = plain(target);
  if (isIdentity(from, to) && (style === undefined || !isLarge(source))) return same;
  if (to.kind === 'sql_variant') return toVariant(from);
  if (from.kind === 'sql_variant') return fromVariant(target, style);
  if (isMoment(to)) return toMoment(from, to, style);
  switch (to.kind) {
    case 'bit':
      return toBit(from);
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
      return toWhole(from, to);
    case 'decimal':
    case 'numeric':
      return from.kind === 'binary' || from.kind === 'varbinary' || from.kind === 'rowversion'
        ? refuse(source, target)
        : toDecimal(from, to);
    case 'money':
    case 'smallmoney':
      return toMoney(from, to);
    case 'float':
    case 'real':
      return toFloat(from, to);
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar':
      return toText(from, to, style);
    case 'binary':
    case 'varbinary':
      return toBinary(from, to, style);
    case 'rowversion':
      return toRowVersion(from);
    case 'uniqueidentifier':
      return toGuid(from);
    case 'xml':
      return toXml(from);
    default:
      return refuse(source, target);
  }
}

const refuse = (from: SqlType, to: SqlType): never => {
  throw unsupported(`CONVERT from ${typeName(from)} to ${typeName(to)}`);
};

const overNull =
  (convert: Conversion): Conversion =>
  value =>
    value === null ? null : convert(value);

const finish = (convert: Conversion): Conversion => (convert === same ? same : overNull(convert));

/**
 * CAST/CONVERT as a closure; `undefined` as source is the literal NULL.
 *
 * @throws SqlError 529 at once, 245, 8114, 8115, 241 … with the value
 */
export function converter(from: SqlType | undefined, to: SqlType, style?: number): Conversion {
  if (from === undefined) return same;
  demandExplicit(from, to);
  return finish(build(from, to, style));
}

/** Implicit conversion where an expression needs it; 206 and 257 at once. */
export function implicitConverter(from: SqlType | undefined, to: SqlType): Conversion {
  if (from === undefined) return same;
  demandImplicit(from, to);
  return finish(build(from, to, undefined));
}

export const convertValue = (value: Value, from: SqlType | undefined, to: SqlType, style?: number): Value =>
  value === null ? null : converter(from, to, style)(value);

/** The numbers that say a value could not be converted, which TRY_CONVERT answers with NULL. */
const FAILURES = new Set([9400, 220, 232, 234, 235, 241, 242, 244, 245, 248, 8114, 8115, 8169, 8170]);

/** TRY_CONVERT as a closure: NULL where CONVERT fails; what is forbidden altogether (529, 281) is thrown. */
export function trying(from: SqlType | undefined, to: SqlType, style?: number): Conversion {
  const convert = converter(from, to, style);
  return value => {
    try {
      return convert(value);
    } catch (error) {
      if (error instanceof SqlError && FAILURES.has(error.number)) return null;
      throw error;
    }
  };
}

export const tryConvert = (value: Value, from: SqlType | undefined, to: SqlType, style?: number): Value =>
  trying(from, to, style)(value);

/** May a value of the one type become the other by itself? */
export const isImplicit = (from: SqlType, to: SqlType): boolean => permission(from, to) === 'I';
