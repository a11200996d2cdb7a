/**
 * Makes text that came from a host harmless for a terminal, a log line or a report: escape sequences,
 * control characters, bidirectional overrides and newlines become visible marks. One line in, one line out.
 */
export function harmless(text: string): string {
  if (PLAIN.test(text)) return text;
  let out = '';
  for (const char of text) {
    const point = char.codePointAt(0) ?? 0;
    if (char === '\t') out += '\\t';
    else if (char === '\n') out += '\\n';
    else if (char === '\r') out += '\\r';
    else if (point < 0x20 || point === 0x7f || (point >= 0x80 && point <= 0x9f)) out += `\\x${hex(point, 2)}`;
    else if (isInvisible(point)) out += `\\u{${hex(point, 4)}}`;
    else out += char;
  }
  return out;
}

/** Nearly every text is nothing else, and screens ask about thousands a second. */
const PLAIN = /^[\x20-\x7e]*$/;

function hex(point: number, width: number): string {
  return point.toString(16).padStart(width, '0');
}

/** Zero-width, bidirectional and other format characters that can make a line read as what it is not. */
function isInvisible(point: number): boolean {
  return (
    (point >= 0x200b && point <= 0x200f) ||
    (point >= 0x2028 && point <= 0x202e) ||
    (point >= 0x2060 && point <= 0x206f) ||
    point === 0xfeff ||
    point === 0x061c ||
    (point >= 0xfff9 && point <= 0xfffb) ||
    (point >= 0xe0000 && point <= 0xe007f)
  );
}

/** Bytes from a host as harmless text; what is not UTF-8 shows as `\xNN`. */
export function harmlessBytes(bytes: Uint8Array): string {
  try {
    return harmless(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    let out = '';
    for (const byte of bytes)
      out += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${hex(byte, 2)}`;
    return out;
  }
}

/** The last `count` non-empty lines, each made harmless and cut to `width` characters. */
export function tailLines(text: string, count: number, width = 400): string[] {
  return text
    .split(/\r?\n/)
    .filter(line => line.trim() !== '')
    .slice(-count)
    .map(line => harmless(line.length > width ? `${line.slice(0, width)}…` : line));
}
