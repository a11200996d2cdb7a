import { SqlError, unsupported } from '../errors.ts';
import { bigEndian, fitBytes, fitNumber } from './bytes.ts';
import { UNITS_PER_DAY } from './calendar.ts';
import { collation } from './collation.ts';
import { badStyle } from './faults.ts';
import { isNewMoment, momentImage } from './moment-bytes.ts';
import { decimalBytes, typeName } from './names.ts';
import { isString } from './precedence.ts';
import type { SqlType, TypeKind, Value } from './types.ts';

/** Conversions into binaries, and what is made from them besides text and numbers. */

type BinaryType = Extract<SqlType, { kind: 'binary' | 'varbinary' }>;

const wrong = (type: SqlType): never => {
  throw new TypeError(`not a value of ${type.kind}`);
};

const hexText = (to: string): SqlError =>
  new SqlError(8114, `Error converting data type varchar to ${to}.`, { state: 5 });

/** Style 1 wants 0x, style 2 does not; both an even number of digits. */
function fromHex(text: string, style: 1 | 2, to: string): Uint8Array {
  const digits =
    style === 1 ? /^0[xX]((?:[0-9a-fA-F]{2})*)$/.exec(text)?.[1] : /^((?:[0-9a-fA-F]{2})*)$/.exec(text)?.[1];
  if (digits === undefined) throw hexText(to);
  return Buffer.from(digits, 'hex');
}

const WIDTHS: Partial<Record<TypeKind, number>> = {
  bit: 1,
  tinyint: 1,
  smallint: 2,
  int: 4,
  bigint: 8,
  smallmoney: 4,
  money: 8,
};

/** 16 bytes as SQL Server keeps them: the first three groups little-endian. */
export function guidBytes(text: string): Uint8Array {
  const raw = Buffer.from(text.replaceAll('-', ''), 'hex');
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
  return Uint8Array.from(order, index => raw[index] ?? 0);
}

export function guidText(bytes: Uint8Array): string {
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
  const hex = Buffer.from(Uint8Array.from(order, index => bytes[index] ?? 0))
    .toString('hex')
    .toUpperCase();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Precision, scale, 0, sign, magnitude little-endian. */
function decimalImage(value: bigint, precision: number, scale: number): Uint8Array {
  const width = decimalBytes(precision) - 1;
  const bytes = new Uint8Array(4 + width);
  bytes[0] = precision;
  bytes[1] = scale;
  bytes[3] = value < 0n ? 0 : 1;
  bytes.set(bigEndian(value < 0n ? -value : value, width).reverse(), 4);
  return bytes;
}

function floatImage(value: number, real: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(real ? 4 : 8));
  if (real) view.setFloat32(0, value);
  else view.setFloat64(0, value);
  return new Uint8Array(view.buffer);
}

/** Days and 1/300 s, each 4 bytes; days and minutes, each 2. */
function oldDateImage(value: number, datetime: boolean): Uint8Array {
  const perDay = datetime ? UNITS_PER_DAY : 1440;
  const width = datetime ? 4 : 2;
  const days = Math.floor(value / perDay);
  return Uint8Array.of(...bigEndian(BigInt(days), width), ...bigEndian(BigInt(value - days * perDay), width));
}

/** The bytes of a value that is a number, without regard to the length of the target; undefined for other types. */
function numberImage(from: SqlType): ((value: Value) => Uint8Array) | undefined {
  const width = WIDTHS[from.kind];
  if (width !== undefined) {
    return value =>
      typeof value === 'bigint' || typeof value === 'number' ? bigEndian(BigInt(value), width) : wrong(from);
  }
  if (from.kind === 'float' || from.kind === 'real') {
    return value => (typeof value === 'number' ? floatImage(value, from.kind === 'real') : wrong(from));
  }
  if (from.kind === 'datetime' || from.kind === 'smalldatetime') {
    return value => (typeof value === 'number' ? oldDateImage(value, from.kind === 'datetime') : wrong(from));
  }
  return undefined;
}

/** The bytes of any value that has an image. */
export function imageOf(from: SqlType, style: number, to: string): (value: Value) => Uint8Array {
  switch (from.kind) {
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar': {
      if (style === 1 || style === 2) {
        return value => (typeof value === 'string' ? fromHex(value, style, to) : wrong(from));
      }
      if (style !== 0) throw badStyle(style, typeName(from), to);
      const wide = from.kind === 'nchar' || from.kind === 'nvarchar';
      const page = collation(from.collation);
      return value => {
        if (typeof value !== 'string') return wrong(from);
        return wide ? Buffer.from(value, 'utf16le') : page.encode(value);
      };
    }
    case 'binary':
    case 'varbinary':
    case 'image':
    case 'rowversion':
      return value => (value instanceof Uint8Array ? value : wrong(from));
    case 'uniqueidentifier':
      return value => (typeof value === 'string' ? guidBytes(value) : wrong(from));
    case 'decimal':
    case 'numeric':
      return value =>
        typeof value === 'bigint' ? decimalImage(value, from.precision, from.scale) : wrong(from);
    case 'xml':
      return value => (typeof value === 'string' ? Buffer.from(`\ufeff${value}`, 'utf16le') : wrong(from));
    default: {
      if (isNewMoment(from)) return value => momentImage(value, from);
      const image = numberImage(from);
      if (image === undefined) throw unsupported(`CONVERT from ${typeName(from)} to ${to}`);
      return image;
    }
  }
}

export function toBinary(from: SqlType, to: BinaryType, style: number | undefined): (value: Value) => Value {
  const length = to.length === 'max' ? Number.POSITIVE_INFINITY : to.length;
  const fixed = to.kind === 'binary';
  const image = imageOf(from, style ?? 0, to.kind);
  const number = numberImage(from) !== undefined;
  return value => (number ? fitNumber : fitBytes)(image(value), length, fixed);
}

export function toRowVersion(from: SqlType): (value: Value) => Value {
  const image = imageOf(from, 0, 'timestamp');
  const number = numberImage(from) !== undefined;
  return value => (number ? fitNumber : fitBytes)(image(value), 8, true);
}

const GUID = /^\{?([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})(.*)$/s;

export function toGuid(from: SqlType): (value: Value) => Value {
  if (isString(from)) {
    return value => {
      if (typeof value !== 'string') return wrong(from);
      const [, guid, rest = ''] = GUID.exec(value) ?? [];
      if (guid === undefined || (value.startsWith('{') && !rest.startsWith('}'))) {
        throw new SqlError(
          8169,
          'Conversion failed when converting from a character string to uniqueidentifier.',
          {
            state: 2,
          },
        );
      }
      return guid.toUpperCase();
    };
  }
  const image = imageOf(from, 0, 'uniqueidentifier');
  return value => guidText(fitBytes(image(value), 16, true));
}

/** datetime from its two whole numbers; other binaries have no agreed form here. */
export function oldDateFromBytes(bytes: Uint8Array, datetime: boolean): number {
  const width = datetime ? 4 : 2;
  const image = Buffer.from(fitNumber(bytes, width * 2, true));
  const days = datetime ? image.readInt32BE(0) : image.readUInt16BE(0);
  const part = datetime ? image.readUInt32BE(4) : image.readUInt16BE(2);
  return days * (datetime ? UNITS_PER_DAY : 1440) + part;
}
