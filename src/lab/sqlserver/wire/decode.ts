import type { Collation } from '../values/index.ts';
import type { SqlType, Value, Variant } from '../values/types.ts';
import type { BytesIn } from './bytes-in.ts';
import { collationOf } from './collations.ts';
import {
  bareDecimal,
  DECIMAL_SIZES,
  decimalDecoder,
  decimalType,
  fixedDecoder,
  sizedDecoder,
} from './decode-numbers.ts';
import { bareDate, dateDecoder, timeDecoder, timed } from './decode-times.ts';
import { byteSized, type Decoder, longSized, plpSized, shortSized } from './decoder.ts';
import { BadValue } from './faults.ts';
import { readGuid } from './guid.ts';
import { TYPE } from './type-ids.ts';

/** Where a value stands: text, ntext and image have another form in a bulk row. */
export type Place = 'parameter' | 'row';

/**
 * Reads a TYPE_INFO; `own` is the collation of the session.
 * @throws OutOfBytes, BadValue; SqlError for a collation that is not known
 */
export function readTypeInfo(from: BytesIn, place: Place, own: Collation): Decoder {
  const typeId = from.u8();
  const simple = fixedDecoder(typeId) ?? sizedDecoder(typeId, from) ?? timeDecoder(typeId, from);
  if (simple !== undefined) return simple;
  switch (typeId) {
    case TYPE.decimalN:
    case TYPE.numericN:
      return decimalDecoder(typeId, from);
    case TYPE.date:
      return dateDecoder;
    case TYPE.uniqueidentifier:
      if (from.u8() !== 16) throw new BadValue('length', typeId);
      return { type: { kind: 'uniqueidentifier' }, typeId, read: byteSized(typeId, [16], bareGuid) };
    case TYPE.varchar:
    case TYPE.char:
    case TYPE.nvarchar:
    case TYPE.nchar:
      return textDecoder(typeId, from.u16(), collationOf(from.raw(5), own));
    case TYPE.varbinary:
    case TYPE.binary:
      return binaryDecoder(typeId, from.u16());
    case TYPE.text:
    case TYPE.ntext: {
      from.skip(4);
      const collation = collationOf(from.raw(5), own);
      const whole = textReader(typeId === TYPE.ntext, typeId, collation);
      return {
        type: { kind: typeId === TYPE.ntext ? 'ntext' : 'text', collation: collation.name },
        typeId,
        read: longSized(typeId, place, whole),
      };
    }
    case TYPE.image:
      from.skip(4);
      return { type: { kind: 'image' }, typeId, read: longSized(typeId, place, copied) };
    case TYPE.xml:
      return xmlDecoder(from);
    case TYPE.variant:
      from.skip(4);
      return {
        type: { kind: 'sql_variant' },
        typeId,
        read: source => readVariant(source, own),
      };
    default:
      throw new BadValue('type', typeId);
  }
}

const bareGuid = (from: BytesIn): Value => readGuid(from.raw(16));

const copied = (bytes: Buffer): Uint8Array => new Uint8Array(bytes);

function textReader(wide: boolean, typeId: number, collation: Collation): (bytes: Buffer) => string {
  if (!wide) return bytes => collation.decode(bytes);
  return bytes => wideText(bytes, typeId);
}

function wideText(bytes: Buffer, typeId: number): string {
  if (bytes.length % 2 !== 0) throw new BadValue('length', typeId);
  return bytes.toString('utf16le');
}

function textDecoder(typeId: number, size: number, collation: Collation): Decoder {
  const wide = typeId === TYPE.nvarchar || typeId === TYPE.nchar;
  const varying = typeId === TYPE.nvarchar || typeId === TYPE.varchar;
  const whole = textReader(wide, typeId, collation);
  const kind = wide ? (varying ? 'nvarchar' : 'nchar') : varying ? 'varchar' : 'char';
  if (size === 0xffff && varying) {
    return {
      type: { kind, length: 'max', collation: collation.name },
      typeId,
      read: plpSized(typeId, whole),
    };
  }
  if (size > 8000) throw new BadValue('length', typeId);
  const length = Math.max(1, wide ? size >> 1 : size);
  return {
    type: { kind, length, collation: collation.name },
    typeId,
    read: shortSized(typeId, size, (from, count) => {
      const text = whole(from.raw(count));
      return varying ? text : text + ' '.repeat((size - count) >> (wide ? 1 : 0));
    }),
  };
}

function binaryDecoder(typeId: number, size: number): Decoder {
  const kind = typeId === TYPE.varbinary ? 'varbinary' : 'binary';
  if (size === 0xffff && kind === 'varbinary') {
    return { type: { kind, length: 'max' }, typeId, read: plpSized(typeId, copied) };
  }
  if (size > 8000) throw new BadValue('length', typeId);
  return {
    type: { kind, length: Math.max(1, size) },
    typeId,
    read: shortSized(typeId, size, (from, count) => {
      const bytes = from.copy(count);
      if (kind === 'varbinary' || count >= size) return bytes;
      const padded = new Uint8Array(size);
      padded.set(bytes);
      return padded;
    }),
  };
}

function xmlDecoder(from: BytesIn): Decoder {
  if (from.u8() !== 0) {
    from.bVarchar();
    from.bVarchar();
    from.usVarchar();
  }
  return {
    type: { kind: 'xml' },
    typeId: TYPE.xml,
    // The mark of its byte order is no part of a document.
    read: plpSized(TYPE.xml, bytes => wideText(bytes, TYPE.xml).replace(/^\uFEFF/, '')),
  };
}

/** `u32 total` (0 is null), base type, properties, bare value. */
function readVariant(from: BytesIn, own: Collation): Variant | null {
  const total = from.u32();
  if (total === 0) return null;
  if (total > 8100) throw new BadValue('length', TYPE.variant);
  const end = from.at + total;
  const typeId = from.u8();
  const properties = from.u8();
  const size = total - 2 - properties;
  if (size < 0) throw new BadValue('length', TYPE.variant);
  const { type, read } = variantBase(from, typeId, properties, size, own);
  const value = read();
  if (from.at !== end) throw new BadValue('length', TYPE.variant);
  return { type, value };
}

interface VariantBase {
  readonly type: SqlType;
  readonly read: () => Variant['value'];
}

function variantBase(
  from: BytesIn,
  typeId: number,
  properties: number,
  size: number,
  own: Collation,
): VariantBase {
  const expect = (count: number): void => {
    if (properties !== count) throw new BadValue('length', TYPE.variant);
  };
  const bare = (type: SqlType, read: (from: BytesIn) => Value): VariantBase => ({
    type,
    read: () => {
      const value = read(from);
      if (value !== null && typeof value === 'object' && 'type' in value) {
        throw new BadValue('type', TYPE.variant);
      }
      return value;
    },
  });
  const fixed = fixedDecoder(typeId);
  if (fixed !== undefined) {
    expect(0);
    return bare(fixed.type, fixed.read);
  }
  switch (typeId) {
    case TYPE.uniqueidentifier:
      expect(0);
      return bare({ kind: 'uniqueidentifier' }, bareGuid);
    case TYPE.date:
      expect(0);
      return bare({ kind: 'date' }, bareDate);
    case TYPE.time:
    case TYPE.datetime2:
    case TYPE.datetimeoffset: {
      expect(1);
      const found = timed(typeId, from.u8());
      if (found === undefined || found.size !== size) throw new BadValue('length', typeId);
      return bare(found.type, found.bare);
    }
    case TYPE.decimalN:
    case TYPE.numericN: {
      expect(2);
      const precision = from.u8();
      const type = decimalType(typeId, precision, from.u8());
      if (!DECIMAL_SIZES.includes(size)) throw new BadValue('length', typeId);
      const read = bareDecimal(precision, typeId);
      return bare(type, source => read(source, size));
    }
    case TYPE.varbinary:
    case TYPE.binary:
      expect(2);
      return bare(binaryDecoder(typeId, from.u16()).type, source => source.copy(size));
    case TYPE.varchar:
    case TYPE.char:
    case TYPE.nvarchar:
    case TYPE.nchar: {
      expect(7);
      const collation = collationOf(from.raw(5), own);
      const { type } = textDecoder(typeId, from.u16(), collation);
      const whole = textReader(typeId === TYPE.nvarchar || typeId === TYPE.nchar, typeId, collation);
      return bare(type, source => whole(source.raw(size)));
    }
    default:
      throw new BadValue('type', TYPE.variant);
  }
}
