import stringWidth from 'string-width';
import { harmless } from '../../foundation/text.ts';

/**
 * A line of the screen as data: spans of text with a meaning. Screens are made of these, so that a test can read
 * them, a screen reader can hear them, and only the theme knows colours.
 */

/** What a span means. Colour never says it alone: a symbol or a word always stands beside. */
export type Tone = 'plain' | 'muted' | 'good' | 'warn' | 'bad' | 'busy' | 'unknown' | 'accent' | 'title';

export interface Span {
  readonly text: string;
  readonly tone?: Tone;
  readonly bold?: boolean;
  /** The row or key that has the focus. */
  readonly inverse?: boolean;
  /** Title of the column whose cell begins here: eyes see it above, ears have to be told. */
  readonly column?: string;
}

export type Line = readonly Span[];

/** A span of harmless text: whatever a host put into it cannot move the cursor. */
export function span(text: string, tone?: Tone, style: { bold?: boolean; inverse?: boolean } = {}): Span {
  return { text: harmless(text), ...(tone === undefined ? {} : { tone }), ...style };
}

export const line = (...spans: readonly (Span | string)[]): Line =>
  spans.map(each => (typeof each === 'string' ? span(each) : each));

export const BLANK: Line = [];

export const textOf = (each: Line): string => each.map(({ text }) => text).join('');

export const widthOf = (each: Line): number => columnsOf(textOf(each));

/** Columns of the terminal that a text takes. Nearly every text is plain, and a frame asks a thousand times. */
export const columnsOf = (text: string): number => (PLAIN.test(text) ? text.length : stringWidth(text));

/** ASCII, and the symbols of our own that take one column each (a test holds them to it). */
const PLAIN = /^[\x20-\x7e…─━│›·Δ→✔▲✖█░↑↓▁▂▃▄▅▆▇]*$/;

/** The first `width` columns; a cut is marked with `mark`. */
export function clip(each: Line, width: number, mark = '…'): Line {
  if (widthOf(each) <= width) return each;
  const out: Span[] = [];
  let left = Math.max(0, width - columnsOf(mark));
  for (const part of each) {
    const taken = takeColumns(part.text, left);
    left -= columnsOf(taken);
    if (taken !== '') out.push({ ...part, text: taken });
    if (taken !== part.text) break;
  }
  return width < columnsOf(mark) ? out : [...out, { text: mark, tone: 'muted' }];
}

/** Clipped or filled up to exactly `width` columns. */
export function fill(each: Line, width: number, mark?: string): Line {
  const clipped = clip(each, width, mark);
  const missing = width - widthOf(clipped);
  return missing > 0 ? [...clipped, { text: ' '.repeat(missing) }] : clipped;
}

/** `left` and `right` at the two ends of a line; the left part gives way. */
export function ends(left: Line, right: Line, width: number, mark?: string): Line {
  const room = width - widthOf(right);
  if (room <= 1) return fill(right, width, mark);
  return [...fill(left, room - 1, mark), { text: ' ' }, ...right];
}

/**
 * Broken at spaces into lines of at most `width` columns; longer words are broken where the line ends. Spaces at the
 * beginning indent every line, as far as there is room for them.
 */
export function wrap(text: string, width: number, tone?: Tone): Line[] {
  const clean = harmless(text);
  // Only plain spaces are an indent: other blanks may be part of a name.
  const body = clean.replace(/^ +/, '');
  const wanted = clean.length - body.length;
  const indent = wanted < width / 2 ? ' '.repeat(wanted) : '';
  return broken(body, width - indent.length).map(each => [
    tone === undefined ? { text: indent + each } : { text: indent + each, tone },
  ]);
}

/** Wraps a line of several spans; each keeps its tone. */
export function wrapLine(line: Line, width: number): Line[] {
  const spans = line.flatMap(each => [...each.text].map(char => ({ char, span: each })));
  let at = 0;
  return wrap(textOf(line), width).map(wrapped => {
    const out: Span[] = [];
    for (const char of textOf(wrapped)) {
      // Only spaces were left out between lines.
      while (spans[at]?.char === ' ' && char !== ' ') at += 1;
      const from = spans[at]?.span ?? { text: '' };
      const before = out.at(-1);
      if (before !== undefined && before.tone === from.tone && before.bold === from.bold)
        out[out.length - 1] = { ...before, text: before.text + char };
      else out.push({ ...from, text: char });
      at += 1;
    }
    while (spans[at]?.char === ' ') at += 1;
    return out;
  });
}

function broken(text: string, width: number): string[] {
  const lines: string[] = [];
  let current: string | undefined;
  for (const word of text.split(' ')) {
    let rest = word;
    if (current !== undefined && columnsOf(current) + 1 + columnsOf(rest) > width) {
      lines.push(current);
      current = undefined;
    }
    while (columnsOf(rest) > width) {
      const head = takeColumns(rest, width);
      // A cluster wider than the line comes apart; what is wider even then has no place, but what follows it has.
      const piece = head === '' ? String.fromCodePoint(rest.codePointAt(0) ?? 0) : head;
      if (columnsOf(piece) <= width) lines.push(piece);
      rest = rest.slice(piece.length);
    }
    current = current === undefined ? rest : `${current} ${rest}`;
  }
  if (current !== undefined) lines.push(current);
  return lines;
}

function takeColumns(text: string, columns: number): string {
  if (PLAIN.test(text)) return text.slice(0, Math.max(0, columns));
  if (stringWidth(text) <= columns) return text;
  let taken = '';
  let used = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    used += stringWidth(segment);
    if (used > columns) break;
    taken += segment;
  }
  return taken;
}
