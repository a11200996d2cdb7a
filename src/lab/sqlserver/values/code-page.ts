/** Code page 1252, with what Windows puts for characters that have no place in it. */

const HIGH = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

const encoded = new Map<number, number>();
for (let index = 0; index < HIGH.length; index++) encoded.set(HIGH.charCodeAt(index), 0x80 + index);

const QUESTION = 63;

/** Letters whose best fit is not their base letter in Unicode. */
const BEST_FIT: Readonly<Record<string, string>> = {
  Đ: 'Ð',
  đ: 'd',
  Ħ: 'H',
  ħ: 'h',
  ı: 'i',
  Ł: 'L',
  ł: 'l',
  Ŧ: 'T',
  ŧ: 't',
};

const bestFit = (code: number): number => {
  if (code >= 0xff01 && code <= 0xff5e) return code - 0xfee0;
  if (code < 0x100 || code > 0x17f) return QUESTION;
  const character = String.fromCharCode(code);
  const fit = (BEST_FIT[character] ?? character.normalize('NFD')).charCodeAt(0);
  return fit < 0x100 ? fit : QUESTION;
};

const byteOf = (code: number): number => {
  if (code < 0x80 || (code >= 0xa0 && code < 0x100)) return code;
  return encoded.get(code) ?? bestFit(code);
};

const PLAIN = /^[\u0000-\u007f\u00a0-\u00ff]*$/;

/** The text with every character that 1252 does not have replaced: by its best fit, else by '?'. */
export function encodable1252(text: string): string {
  if (PLAIN.test(text)) return text;
  let result = '';
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    const byte = byteOf(code);
    result += byte >= 0x80 && byte < 0xa0 ? HIGH.charAt(byte - 0x80) : String.fromCharCode(byte);
  }
  return result;
}

export function encode1252(text: string): Uint8Array {
  if (PLAIN.test(text)) return Buffer.from(text, 'latin1');
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) bytes[index] = byteOf(text.charCodeAt(index));
  return bytes;
}

export function decode1252(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return text.replace(/[\u0080-\u009f]/g, high => HIGH.charAt(high.charCodeAt(0) - 0x80));
}
