import type { TypeOf, Value } from '../values/types.ts';
import type { BytesOut } from './bytes-out.ts';
import { bigintOf, byteLength, type Encoder, numberOf, offsetTimeOf } from './encoder.ts';
import { TICKS_OF_A_DAY, TYPE, timeSize } from './type-ids.ts';

type Bare = (out: BytesOut, value: Value) => void;

/** What a time of a day is written with: its ticks of 100 ns in units of 10^-scale s. */
const timeWriter = (scale: number): ((out: BytesOut, ticks: number) => void) => {
  const size = timeSize(scale);
  const unit = 10 ** (7 - scale);
  return (out, ticks) => out.uint(Math.floor(ticks / unit), size);
};

const DAY = BigInt(TICKS_OF_A_DAY);

/** Time and days of ticks since 0001-01-01. */
const momentWriter = (scale: number): ((out: BytesOut, ticks: bigint) => void) => {
  const time = timeWriter(scale);
  return (out, ticks) => {
    const days = ticks / DAY;
    time(out, Number(ticks - days * DAY));
    out.uint(Number(days), 3);
  };
};

export const bareDate: Bare = (out, value) => out.uint(numberOf(value, 'date'), 3);

export function bareTime(type: TypeOf<'time' | 'datetime2' | 'datetimeoffset'>): {
  readonly bare: Bare;
  readonly size: number;
  readonly typeId: number;
} {
  const { scale } = type;
  if (type.kind === 'time') {
    const time = timeWriter(scale);
    return {
      bare: (out, value) => time(out, numberOf(value, 'time')),
      size: timeSize(scale),
      typeId: TYPE.time,
    };
  }
  const moment = momentWriter(scale);
  if (type.kind === 'datetime2') {
    return {
      bare: (out, value) => moment(out, bigintOf(value, 'datetime2')),
      size: timeSize(scale) + 3,
      typeId: TYPE.datetime2,
    };
  }
  return {
    bare: (out, value) => {
      const { ticks, offset } = offsetTimeOf(value);
      moment(out, ticks);
      out.i16(offset);
    },
    size: timeSize(scale) + 5,
    typeId: TYPE.datetimeoffset,
  };
}

export const dateEncoder: Encoder = byteLength(
  out => out.u8(TYPE.date),
  (out, value) => {
    out.u8(3);
    bareDate(out, value);
  },
);

export function timeEncoder(type: TypeOf<'time' | 'datetime2' | 'datetimeoffset'>): Encoder {
  const { bare, size, typeId } = bareTime(type);
  return byteLength(
    out => {
      out.u8(typeId);
      out.u8(type.scale);
    },
    (out, value) => {
      out.u8(size);
      bare(out, value);
    },
  );
}
