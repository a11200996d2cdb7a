import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cell, csvOf } from '../../../src/reports/document/csv.ts';

/** A reader by the letter of RFC 4180. */
function parse(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let value = '';
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const char = text.charAt(index);
    if (quoted) {
      if (char !== '"') value += char;
      else if (text[index + 1] === '"') {
        value += '"';
        index += 1;
      } else quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === ',') {
      row.push(value);
      value = '';
    } else if (char === '\r' && text[index + 1] === '\n') {
      rows.push([...row, value]);
      row = [];
      value = '';
      index += 1;
    } else value += char;
  }
  return rows;
}

describe('CSV', () => {
  it.each([
    ['plain', 'plain'],
    ['a, b', '"a, b"'],
    ['say "no"', '"say ""no"""'],
    ['two\nlines', '"two\nlines"'],
    ['=1+1', "'=1+1"],
    ['+1 305 555 0100', "'+1 305 555 0100"],
    ['-x', "'-x"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['  =1', "'  =1"],
    ['\r=1', `"'\r=1"`],
    ['"=1', `"'""=1"`],
    ['', ''],
    ['3-4', '3-4'],
  ])('%j becomes %j', (text, shown) => {
    expect(cell(text)).toBe(shown);
  });

  it('reads back as it was written, and no cell begins like a formula', () => {
    const nasty = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', '"', ',', "'", ' ', 'a') }),
    );
    fc.assert(
      fc.property(fc.array(fc.array(nasty, { minLength: 2, maxLength: 2 })), rows => {
        const read = parse(csvOf(['a', 'b'], rows)).slice(1);
        expect(read.length).toBe(rows.length);
        for (const [index, row] of read.entries())
          for (const [at, each] of row.entries()) {
            const written = rows[index]?.[at] ?? '';
            expect([written, `'${written}`]).toContain(each);
          }
        for (const row of read) for (const each of row) expect(each).not.toMatch(/^[\s"]*[=+\-@\t\r]/);
      }),
    );
  });
});
