import type { TypeOf, Value } from '../values/types.ts';
import type { BytesOut } from './bytes-out.ts';
import { bigintOf, byteLength, type Encoder, fixed, numberOf } from './encoder.ts';
import { decimalSize, TYPE } from './type-ids.ts';

type Bare = (out: BytesOut, value: Value) => void;
export type SizedKind =
  | 'bit'
  | 'tinyint'
  | 'smallint'
  | 'int'
  | 'bigint'
  | 'real'
  | 'float'
  | 'smallmoney'
  | 'money'
  | 'datetime'
  | 'smalldatetime';

interface Sized {
  /** Type id of a column that is never null, and in a variant. */
  readonly own: number;
  /** Type id with a length. */
  readonly nullable: number;
  readonly size: number;
  readonly bare: Bare;
}

/** Units of 1/300 s in a day. */
const DATETIME_DAY = 25_920_000;

function money(out: BytesOut, value: Value): void {
  const units = bigintOf(value, 'money');
  out.i32(Number(units >> 32n));
  out.u32(Number(units & 0xffff_ffffn));
}

function datetime(out: BytesOut, value: Value): void {
  const units = numberOf(value, 'datetime');
  const days = Math.floor(units / DATETIME_DAY);
  out.i32(days);
  out.u32(units - days * DATETIME_DAY);
}

function smalldatetime(out: BytesOut, value: Value): void {
  const minutes = numberOf(value, 'smalldatetime');
  const days = Math.floor(minutes / 1440);
  out.u16(days);
  out.u16(minutes - days * 1440);
}

/** Types of a known size. */
export const SIZED: Readonly<Record<SizedKind, Sized>> = {
  bit: { own: TYPE.bit, nullable: TYPE.bitN, size: 1, bare: (out, value) => out.u8(numberOf(value, 'bit')) },
  tinyint: {
    own: TYPE.tinyint,
    nullable: TYPE.intN,
    size: 1,
    bare: (out, value) => out.u8(numberOf(value, 'tinyint')),
  },
  smallint: {
    own: TYPE.smallint,
    nullable: TYPE.intN,
    size: 2,
    bare: (out, value) => out.i16(numberOf(value, 'smallint')),
  },
  int: { own: TYPE.int, nullable: TYPE.intN, size: 4, bare: (out, value) => out.i32(numberOf(value, 'int')) },
  bigint: {
    own: TYPE.bigint,
    nullable: TYPE.intN,
    size: 8,
    bare: (out, value) => out.i64(bigintOf(value, 'bigint')),
  },
  real: {
    own: TYPE.real,
    nullable: TYPE.floatN,
    size: 4,
    bare: (out, value) => out.f32(numberOf(value, 'real')),
  },
  float: {
    own: TYPE.float,
    nullable: TYPE.floatN,
    size: 8,
    bare: (out, value) => out.f64(numberOf(value, 'float')),
  },
  smallmoney: {
    own: TYPE.smallmoney,
    nullable: TYPE.moneyN,
    size: 4,
    bare: (out, value) => out.i32(Number(bigintOf(value, 'smallmoney'))),
  },
  money: { own: TYPE.money, nullable: TYPE.moneyN, size: 8, bare: money },
  datetime: { own: TYPE.datetime, nullable: TYPE.datetimeN, size: 8, bare: datetime },
  smalldatetime: { own: TYPE.smalldatetime, nullable: TYPE.datetimeN, size: 4, bare: smalldatetime },
};

export function sizedEncoder(kind: SizedKind, nullable: boolean): Encoder {
  const { own, nullable: withLength, size, bare } = SIZED[kind];
  if (!nullable) return fixed(own, bare);
  return byteLength(
    out => {
      out.u8(withLength);
      out.u8(size);
    },
    (out, value) => {
      out.u8(size);
      bare(out, value);
    },
  );
}

/** Sign and magnitude of a decimal, in as many bytes as its precision has. */
export function bareDecimal(type: TypeOf<'decimal' | 'numeric'>): Bare {
  const size = decimalSize(type.precision);
  return (out, value) => {
    const units = bigintOf(value, type.kind);
    out.u8(units < 0n ? 0 : 1);
    const magnitude = units < 0n ? -units : units;
    if (size === 5) {
      out.u32(Number(magnitude));
      return;
    }
    out.u64(magnitude);
    if (size === 13) out.u32(Number((magnitude >> 64n) & 0xffff_ffffn));
    else if (size === 17) out.u64(magnitude >> 64n);
  };
}

export function decimalEncoder(type: TypeOf<'decimal' | 'numeric'>): Encoder {
  const size = decimalSize(type.precision);
  const bare = bareDecimal(type);
  return byteLength(
    out => {
      out.u8(type.kind === 'decimal' ? TYPE.decimalN : TYPE.numericN);
      out.u8(size);
      out.u8(type.precision);
      out.u8(type.scale);
    },
    (out, value) => {
      out.u8(size);
      bare(out, value);
    },
  );
}
