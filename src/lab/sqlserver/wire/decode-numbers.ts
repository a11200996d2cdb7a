import type { SqlType, Value } from '../values/types.ts';
import type { BytesIn } from './bytes-in.ts';
import { byteSized, type Decoder } from './decoder.ts';
import { BadValue } from './faults.ts';
import { decimalSize, TYPE } from './type-ids.ts';

type Bare = (from: BytesIn) => Value;

const DATETIME_DAY = 25_920_000;
/** 1753-01-01 and 9999-12-31 in days from 1900-01-01. */
const FIRST_DATETIME = -53_690;
const LAST_DATETIME = 2_958_463;

function datetime(from: BytesIn): number {
  const days = from.i32();
  const units = from.u32();
  if (days < FIRST_DATETIME || days > LAST_DATETIME || units >= DATETIME_DAY) {
    throw new BadValue('value', TYPE.datetimeN, 'datetime');
  }
  return days * DATETIME_DAY + units;
}

function smalldatetime(from: BytesIn): number {
  const days = from.u16();
  const minutes = from.u16();
  if (minutes >= 1440) throw new BadValue('value', TYPE.datetimeN, 'smalldatetime');
  return days * 1440 + minutes;
}

function finite(value: number, typeName: string): number {
  if (!Number.isFinite(value)) throw new BadValue('value', TYPE.floatN, typeName);
  return value;
}

/** Bare values of the types of a known size. */
const BARE = {
  bit: from => (from.u8() === 0 ? 0 : 1),
  tinyint: from => from.u8(),
  smallint: from => from.i16(),
  int: from => from.i32(),
  bigint: from => from.i64(),
  real: from => finite(from.f32(), 'real'),
  float: from => finite(from.f64(), 'float'),
  smallmoney: from => BigInt(from.i32()),
  money: from => (BigInt(from.i32()) << 32n) | BigInt(from.u32()),
  datetime,
  smalldatetime,
} as const satisfies Record<string, Bare>;

type BareKind = keyof typeof BARE;

const FIXED: ReadonlyMap<number, BareKind> = new Map([
  [TYPE.bit, 'bit'],
  [TYPE.tinyint, 'tinyint'],
  [TYPE.smallint, 'smallint'],
  [TYPE.int, 'int'],
  [TYPE.bigint, 'bigint'],
  [TYPE.real, 'real'],
  [TYPE.float, 'float'],
  [TYPE.smallmoney, 'smallmoney'],
  [TYPE.money, 'money'],
  [TYPE.datetime, 'datetime'],
  [TYPE.smalldatetime, 'smalldatetime'],
]);

const NULLABLE: ReadonlyMap<number, ReadonlyMap<number, BareKind>> = new Map([
  [TYPE.bitN, new Map<number, BareKind>([[1, 'bit']])],
  [
    TYPE.intN,
    new Map<number, BareKind>([
      [1, 'tinyint'],
      [2, 'smallint'],
      [4, 'int'],
      [8, 'bigint'],
    ]),
  ],
  [
    TYPE.floatN,
    new Map<number, BareKind>([
      [4, 'real'],
      [8, 'float'],
    ]),
  ],
  [
    TYPE.moneyN,
    new Map<number, BareKind>([
      [4, 'smallmoney'],
      [8, 'money'],
    ]),
  ],
  [
    TYPE.datetimeN,
    new Map<number, BareKind>([
      [4, 'smalldatetime'],
      [8, 'datetime'],
    ]),
  ],
]);

/** Of a type without a length of its own, as variants and columns that are never null have it. */
export function fixedDecoder(typeId: number): Decoder | undefined {
  const kind = FIXED.get(typeId);
  return kind === undefined ? undefined : { type: { kind }, typeId, read: BARE[kind] };
}

/** After the type id: INTN and its kin. */
export function sizedDecoder(typeId: number, from: BytesIn): Decoder | undefined {
  const kinds = NULLABLE.get(typeId);
  if (kinds === undefined) return undefined;
  const size = from.u8();
  const kind = kinds.get(size);
  if (kind === undefined) throw new BadValue('length', typeId);
  return { type: { kind }, typeId, read: byteSized(typeId, [size], BARE[kind]) };
}

/** Sign and magnitude; `size` with the sign. */
export function bareDecimal(precision: number, typeId: number): (from: BytesIn, size: number) => bigint {
  const limit = 10n ** BigInt(precision);
  return (from, size) => {
    const positive = from.u8() !== 0;
    let magnitude = 0n;
    if (size === 5) magnitude = BigInt(from.u32());
    else magnitude = from.u64();
    if (size === 13) magnitude |= BigInt(from.u32()) << 64n;
    else if (size === 17) magnitude |= from.u64() << 64n;
    if (magnitude >= limit) {
      throw new BadValue('value', typeId, typeId === TYPE.decimalN ? 'decimal' : 'numeric');
    }
    return positive ? magnitude : -magnitude;
  };
}

export const DECIMAL_SIZES: readonly number[] = [5, 9, 13, 17];

export function decimalType(typeId: number, precision: number, scale: number): SqlType {
  if (precision < 1 || precision > 38 || scale > precision) {
    throw new BadValue('value', typeId, typeId === TYPE.decimalN ? 'decimal' : 'numeric');
  }
  return { kind: typeId === TYPE.decimalN ? 'decimal' : 'numeric', precision, scale };
}

/** After the type id: length, precision, scale. */
export function decimalDecoder(typeId: number, from: BytesIn): Decoder {
  const size = from.u8();
  const precision = from.u8();
  const type = decimalType(typeId, precision, from.u8());
  if (size < decimalSize(precision) || size > 17) throw new BadValue('length', typeId);
  return { type, typeId, read: byteSized(typeId, DECIMAL_SIZES, bareDecimal(precision, typeId)) };
}
