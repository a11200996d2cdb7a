/** A uniqueidentifier's text of 16 random bytes: version 4, upper case. */
export function guidText(bytes: Uint8Array): string {
  const random = Uint8Array.from(bytes);
  random[6] = ((random[6] ?? 0) & 0x0f) | 0x40;
  random[8] = ((random[8] ?? 0) & 0x3f) | 0x80;
  const hex = Buffer.from(random).toString('hex').toUpperCase();
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
