/** Thrown where the bytes end before what is being read does: a malformed message, or a bulk row that goes on in the next packet. */
export class OutOfBytes extends Error {
  override readonly name = 'OutOfBytes';
}

// One for all: a bulk load meets it at the end of every chunk.
const OUT_OF_BYTES = new OutOfBytes('the message ends within a value');

/** Reads what a client sent, in wire order (little-endian). */
export class BytesIn {
  at = 0;
  /** How many bytes there would have to be for the read that failed last. */
  wanted = 0;
  readonly bytes: Buffer;
  readonly #view: DataView;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  get ended(): boolean {
    return this.at >= this.bytes.length;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  peek(): number {
    const at = this.#take(1);
    this.at = at;
    return this.#view.getUint8(at);
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  i16(): number {
    return this.#view.getInt16(this.#take(2), true);
  }

  i32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  i64(): bigint {
    return this.#view.getBigInt64(this.#take(8), true);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }

  f32(): number {
    return this.#view.getFloat32(this.#take(4), true);
  }

  f64(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  u16be(): number {
    return this.#view.getUint16(this.#take(2), false);
  }

  /** Up to 6 bytes of a non-negative integer. */
  uint(size: number): number {
    return this.bytes.readUIntLE(this.#take(size), size);
  }

  /** A view, not a copy. */
  raw(count: number): Buffer {
    const at = this.#take(count);
    return this.bytes.subarray(at, at + count);
  }

  copy(count: number): Uint8Array {
    const at = this.#take(count);
    return new Uint8Array(this.bytes.subarray(at, at + count));
  }

  /** UTF-16LE; `count` in bytes, even. */
  text(count: number): string {
    const at = this.#take(count);
    return this.bytes.toString('utf16le', at, at + count);
  }

  bVarchar(): string {
    return this.text(this.u8() * 2);
  }

  usVarchar(): string {
    return this.text(this.u16() * 2);
  }

  skip(count: number): void {
    this.#take(count);
  }

  #take(count: number): number {
    const at = this.at;
    const end = at + count;
    if (end > this.bytes.length) {
      this.wanted = end;
      throw OUT_OF_BYTES;
    }
    this.at = end;
    return at;
  }
}
