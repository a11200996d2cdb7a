import type { BytesOut } from './bytes-out.ts';

/** Places in the text of the 16 bytes in wire order: 3 2 1 0, 5 4, 7 6, 8..15 of the text form. */
const PLACES = [6, 4, 2, 0, 11, 9, 16, 14, 19, 21, 24, 26, 28, 30, 32, 34] as const;

const digit = (unit: number): number =>
  unit <= 0x39 ? unit - 0x30 : unit <= 0x46 ? unit - 0x37 : unit - 0x57;

export function writeGuid(out: BytesOut, text: string): void {
  for (const place of PLACES) {
    out.u8(digit(text.charCodeAt(place)) * 16 + digit(text.charCodeAt(place + 1)));
  }
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).toUpperCase().padStart(2, '0'));

/** Upper case, with hyphens. */
export function readGuid(bytes: Uint8Array): string {
  const at = (index: number): string => HEX[bytes[index] ?? 0] ?? '';
  return (
    `${at(3)}${at(2)}${at(1)}${at(0)}-${at(5)}${at(4)}-${at(7)}${at(6)}-${at(8)}${at(9)}-` +
    `${at(10)}${at(11)}${at(12)}${at(13)}${at(14)}${at(15)}`
  );
}
