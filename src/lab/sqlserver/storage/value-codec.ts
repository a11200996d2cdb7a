import type { OffsetTime, SqlType, Value, Variant } from '../values/types.ts';

/** Values as JSON and as compact bytes, without their types: both tell from the form of a value what it is. */

type Json = null | number | string | { readonly [key: string]: Json | SqlType };

export function isOffsetTime(value: Value): value is OffsetTime {
  return typeof value === 'object' && value !== null && 'ticks' in value;
}

export function isVariant(value: Value): value is Variant {
  return typeof value === 'object' && value !== null && 'type' in value;
}

/** A sql_variant as text; -0 and infinities do not occur in JSON, and numbers are therefore kept as text. */
export function variantToText(variant: Variant): string {
  return JSON.stringify({ type: variant.type, value: toJson(variant.value) });
}

export function variantFromText(text: string): Variant {
  const parsed: { type: SqlType; value: Json } = JSON.parse(text);
  const value = fromJson(parsed.value);
  return isVariant(value) ? value : { type: parsed.type, value };
}

function toJson(value: Exclude<Value, Variant>): Json {
  if (value === null) return null;
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return { n: Object.is(value, -0) ? '-0' : String(value) };
  if (typeof value === 'bigint') return { i: value.toString() };
  if (value instanceof Uint8Array) return { b: Buffer.from(value).toString('base64') };
  return { t: value.ticks.toString(), o: value.offset };
}

function fromJson(json: Json): Value {
  if (json === null || typeof json !== 'object') return json;
  if (typeof json['n'] === 'string') return Number(json['n']);
  if (typeof json['i'] === 'string') return BigInt(json['i']);
  if (typeof json['b'] === 'string') return new Uint8Array(Buffer.from(json['b'], 'base64'));
  return { ticks: BigInt(String(json['t'])), offset: Number(json['o']) };
}

const TAG = {
  null: 0,
  integer: 1,
  negative: 2,
  float: 3,
  big: 4,
  bigNegative: 5,
  utf8: 6,
  utf16: 7,
  bytes: 8,
  offset: 9,
  variant: 10,
} as const;

/** Grows as it is written. */
export class ByteWriter {
  #buffer: Buffer = Buffer.allocUnsafe(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  #room(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }

  byte(value: number): void {
    this.#room(1);
    this.#buffer[this.#length++] = value;
  }

  /** A whole number from 0 up to 2^53, 7 bits a byte. */
  count(value: number): void {
    this.#room(8);
    let rest = value;
    while (rest >= 0x80) {
      this.#buffer[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#buffer[this.#length++] = rest;
  }

  text(text: string): void {
    const bytes = Buffer.byteLength(text);
    this.count(bytes);
    this.#room(bytes);
    this.#length += this.#buffer.write(text, this.#length, 'utf8');
  }

  bytes(bytes: Uint8Array): void {
    this.count(bytes.length);
    this.#room(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  value(value: Value): void {
    if (value === null) this.byte(TAG.null);
    else if (typeof value === 'number') this.#number(value);
    else if (typeof value === 'bigint') {
      this.byte(value < 0n ? TAG.bigNegative : TAG.big);
      const hex = (value < 0n ? -value : value).toString(16);
      this.bytes(Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex'));
    } else if (typeof value === 'string') {
      if (value.isWellFormed()) {
        this.byte(TAG.utf8);
        this.text(value);
      } else {
        this.byte(TAG.utf16);
        this.bytes(Buffer.from(value, 'utf16le'));
      }
    } else if (value instanceof Uint8Array) {
      this.byte(TAG.bytes);
      this.bytes(value);
    } else if (isVariant(value)) {
      this.byte(TAG.variant);
      this.text(variantToText(value));
    } else {
      this.byte(TAG.offset);
      this.text(`${value.ticks} ${value.offset}`);
    }
  }

  #number(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
      this.byte(value < 0 ? TAG.negative : TAG.integer);
      this.count(Math.abs(value));
    } else {
      this.byte(TAG.float);
      this.#room(8);
      this.#buffer.writeDoubleLE(value, this.#length);
      this.#length += 8;
    }
  }

  values(values: readonly Value[]): void {
    this.count(values.length);
    for (const value of values) this.value(value);
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return new Uint8Array(this.#buffer.subarray(0, this.#length));
  }
}

export class ByteReader {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get done(): boolean {
    return this.#at >= this.#buffer.length;
  }

  byte(): number {
    return this.#buffer.readUInt8(this.#at++);
  }

  count(): number {
    let result = 0;
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.byte();
      result += (byte & 0x7f) * factor;
      if (byte < 0x80) return result;
    }
  }

  text(): string {
    const bytes = this.count();
    this.#at += bytes;
    return this.#buffer.toString('utf8', this.#at - bytes, this.#at);
  }

  bytes(): Uint8Array {
    const bytes = this.count();
    this.#at += bytes;
    return new Uint8Array(this.#buffer.subarray(this.#at - bytes, this.#at));
  }

  value(): Value {
    const tag = this.byte();
    switch (tag) {
      case TAG.null:
        return null;
      case TAG.integer:
        return this.count();
      case TAG.negative:
        return -this.count();
      case TAG.float:
        this.#at += 8;
        return this.#buffer.readDoubleLE(this.#at - 8);
      case TAG.big:
        return BigInt(`0x${Buffer.from(this.bytes()).toString('hex')}`);
      case TAG.bigNegative:
        return -BigInt(`0x${Buffer.from(this.bytes()).toString('hex')}`);
      case TAG.utf8:
        return this.text();
      case TAG.utf16:
        return Buffer.from(this.bytes()).toString('utf16le');
      case TAG.bytes:
        return this.bytes();
      case TAG.offset:
        return offsetTimeFromText(this.text());
      case TAG.variant:
        return variantFromText(this.text());
      default:
        throw new Error(`no value begins with byte ${tag}`);
    }
  }

  values(): Value[] {
    return Array.from({ length: this.count() }, () => this.value());
  }
}

export function offsetTimeFromText(text: string): OffsetTime {
  const space = text.indexOf(' ');
  return { ticks: BigInt(text.slice(0, space)), offset: Number(text.slice(space + 1)) };
}
