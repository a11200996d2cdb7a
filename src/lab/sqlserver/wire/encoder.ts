import type { OffsetTime, SqlType, Value, Variant } from '../values/types.ts';
import type { BytesOut } from './bytes-out.ts';

/** How values of one type are written; made once for a result's column. */
export interface Encoder {
  /** TYPE_INFO. */
  readonly info: (out: BytesOut) => void;
  /** A value that is not null, with its length. */
  readonly value: (out: BytesOut, value: Value) => void;
  readonly none: (out: BytesOut) => void;
  /** Bytes of `none`. */
  readonly noneSize: number;
  /** text, ntext and image: COLMETADATA names their table. */
  readonly hasTable: boolean;
  /** Large objects come last among an RPC's outputs. */
  readonly large: boolean;
}

/** A value that is not held as its type's values are: a fault of the engine, never of the client. */
const notOf = (kind: SqlType['kind'], value: Value): Error =>
  new TypeError(`the wire was given a ${value === null ? 'null' : typeof value} as ${kind}`);

export function numberOf(value: Value, kind: SqlType['kind']): number {
  if (typeof value !== 'number') throw notOf(kind, value);
  return value;
}

export function bigintOf(value: Value, kind: SqlType['kind']): bigint {
  if (typeof value !== 'bigint') throw notOf(kind, value);
  return value;
}

export function textOf(value: Value, kind: SqlType['kind']): string {
  if (typeof value !== 'string') throw notOf(kind, value);
  return value;
}

export function bytesOf(value: Value, kind: SqlType['kind']): Uint8Array {
  if (!(value instanceof Uint8Array)) throw notOf(kind, value);
  return value;
}

export function offsetTimeOf(value: Value): OffsetTime {
  if (value === null || typeof value !== 'object' || !('ticks' in value)) {
    throw notOf('datetimeoffset', value);
  }
  return value;
}

export function variantOf(value: Value): Variant {
  if (value === null || typeof value !== 'object' || !('type' in value)) throw notOf('sql_variant', value);
  return value;
}

const zero = (out: BytesOut): void => out.u8(0);

/** Types whose value has one byte of length before it; `sized` writes both. */
export const byteLength = (
  info: (out: BytesOut) => void,
  sized: (out: BytesOut, value: Value) => void,
): Encoder => ({ info, value: sized, none: zero, noneSize: 1, hasTable: false, large: false });

/** Types whose value has two bytes of length. */
export const shortLength = (
  info: (out: BytesOut) => void,
  sized: (out: BytesOut, value: Value) => void,
): Encoder => ({
  info,
  value: sized,
  none: out => out.u16(0xffff),
  noneSize: 2,
  hasTable: false,
  large: false,
});

/** Max types and xml: the whole value in one chunk. */
export const plp = (info: (out: BytesOut) => void, bare: (out: BytesOut, value: Value) => void): Encoder => ({
  info,
  value: (out, value) => {
    const start = out.length;
    out.u32(0);
    out.u32(0);
    const chunk = out.length;
    out.u32(0);
    bare(out, value);
    const size = out.length - chunk - 4;
    // Of an empty value the length of its chunk is the end already.
    if (size === 0) return;
    out.closeU32(chunk);
    out.setU32(start, size);
    out.u32(0);
  },
  none: out => {
    out.u32(0xffff_ffff);
    out.u32(0xffff_ffff);
  },
  noneSize: 8,
  hasTable: false,
  large: true,
});

// Pointer and timestamp of a text value mean nothing to a client that does not use WRITETEXT.
const POINTER = Buffer.alloc(24, 0x2a);

/** text, ntext, image. */
export const pointed = (
  info: (out: BytesOut) => void,
  bare: (out: BytesOut, value: Value) => void,
): Encoder => ({
  info,
  value: (out, value) => {
    out.u8(16);
    out.raw(POINTER);
    const length = out.openU32();
    bare(out, value);
    out.closeU32(length);
  },
  none: zero,
  noneSize: 1,
  hasTable: true,
  large: true,
});

/** A column that is never null, of a type whose length is known: the bare value. */
export const fixed = (typeId: number, bare: (out: BytesOut, value: Value) => void): Encoder => ({
  info: out => out.u8(typeId),
  value: bare,
  none: () => {
    throw new TypeError('the wire was given a null for a column that is not nullable');
  },
  noneSize: 0,
  hasTable: false,
  large: false,
});
