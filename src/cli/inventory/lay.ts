import { wrap } from '../help.ts';

/** Before it, a column of names; behind it, one of what kind of thing is told. */
const INDENT = 13;
const LABEL = 10;
/** Where a terminal is narrower than that, it breaks lines itself. */
const LEAST = 24;

/** Text behind a mark, going on below itself: a table beside it stays a table. */
export function hung(mark: string, text: string, width: number): string[] {
  return wrap(text, Math.max(LEAST, width - mark.length)).map(
    (line, at) => `${at === 0 ? mark : ' '.repeat(mark.length)}${line}`,
  );
}

/** One kind of fact about a host: `             shares     /mnt/legacy from nas9…`; nothing where there is no text. */
export const detail = (word: string, text: string, width: number): string[] =>
  text === '' ? [] : hung(`${' '.repeat(INDENT)}${word.padEnd(LABEL)} `, text, width);

/** What somebody copies into a shell stays in one piece, however narrow the terminal is. */
export const command = (mark: string, text: string, width: number): string[] =>
  /^(?:landfall|sudo|GRANT|USE) /.test(text) ? [`${mark}${text}`] : hung(mark, text, width);
