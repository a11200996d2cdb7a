import { type Collation, collation } from '../values/index.ts';
import type { Length, SqlType, TypeOf, Value } from '../values/types.ts';
import type { BytesOut } from './bytes-out.ts';
import { bytesOf, type Encoder, plp, pointed, shortLength, textOf } from './encoder.ts';
import { TYPE } from './type-ids.ts';

type Bare = (out: BytesOut, value: Value) => void;

const unicode =
  (kind: SqlType['kind']): Bare =>
  (out, value) =>
    out.text(textOf(value, kind));

/** Bytes of the code page; ASCII, which all of them share, without a buffer of its own. */
const paged =
  (kind: SqlType['kind'], collation: Collation): Bare =>
  (out, value) => {
    const text = textOf(value, kind);
    if (!out.ascii(text)) out.raw(collation.encode(text));
  };

const binaryBytes =
  (kind: SqlType['kind']): Bare =>
  (out, value) =>
    out.raw(bytesOf(value, kind));

const short =
  (bare: Bare): Bare =>
  (out, value) => {
    const length = out.openU16();
    bare(out, value);
    if (out.length - length - 2 > 0xfffe) {
      throw new RangeError('the wire was given more than 65 534 bytes as a value of a limited type');
    }
    out.closeU16(length);
  };

/** The bare value and its type id, for a variant as well. */
export function bareText(type: TypeOf<'char' | 'varchar' | 'nchar' | 'nvarchar'>): {
  readonly bare: Bare;
  readonly typeId: number;
  readonly wire: Uint8Array;
  /** Bytes the type can hold, 0xFFFF for max. */
  readonly size: number;
} {
  const own = collation(type.collation);
  const wide = type.kind === 'nchar' || type.kind === 'nvarchar';
  return {
    bare: wide ? unicode(type.kind) : paged(type.kind, own),
    typeId: TYPE[type.kind],
    wire: own.wire,
    size: type.length === 'max' ? 0xffff : type.length * (wide ? 2 : 1),
  };
}

export function textEncoder(type: TypeOf<'char' | 'varchar' | 'nchar' | 'nvarchar'>): Encoder {
  const { bare, typeId, wire, size } = bareText(type);
  const info = (out: BytesOut): void => {
    out.u8(typeId);
    out.u16(size);
    out.raw(wire);
  };
  return type.length === 'max' ? plp(info, bare) : shortLength(info, short(bare));
}

export const bareBinary = binaryBytes;

export function binaryEncoder(kind: 'binary' | 'varbinary' | 'rowversion', length: Length): Encoder {
  const bare = binaryBytes(kind);
  const info = (out: BytesOut): void => {
    // A rowversion is told from a binary(8) by the user type of its column only.
    out.u8(kind === 'varbinary' ? TYPE.varbinary : TYPE.binary);
    out.u16(length === 'max' ? 0xffff : length);
  };
  return length === 'max' ? plp(info, bare) : shortLength(info, short(bare));
}

export const xmlEncoder: Encoder = plp(out => {
  out.u8(TYPE.xml);
  out.u8(0);
}, unicode('xml'));

export const imageEncoder: Encoder = pointed(out => {
  out.u8(TYPE.image);
  out.u32(0x7fff_ffff);
}, binaryBytes('image'));

export function largeTextEncoder(type: TypeOf<'text' | 'ntext'>): Encoder {
  const own = collation(type.collation);
  const wide = type.kind === 'ntext';
  return pointed(
    out => {
      out.u8(wide ? TYPE.ntext : TYPE.text);
      out.u32(wide ? 0x7fff_fffe : 0x7fff_ffff);
      out.raw(own.wire);
    },
    wide ? unicode('ntext') : paged('text', own),
  );
}
