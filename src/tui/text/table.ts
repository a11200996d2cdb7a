import { columnsOf, fill, type Line, type Span, widthOf } from './line.ts';

/** A column of a table. Columns that do not fit are left out, highest `keep` first; 0 always stays. */
export interface Column<T> {
  readonly title: string;
  readonly keep: number;
  /** Columns of the terminal: what it takes at least, and at most. */
  readonly least: number;
  readonly most: number;
  readonly align?: 'left' | 'right';
  readonly cell: (item: T) => Line;
}

export interface TableLayout<T> {
  readonly header: Line;
  readonly row: (item: T) => Line;
}

const GAP = 2;

/**
 * Lays out columns for a width, from their declared sizes alone and never from the rows, so that 500 rows cost what
 * the visible ones cost and nothing jumps when a value grows.
 */
export function layOutTable<T>(
  columns: readonly Column<T>[],
  width: number,
  ellipsis: string,
): TableLayout<T> {
  const kept = whatFits(columns, width);
  const widths = shareOut(kept, width);
  const join = (cells: readonly Line[]): Line =>
    cells.flatMap((cell, index) => {
      const size = widths[index] ?? 0;
      const column = kept[index];
      const placed = column?.align === 'right' ? right(cell, size, ellipsis) : fill(cell, size, ellipsis);
      const told = placed.map((each, at) => (at === 0 ? { ...each, column: column?.title ?? '' } : each));
      return index === 0 ? told : [{ text: ' '.repeat(GAP) }, ...told];
    });
  return {
    header: join(kept.map(({ title }): Line => [{ text: title, tone: 'muted' }])),
    row: item => join(kept.map(({ cell }) => cell(item))),
  };
}

function whatFits<T>(columns: readonly Column<T>[], width: number): Column<T>[] {
  let kept = [...columns];
  const needed = (): number => kept.reduce((sum, { least }) => sum + least, (kept.length - 1) * GAP);
  while (needed() > width) {
    const worst = kept.reduce((a, b) => (b.keep > a.keep ? b : a));
    if (worst.keep === 0) break;
    kept = kept.filter(each => each !== worst);
  }
  return kept;
}

/** Everyone gets the least, then what is left goes round until all have their most. */
function shareOut<T>(columns: readonly Column<T>[], width: number): number[] {
  const widths = columns.map(({ least }) => least);
  let left = width - widths.reduce((sum, each) => sum + each, (columns.length - 1) * GAP);
  while (left > 0) {
    const before = left;
    columns.forEach(({ most }, index) => {
      const now = widths[index] ?? 0;
      if (left > 0 && now < most) {
        widths[index] = now + 1;
        left -= 1;
      }
    });
    if (before === left) break;
  }
  return widths;
}

function right(cell: Line, width: number, ellipsis: string): Line {
  const missing = width - widthOf(cell);
  if (missing <= 0) return fill(cell, width, ellipsis);
  const pad: Span = { text: ' '.repeat(missing) };
  return [pad, ...cell];
}

/** The width that the longest of these texts takes, within bounds. */
export const widest = (texts: readonly string[], least: number, most: number): number =>
  Math.min(most, Math.max(least, ...texts.map(columnsOf)));
