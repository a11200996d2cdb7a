/** As much of the text as fits into a number of UTF-8 bytes. */
export function cutBytes(text: string, most: number): string {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character, 'utf8');
    if (bytes > most) break;
    end += character.length;
  }
  return text.slice(0, end);
}

/** Cut or filled with zeros on the right. */
export function fitBytes(bytes: Uint8Array, length: number, fixed: boolean): Uint8Array {
  if (bytes.length > length) return bytes.subarray(0, length);
  if (!fixed || bytes.length === length) return bytes;
  const padded = new Uint8Array(length);
  padded.set(bytes);
  return padded;
}

/** Numbers stand at the right end: cut or filled on the left. */
export function fitNumber(bytes: Uint8Array, length: number, fixed: boolean): Uint8Array {
  if (bytes.length > length) return bytes.subarray(bytes.length - length);
  if (!fixed || bytes.length === length) return bytes;
  const padded = new Uint8Array(length);
  padded.set(bytes, length - bytes.length);
  return padded;
}

/** Big-endian two's complement. */
export function bigEndian(value: bigint, width: number): Uint8Array {
  return Buffer.from(
    BigInt.asUintN(width * 8, value)
      .toString(16)
      .padStart(width * 2, '0'),
    'hex',
  );
}
