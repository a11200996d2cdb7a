/** Bytes of capacity that are kept when nothing is left to send. */
const KEPT = 262_144;

/** A growing buffer in wire order (little-endian): tokens and rows are written without an allocation for each value. */
export class BytesOut {
  length = 0;
  #bytes: Buffer;
  #view: DataView;

  constructor(capacity = 8192) {
    this.#bytes = Buffer.allocUnsafeSlow(capacity);
    this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, capacity);
  }

  /** A view of what was written; it is overwritten by what comes after `clear` or `drop`. */
  written(): Buffer {
    return this.#bytes.subarray(0, this.length);
  }

  clear(): void {
    this.drop(this.length);
  }

  /** Forgets the first `count` bytes. */
  drop(count: number): void {
    this.#bytes.copyWithin(0, count, this.length);
    this.length -= count;
    // One large object must not be paid for by its connection ever after.
    if (this.length === 0 && this.#bytes.length > KEPT) this.#use(KEPT);
  }

  u8(value: number): void {
    const at = this.#take(1);
    this.#bytes[at] = value;
  }

  u16(value: number): void {
    const at = this.#take(2);
    this.#view.setUint16(at, value, true);
  }

  u32(value: number): void {
    const at = this.#take(4);
    this.#view.setUint32(at, value, true);
  }

  /** Up to 6 bytes of a non-negative integer. */
  uint(value: number, size: number): void {
    let at = this.#take(size);
    let rest = value;
    for (let index = 0; index < size; index += 1) {
      this.#bytes[at] = rest % 256;
      rest = Math.floor(rest / 256);
      at += 1;
    }
  }

  i16(value: number): void {
    const at = this.#take(2);
    this.#view.setInt16(at, value, true);
  }

  i32(value: number): void {
    const at = this.#take(4);
    this.#view.setInt32(at, value, true);
  }

  i64(value: bigint): void {
    const at = this.#take(8);
    this.#view.setBigInt64(at, value, true);
  }

  u64(value: bigint): void {
    const at = this.#take(8);
    this.#view.setBigUint64(at, value, true);
  }

  f32(value: number): void {
    const at = this.#take(4);
    this.#view.setFloat32(at, value, true);
  }

  f64(value: number): void {
    const at = this.#take(8);
    this.#view.setFloat64(at, value, true);
  }

  /** Big-endian, as versions and lengths of a few places are. */
  u16be(value: number): void {
    const at = this.#take(2);
    this.#view.setUint16(at, value, false);
  }

  u32be(value: number): void {
    const at = this.#take(4);
    this.#view.setUint32(at, value, false);
  }

  raw(bytes: Uint8Array): void {
    const at = this.#take(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** UTF-16LE. */
  text(text: string): void {
    const units = text.length;
    let at = this.#take(units * 2);
    // The call into the runtime costs more than a short loop.
    if (units > 24) {
      this.#bytes.write(text, at, 'utf16le');
      return;
    }
    for (let index = 0; index < units; index += 1) {
      const unit = text.charCodeAt(index);
      this.#bytes[at] = unit;
      this.#bytes[at + 1] = unit >> 8;
      at += 2;
    }
  }

  /** One byte for each unit where all are ASCII; false and nothing written where one is not. */
  ascii(text: string): boolean {
    const units = text.length;
    const start = this.#take(units);
    for (let index = 0; index < units; index += 1) {
      const unit = text.charCodeAt(index);
      if (unit > 0x7f) {
        this.length = start;
        return false;
      }
      this.#bytes[start + index] = unit;
    }
    return true;
  }

  /** u8 count of UTF-16 units, text. */
  bVarchar(text: string): void {
    const kept = text.length > 255 ? text.slice(0, 255) : text;
    this.u8(kept.length);
    this.text(kept);
  }

  /** u16 count of UTF-16 units, text. */
  usVarchar(text: string): void {
    const kept = text.length > 65_535 ? text.slice(0, 65_535) : text;
    this.u16(kept.length);
    this.text(kept);
  }

  /** Room for a length that is known later; give the result to `closeU16` and its kin. */
  openU16(): number {
    return this.#take(2);
  }

  closeU16(at: number): void {
    this.#view.setUint16(at, this.length - at - 2, true);
  }

  openU32(): number {
    return this.#take(4);
  }

  closeU32(at: number): void {
    this.#view.setUint32(at, this.length - at - 4, true);
  }

  setU32(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  setU8(at: number, value: number): void {
    this.#bytes[at] = value;
  }

  #take(count: number): number {
    const at = this.length;
    const end = at + count;
    if (end > this.#bytes.length) this.#grow(end);
    this.length = end;
    return at;
  }

  #grow(needed: number): void {
    const old = this.#bytes;
    this.#use(Math.max(needed, old.length * 2));
    old.copy(this.#bytes, 0, 0, this.length);
  }

  #use(capacity: number): void {
    this.#bytes = Buffer.allocUnsafeSlow(capacity);
    this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, capacity);
  }
}
