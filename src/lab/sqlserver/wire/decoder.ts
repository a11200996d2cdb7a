import type { SqlType, Value } from '../values/types.ts';
import type { BytesIn } from './bytes-in.ts';
import { BadValue } from './faults.ts';

/** A TYPE_INFO a client sent, and how values after it are read. */
export interface Decoder {
  readonly type: SqlType;
  readonly typeId: number;
  /**
   * A value with its length.
   * @throws OutOfBytes, BadValue
   */
  readonly read: (from: BytesIn) => Value;
}

/** Types whose value has one byte of length: null with 0, else one of `sizes`. */
export const byteSized =
  (typeId: number, sizes: readonly number[], bare: (from: BytesIn, size: number) => Value) =>
  (from: BytesIn): Value => {
    const size = from.u8();
    if (size === 0) return null;
    if (!sizes.includes(size)) throw new BadValue('length', typeId);
    return bare(from, size);
  };

/** Types whose value has two bytes of length, 0xFFFF for null. */
export const shortSized =
  (typeId: number, most: number, bare: (from: BytesIn, size: number) => Value) =>
  (from: BytesIn): Value => {
    const size = from.u16();
    if (size === 0xffff) return null;
    if (size > most) throw new BadValue('length', typeId);
    return bare(from, size);
  };

/** More than fits one buffer of the runtime is refused before anything is reserved. */
const LONGEST = 0x3fff_ffff;

/** Max types and xml: a value in chunks, total known or not. */
export const plpSized =
  (typeId: number, whole: (bytes: Buffer) => Value) =>
  (from: BytesIn): Value => {
    const total = from.u64();
    if (total === 0xffff_ffff_ffff_ffffn) return null;
    const known = total === 0xffff_ffff_ffff_fffen ? undefined : total;
    if (known !== undefined && known > BigInt(LONGEST)) throw new BadValue('length', typeId);
    const chunks: Buffer[] = [];
    let size = 0;
    for (let length = from.u32(); length > 0; length = from.u32()) {
      size += length;
      if (size > LONGEST) throw new BadValue('length', typeId);
      chunks.push(from.raw(length));
    }
    if (known !== undefined && BigInt(size) !== known) throw new BadValue('chunks', typeId);
    const first = chunks[0];
    return whole(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks, size));
  };

/** text, ntext, image: as an RPC's parameter a length alone, in a bulk row after a pointer and a timestamp. */
export const longSized =
  (typeId: number, place: 'parameter' | 'row', whole: (bytes: Buffer) => Value) =>
  (from: BytesIn): Value => {
    if (place === 'row') {
      const pointer = from.u8();
      if (pointer === 0) return null;
      from.skip(pointer + 8);
    }
    const length = from.u32();
    if (length === 0xffff_ffff) return null;
    if (length > LONGEST) throw new BadValue('length', typeId);
    return whole(from.raw(length));
  };
