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

export const widthOf = (each: Line): number => stringWidth(textOf(each));

/** The first `width` columns; a cut is marked with `mark`. */
export function clip(each: Line, width: number, mark = '…'): Line {
  if (widthOf(each) <= width) return each;
  const out: Span[] = [];
  let left = Math.max(0, width - stringWidth(mark));
  for (const part of each) {
    const taken = takeColumns(part.text, left);
    left -= stringWidth(taken);
    if (taken !== '') out.push({ ...part, text: taken });
    if (taken !== part.text) break;
  }
  return width < stringWidth(mark) ? out : [...out, { text: mark, tone: 'muted' }];
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

/** Broken at spaces into lines of at most `width` columns; longer words are broken where the line ends. */
export function wrap(text: string, width: number, tone?: Tone): Line[] {
  const lines: Line[] = [];
  let current = '';
  const push = (): void => {
    lines.push([tone === undefined ? { text: current } : { text: current, tone }]);
    current = '';
  };
  for (const word of harmless(text).split(' ')) {
    let rest = word;
    if (current !== '' && stringWidth(current) + 1 + stringWidth(rest) > width) push();
    while (stringWidth(rest) > width) {
      const head = takeColumns(rest, width - (current === '' ? 0 : stringWidth(current) + 1));
      // A character wider than the whole line has no place at all.
      if (head === '' && current === '') return lines;
      current = current === '' ? head : `${current} ${head}`;
      rest = rest.slice(head.length);
      push();
    }
    current = current === '' ? rest : `${current} ${rest}`;
  }
  if (current !== '' || lines.length === 0) push();
  return lines;
}

function takeColumns(text: string, columns: number): string {
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
