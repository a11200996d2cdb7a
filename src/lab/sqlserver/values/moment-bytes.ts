import { LAST_DAY, TICKS_PER_DAY, tickUnit } from './calendar.ts';
import { dateRange } from './faults.ts';
import { typeName } from './names.ts';
import type { SqlType, TypeOf, Value } from './types.ts';

/**
 * The types of moments that came with SQL Server 2008, as binaries: the scale, the time of the day in units of it, the
 * days since 0001-01-01 and the offset in minutes, each little-endian. Scripts of data are written so:
 * `CAST(0x070000000000603E0B AS datetime2)`.
 */
export type NewMoment =
  | TypeOf<'time' | 'datetime2' | 'datetimeoffset'>
  | (SqlType & { readonly kind: 'date' });

export const isNewMoment = (type: SqlType): type is NewMoment =>
  type.kind === 'date' || type.kind === 'time' || type.kind === 'datetime2' || type.kind === 'datetimeoffset';

const timeWidth = (scale: number): number => (scale <= 2 ? 3 : scale <= 4 ? 4 : 5);

/** @throws TypeError where the value is none of the type */
export function momentImage(value: Value, type: NewMoment): Uint8Array {
  if (type.kind === 'date') return little(BigInt(Number(value)), 3);
  const { scale } = type;
  const time = (ticks: bigint): Uint8Array =>
    little((ticks % TICKS_PER_DAY) / tickUnit(scale), timeWidth(scale));
  if (type.kind === 'time') return Buffer.concat([Uint8Array.of(scale), time(BigInt(Number(value)))]);
  const offset = typeof value === 'object' && value !== null && 'offset' in value ? value : undefined;
  const ticks = offset?.ticks ?? (typeof value === 'bigint' ? value : undefined);
  if (ticks === undefined) throw new TypeError(`not a value of ${type.kind}`);
  const parts = [Uint8Array.of(scale), time(ticks), little(ticks / TICKS_PER_DAY, 3)];
  if (offset !== undefined) parts.push(little(BigInt.asUintN(16, BigInt(offset.offset)), 2));
  return Buffer.concat(parts);
}

/** @throws SqlError 242 where the bytes are no value of the type */
export function momentFromImage(bytes: Uint8Array, from: SqlType, to: NewMoment): Value {
  const wrong = () => dateRange(typeName(from), typeName(to));
  if (to.kind === 'date') {
    const days = Number(number(bytes.subarray(0, 3)));
    if (bytes.length < 3 || days > LAST_DAY) throw wrong();
    return days;
  }
  const scale = bytes[0] ?? 8;
  const width = timeWidth(scale);
  const size = 1 + width + { time: 0, datetime2: 3, datetimeoffset: 5 }[to.kind];
  if (scale !== to.scale || bytes.length !== size) throw wrong();
  const within = number(bytes.subarray(1, 1 + width)) * tickUnit(scale);
  if (within >= TICKS_PER_DAY) throw wrong();
  if (to.kind === 'time') return Number(within);
  const days = number(bytes.subarray(1 + width, 4 + width));
  if (days > BigInt(LAST_DAY)) throw wrong();
  const ticks = days * TICKS_PER_DAY + within;
  if (to.kind === 'datetime2') return ticks;
  return { ticks, offset: Number(BigInt.asIntN(16, number(bytes.subarray(4 + width)))) };
}

const little = (value: bigint, width: number): Uint8Array =>
  Uint8Array.from({ length: width }, (_, at) => Number((value >> BigInt(8 * at)) & 0xffn));

const number = (bytes: Uint8Array): bigint =>
  bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
