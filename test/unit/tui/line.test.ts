import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { harmless } from '../../../src/foundation/text.ts';
import { asciiLine } from '../../../src/tui/text/ascii.ts';
import { clip, ends, fill, type Line, span, textOf, widthOf, wrap } from '../../../src/tui/text/line.ts';
import { layOutTable, widest } from '../../../src/tui/text/table.ts';

/** What hosts and people put into names: plain words, other scripts, wide characters, combining marks, escapes. */
const anyText = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.constantFrom(
    '漢字の名前',
    'e\u0301e\u0301',
    '👩‍💻 x',
    '\u001b[2J\u001b[1;1H',
    'a\u202eb',
    '  two  gaps ',
    'ﷺ',
  ),
);
const anyLine: fc.Arbitrary<Line> = fc
  .array(anyText, { maxLength: 5 })
  .map(texts => texts.map(each => span(each)));
const width = fc.integer({ min: 0, max: 120 });

describe('a line', () => {
  it('is never wider than it may be once clipped, and stands as it is where it fits', () => {
    fc.assert(
      fc.property(anyLine, width, (line, columns) => {
        const clipped = clip(line, columns);
        expect(widthOf(clipped)).toBeLessThanOrEqual(columns);
        if (widthOf(line) <= columns) expect(clipped).toBe(line);
      }),
    );
  });

  it('shows that something was cut', () => {
    expect(textOf(clip([span('miami-to-dallas')], 8))).toBe('miami-t…');
    expect(textOf(clip([span('漢字の名前')], 6))).toBe('漢字…');
  });

  it('is exactly as wide as asked when filled', () => {
    fc.assert(
      fc.property(anyLine, width, (line, columns) => {
        expect(widthOf(fill(line, columns, '…'))).toBe(columns);
      }),
    );
  });

  it('keeps its right end', () => {
    fc.assert(
      fc.property(anyLine, anyLine, width, (left, right, columns) => {
        expect(widthOf(ends(left, right, columns, '…'))).toBe(columns);
      }),
    );
    expect(textOf(ends([span('a long name')], [span('7m')], 8, '…'))).toBe('a lo… 7m');
  });

  it('cannot move the cursor, whatever a host calls itself', () => {
    fc.assert(
      fc.property(anyText, text => {
        expect(span(text).text).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
  });

  it('has only ASCII where the terminal has no more, in as many columns', () => {
    fc.assert(
      fc.property(anyLine, line => {
        const plain = asciiLine(line);
        expect(textOf(plain)).toMatch(/^[\x20-\x7e]*$/);
        const parts = line.reduce((sum, each) => sum + widthOf([each]), 0);
        expect(widthOf(plain)).toBe(parts);
      }),
    );
  });
});

describe('wrap', () => {
  // A cluster of combining marks may be wider than two columns, and then has no place at all.
  it('loses no letter and stays within the width', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 8, max: 100 }), (text, columns) => {
        const lines = wrap(text, columns);
        for (const each of lines) expect(widthOf(each)).toBeLessThanOrEqual(columns);
        expect(lines.map(textOf).join('').replaceAll(' ', '')).toBe(harmless(text).replaceAll(' ', ''));
      }),
    );
  });

  it('a blank of another kind at the beginning, or a cluster wider than the line, costs nothing that follows', () => {
    expect(wrap('\u3000name', 10).map(textOf).join('')).toBe('\u3000name');
    expect(wrap('\u{1D160}'.repeat(3), 2).map(textOf).join('')).toBe('\u{1D160}'.repeat(3));
    expect(wrap('ab\u754c', 1).map(textOf)).toEqual(['a', 'b', '']);
    expect(wrap('\u754cab', 1).map(textOf).slice(0, 2)).toEqual(['a', 'b']);
  });

  it('breaks at spaces and keeps an indent', () => {
    expect(wrap('  one two three', 9).map(textOf)).toEqual(['  one two', '  three']);
    expect(wrap('abcdefgh ij', 3).map(textOf)).toEqual(['abc', 'def', 'gh', 'ij']);
    expect(wrap('', 10).map(textOf)).toEqual(['']);
  });
});

describe('a table', () => {
  const columns = fc.array(
    fc.record({ keep: fc.nat(5), least: fc.integer({ min: 1, max: 20 }), more: fc.nat(20), text: anyText }),
    { minLength: 1, maxLength: 9 },
  );

  it('has a header and rows of one width, within the room unless what must stay needs more', () => {
    fc.assert(
      fc.property(columns, fc.integer({ min: 20, max: 200 }), (each, room) => {
        const layout = layOutTable(
          each.map(({ keep, least, more, text }, index) => ({
            title: `c${index}`,
            keep: index === 0 ? 0 : keep + 1,
            least,
            most: least + more,
            cell: () => [span(text)],
          })),
          room,
          '…',
        );
        const row = layout.row('any');
        expect(widthOf(row)).toBeLessThanOrEqual(room);
        expect(row.filter(part => part.column !== undefined).length).toBe(
          layout.header.filter(part => part.column !== undefined).length,
        );
      }),
    );
  });

  it('leaves out the column that matters least', () => {
    const column = (title: string, keep: number) => ({
      title,
      keep,
      least: 6,
      most: 6,
      cell: () => [span(title)],
    });
    const wide = layOutTable([column('name', 0), column('state', 1), column('tier', 2)], 22, '…');
    const narrow = layOutTable([column('name', 0), column('state', 1), column('tier', 2)], 21, '…');
    expect(textOf(wide.header)).toBe('name    state   tier  ');
    expect(textOf(narrow.header)).toBe('name    state ');
    expect(widest(['漢字'], 1, 9)).toBe(4);
  });
});

describe('symbols', () => {
  it('take one column each, as the quick way of measuring supposes', () => {
    for (const symbol of '…─━│›·Δ→✔▲✖█░↑↓▁▂▃▄▅▆▇') expect(stringWidth(symbol)).toBe(1);
  });
});
