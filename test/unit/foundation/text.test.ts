import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { harmless, harmlessBytes, tailLines } from '../../../src/foundation/text.ts';

/** What moves a cursor, breaks a line, or makes a line read as what it is not. */
const HARMFUL =
  /[\0-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/u;

describe('harmless', () => {
  it.each([
    ['plain text, Größe, 東京 😀', 'plain text, Größe, 東京 😀'],
    ['\u001b[2J\u001b]0;title\u0007', '\\x1b[2J\\x1b]0;title\\x07'],
    ['one\ntwo\r\tthree', 'one\\ntwo\\r\\tthree'],
    ['\u009b31m', '\\x9b31m'],
    ['invoice\u202efdp.exe', 'invoice\\u{202e}fdp.exe'],
    ['a\u200bb\ufeff', 'a\\u{200b}b\\u{feff}'],
    ['tag\u{e0041}', 'tag\\u{e0041}'],
    ['nul\0', 'nul\\x00'],
  ])('%j', (text, shown) => {
    expect(harmless(text)).toBe(shown);
  });

  it('leaves nothing harmful of any text, and a second time changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        const once = harmless(text);
        expect(once).not.toMatch(HARMFUL);
        expect(harmless(once)).toBe(once);
      }),
    );
  });
});

describe('harmlessBytes', () => {
  it('shows what is not UTF-8 byte by byte', () => {
    expect(harmlessBytes(Buffer.from([0x61, 0xe9, 0x0a, 0x62]))).toBe('a\\xe9\\x0ab');
  });

  it('shows UTF-8 as text, a byte order mark as a mark', () => {
    expect(harmlessBytes(Buffer.from('\ufeffGröße\n'))).toBe('\\u{feff}Größe\\n');
  });

  it('leaves nothing harmful of any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), bytes => {
        expect(harmlessBytes(bytes)).not.toMatch(HARMFUL);
      }),
    );
  });
});

describe('tailLines', () => {
  it('is the last lines that say something', () => {
    expect(tailLines('one\n\ntwo\r\n  \nthree\n', 2)).toEqual(['two', 'three']);
  });

  it('cuts long lines and escapes what they hold', () => {
    expect(tailLines(`${'x'.repeat(20)}\nbad\u001b[0m`, 5, 10)).toEqual([
      `${'x'.repeat(10)}…`,
      'bad\\x1b[0m',
    ]);
  });

  it('of nothing is nothing', () => {
    expect(tailLines('', 3)).toEqual([]);
    expect(tailLines('\n\n', 3)).toEqual([]);
  });
});
