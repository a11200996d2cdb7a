import stringWidth from 'string-width';
import type { Line } from './line.ts';

/**
 * For terminals that show nothing but ASCII: every other character becomes one that looks alike, or a question mark.
 * As wide as before, so that columns stay where they are.
 */
export const asciiLine = (line: Line): Line =>
  line.some(({ text }) => !ASCII.test(text)) ? line.map(each => ({ ...each, text: ascii(each.text) })) : line;

const ASCII = /^[\x20-\x7e]*$/;

const ALIKE: ReadonlyMap<string, string> = new Map([
  ['…', '~'],
  ['·', '-'],
  ['−', '-'],
  ['–', '-'],
  ['—', '-'],
  ['─', '-'],
  ['━', '='],
  ['│', '|'],
  ['‖', '='],
  ['×', 'x'],
  ['→', '>'],
  ['←', '<'],
  ['≤', '<'],
  ['≥', '>'],
  ['≈', '~'],
  ['Δ', 'D'],
  ['✔', '+'],
  ['✖', 'x'],
  ['▲', '!'],
  ['‘', "'"],
  ['’', "'"],
  ['“', '"'],
  ['”', '"'],
  ['\u00a0', ' '],
]);

function ascii(text: string): string {
  let out = '';
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    out += ASCII.test(segment) ? segment : (ALIKE.get(segment) ?? '?'.repeat(stringWidth(segment)));
  }
  return out;
}
