import type { SqlType, Value } from '../values/types.ts';
import type { BytesIn } from './bytes-in.ts';
import { byteSized, type Decoder } from './decoder.ts';
import { BadValue } from './faults.ts';
import { LAST_DAY, TICKS_OF_A_DAY, TYPE, timeSize } from './type-ids.ts';

const DAY = BigInt(TICKS_OF_A_DAY);

function days(from: BytesIn, typeId: number, typeName: string): number {
  const value = from.uint(3);
  if (value > LAST_DAY) throw new BadValue('value', typeId, typeName);
  return value;
}

/** Ticks of 100 ns since midnight. */
function timeReader(scale: number, typeId: number, typeName: string): (from: BytesIn) => number {
  const size = timeSize(scale);
  const unit = 10 ** (7 - scale);
  return from => {
    const ticks = from.uint(size) * unit;
    if (ticks >= TICKS_OF_A_DAY) throw new BadValue('value', typeId, typeName);
    return ticks;
  };
}

export const bareDate = (from: BytesIn): Value => days(from, TYPE.date, 'date');

export const dateDecoder: Decoder = {
  type: { kind: 'date' },
  typeId: TYPE.date,
  read: byteSized(TYPE.date, [3], bareDate),
};

interface Timed {
  readonly type: SqlType;
  readonly size: number;
  readonly bare: (from: BytesIn) => Value;
}

/** time, datetime2, datetimeoffset with their scale. */
export function timed(typeId: number, scale: number): Timed | undefined {
  const kind =
    typeId === TYPE.time
      ? 'time'
      : typeId === TYPE.datetime2
        ? 'datetime2'
        : typeId === TYPE.datetimeoffset
          ? 'datetimeoffset'
          : undefined;
  if (kind === undefined) return undefined;
  if (scale > 7) throw new BadValue('value', typeId, kind);
  const time = timeReader(scale, typeId, kind);
  const type: SqlType = { kind, scale };
  const moment = (from: BytesIn): bigint => {
    const ticks = time(from);
    return BigInt(days(from, typeId, kind)) * DAY + BigInt(ticks);
  };
  switch (kind) {
    case 'time':
      return { type, size: timeSize(scale), bare: time };
    case 'datetime2':
      return { type, size: timeSize(scale) + 3, bare: moment };
    case 'datetimeoffset':
      return {
        type,
        size: timeSize(scale) + 5,
        bare: from => {
          const ticks = moment(from);
          const offset = from.i16();
          if (Math.abs(offset) > 840) throw new BadValue('value', typeId, kind);
          return { ticks, offset };
        },
      };
  }
}

/** After the type id: the scale. */
export function timeDecoder(typeId: number, from: BytesIn): Decoder | undefined {
  if (typeId !== TYPE.time && typeId !== TYPE.datetime2 && typeId !== TYPE.datetimeoffset) return undefined;
  const found = timed(typeId, from.u8());
  return found === undefined
    ? undefined
    : { type: found.type, typeId, read: byteSized(typeId, [found.size], found.bare) };
}
