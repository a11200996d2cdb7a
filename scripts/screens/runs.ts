import type { Cell } from '../../test/support/terminal-screen.ts';
import { hex } from './palette.ts';

/** Neighbouring cells that look alike, as one piece of text. */
export interface Run {
  readonly x: number;
  readonly columns: number;
  readonly text: string;
  readonly look: Look;
}

export interface Look {
  readonly fill: string;
  /** Absent where the terminal's own background shows. */
  readonly background?: string;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
  readonly strikethrough: boolean;
}

/**
 * A row of cells as runs, blanks at the end left out. What a fallback font may draw (anything beyond Latin) gets a run of its
 * own for each character, so that the text after it stands in its column whatever the font's idea of its width is.
 */
export function runsOf(row: readonly Cell[]): Run[] {
  const end = row.findLastIndex(cell => !isBlank(cell)) + 1;
  const runs: Growing[] = [];
  for (const [x, cell] of row.slice(0, end).entries()) {
    if (cell.width === 0) continue;
    const next = { x, columns: cell.width, text: cell.text, look: lookOf(cell), family: familyOf(cell.text) };
    const last = runs.at(-1);
    if (last === undefined || !joins(last, next, cell)) {
      runs.push(next);
      continue;
    }
    // Blanks have no colour: they take that of the text which follows them.
    if (last.text.trim() === '') last.look = next.look;
    last.text += next.text;
    last.columns += next.columns;
  }
  return runs.map(({ x, columns, text, look }) => ({ x, columns, text, look }));
}

interface Growing {
  readonly x: number;
  columns: number;
  text: string;
  look: Look;
  readonly family: string;
}

function joins(last: Growing, next: Growing, cell: Cell): boolean {
  if (last.family !== next.family) return false;
  if (isBlank(cell)) return isPlain(last.look);
  if (last.text.trim() === '' && isPlain(last.look)) return isPlain(next.look);
  return JSON.stringify(last.look) === JSON.stringify(next.look);
}

/** Nothing of it would show on a blank. */
function isPlain(look: Look): boolean {
  return look.background === undefined && !look.underline && !look.strikethrough;
}

function isBlank(cell: Cell): boolean {
  return (
    cell.text === ' ' &&
    cell.background === 'default' &&
    !cell.inverse &&
    !cell.underline &&
    !cell.strikethrough
  );
}

/** Latin text joins; a repeated line character joins with itself; everything else stands alone. */
function familyOf(text: string): string {
  if (/^[\u0020-\u024F]$/.test(text)) return 'latin';
  return /^[\u2500-\u259F]$/.test(text) ? text : `alone ${text}`;
}

function lookOf(cell: Cell): Look {
  const fill = hex(cell.colour, 'foreground');
  const background = hex(cell.background, 'background');
  const { bold, dim, italic, underline, strikethrough } = cell;
  const style = { bold, dim, italic, underline, strikethrough };
  if (cell.inverse) return { ...style, fill: background, background: fill };
  return cell.background === 'default' ? { ...style, fill } : { ...style, fill, background };
}
