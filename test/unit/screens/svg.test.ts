import fc from 'fast-check';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { animatedSvg } from '../../../scripts/screens/animation.ts';
import { hex, PALETTE } from '../../../scripts/screens/palette.ts';
import { CELL, type Picture, svg } from '../../../scripts/screens/svg.ts';
import { createScreen } from '../../support/terminal-screen.ts';

const WORDS = { title: 'A title', description: 'A description.' };

async function pictured(text: string, columns = 30, rows = 4): Promise<Picture & { lines: string[] }> {
  const screen = createScreen({ columns, rows, convertEol: true });
  await screen.write(text);
  const taken = { ...WORDS, grid: screen.grid(), lines: screen.lines() };
  screen.dispose();
  return taken;
}

interface Piece {
  readonly x: number;
  readonly y: number;
  readonly columns: number;
  readonly text: string;
}

/** What the SVG says, read by somebody else's parser. */
function pieces(source: string): Piece[] {
  expect(XMLValidator.validate(source)).toBe(true);
  const parser = new XMLParser({
    ignoreAttributes: false,
    trimValues: false,
    parseTagValue: false,
    processEntities: true,
    isArray: name => name === 'g' || name === 'text',
  });
  const read = parser.parse(source);
  const rows: { '@_transform'?: string; text?: Record<string, string>[] }[] = read.svg.g[0].g ?? [];
  return rows.flatMap(row =>
    (row.text ?? []).map(text => ({
      x: Number(text['@_x']) / CELL.width,
      y: Number(/translate\(0 ([\d.]+)\)/.exec(row['@_transform'] ?? '')?.[1]) / CELL.height,
      columns: Number(text['@_textLength']) / CELL.width,
      text: text['#text'] ?? '',
    })),
  );
}

function readLines(source: string, rows: number): string[] {
  const lines = Array.from({ length: rows }, () => '');
  for (const { y, text } of pieces(source)) lines[Math.round(y)] += text;
  return lines.map(line => line.trimEnd());
}

/** Text as hosts send it: markup, quotes, wide characters, symbols, colours and attributes. */
const screenText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme-ascii', maxLength: 8 }),
      fc.constantFrom(
        '<script>',
        '&amp;',
        ']]>',
        '日本',
        '✔ ',
        '──',
        '▁▃█',
        '\u001B[0m',
        '\u001B[1;31m',
        '\u001B[7m',
      ),
      fc.constantFrom(
        '\u001B[2m',
        '\u001B[44m',
        '\u001B[38;2;1;2;3m',
        '\u001B[4m',
        '\u001B[9m',
        '   ',
        '\n',
        '\u00A0',
      ),
    ),
    { maxLength: 30 },
  )
  .map(parts => parts.join(''));

describe('svg', () => {
  it('says what the screen says, whatever the screen says', async () => {
    await fc.assert(
      fc.asyncProperty(screenText, async text => {
        const picture = await pictured(text);
        expect(readLines(svg(picture), 4)).toEqual(picture.lines.map(line => line.trimEnd()));
      }),
    );
  });

  it('every piece of text starts and ends in its column', async () => {
    await fc.assert(
      fc.asyncProperty(screenText, async text => {
        const picture = await pictured(text);
        for (const piece of pieces(svg(picture))) {
          const [x, y] = [Math.round(piece.x), Math.round(piece.y)];
          expect(
            picture.grid[y]
              ?.slice(x, x + Math.round(piece.columns))
              .map(cell => cell.text)
              .join(''),
          ).toBe(piece.text);
        }
      }),
    );
  });

  it('keeps colours, bold, dim and inverse, and joins what looks alike', async () => {
    const source = svg(
      await pictured('\u001B[32;1mgood\u001B[0m and \u001B[2mdim\u001B[0m \u001B[7minverse\u001B[0m'),
    );
    expect(source).toContain(`.c0{fill:${PALETTE.ansi[2]};font-weight:bold}`);
    expect(source).toContain('class="c0">good </text>');
    expect(source).toContain('.c1{opacity:.6}');
    expect(source).toContain(`fill="${PALETTE.foreground}"/>`);
    expect(source).toContain(`{fill:${PALETTE.background}}`);
    expect(pieces(source)).toHaveLength(4);
  });

  it('is the same for the same screen, has words for who cannot see it, and loads nothing', async () => {
    const hostile = { title: '<b> & "q"', description: '</desc><script>alert(1)</script>\u0000' };
    const picture = { ...(await pictured('</text><script>alert(1)</script>')), ...hostile };
    const source = svg(picture);
    expect(svg(picture)).toBe(source);
    expect(source).toContain('<title id="title">&lt;b&gt; &amp; &quot;q&quot;</title>');
    expect(source).toContain('aria-labelledby="title description"');
    expect(source).not.toMatch(/<script|<image|@import|url\(|\u0000/);
    expect(source.match(/http[^"]*/g)).toEqual(['http://www.w3.org/2000/svg']);
    expect(XMLValidator.validate(source)).toBe(true);
  });

  it('knows the cube and the greys of 256 colours', () => {
    expect(hex(16, 'foreground')).toBe('#000000');
    expect(hex(208, 'foreground')).toBe('#ff8700');
    expect(hex(231, 'foreground')).toBe('#ffffff');
    expect(hex(232, 'background')).toBe('#080808');
    expect(hex(255, 'background')).toBe('#eeeeee');
    expect(hex('default', 'background')).toBe(PALETTE.background);
  });
});

describe('animatedSvg', () => {
  it('draws a row once however many screens show it, and shows one screen at a time', async () => {
    const [one, two, three] = await Promise.all([
      pictured('same\none'),
      pictured('same\ntwo'),
      pictured('same\none'),
    ]);
    const source = animatedSvg(
      [
        { grid: one.grid, ms: 500 },
        { grid: two.grid, ms: 1000 },
        { grid: three.grid, ms: 500 },
      ],
      WORDS,
    );
    expect(XMLValidator.validate(source)).toBe(true);
    expect(source.match(/>same</g)).toHaveLength(1);
    expect(source.match(/>one</g)).toHaveLength(1);
    expect(source.match(/<use /g)).toHaveLength(6);
    expect(source).toContain('@keyframes k0{0%{visibility:visible}25%{visibility:hidden}}');
    expect(source).toContain(
      '@keyframes k1{0%{visibility:hidden}25%{visibility:visible}75%{visibility:hidden}}',
    );
    expect(source).toContain('@keyframes k2{0%{visibility:hidden}75%{visibility:visible}}');
    expect(source).toContain('.f{visibility:hidden}#f2{visibility:visible}');
    expect(source).not.toMatch(/<script|url\(/);
  });
});
