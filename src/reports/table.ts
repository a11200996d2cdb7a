import stringWidth from 'string-width';
import type { Figures } from './figures.ts';

/** Lays rows out in columns that fit a terminal, measured as the terminal measures. */

export interface Column<Row> {
  readonly title: string;
  /** The lower, the longer it stays when the room gets short; 0 always stays. */
  readonly keep: number;
  /** May be cut where even the columns that stay are too wide. */
  readonly shrink?: boolean;
  /** Less important columns go before this one gets narrower than so many; 12 unless told. */
  readonly atLeast?: number;
  readonly cell: (row: Row) => string;
}

const GAP = 2;
const NARROWEST = 6;

export function layOut<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  width: number,
  figures: Pick<Figures, 'ellipsis'>,
): string[] {
  const measured = columns.map(column => {
    const cells = rows.map(row => column.cell(row));
    return { ...column, cells, width: Math.max(...[column.title, ...cells].map(text => stringWidth(text))) };
  });
  const kept = fitting(measured, width);
  const widths = shrunk(kept, width);
  const line = (texts: readonly string[]): string =>
    clip(
      texts
        .map((text, index) => pad(clip(text, widths[index] ?? 0, figures.ellipsis), widths[index] ?? 0))
        .join(' '.repeat(GAP))
        .trimEnd(),
      width,
      figures.ellipsis,
    );
  return [
    line(kept.map(each => each.title)),
    ...rows.map((_row, index) => line(kept.map(each => each.cells[index] ?? ''))),
  ];
}

interface Measured {
  readonly keep: number;
  readonly width: number;
  readonly shrink?: boolean;
  readonly atLeast?: number;
}

const total = (columns: readonly { readonly width: number }[]): number =>
  columns.reduce((sum, each) => sum + each.width, 0) + GAP * Math.max(0, columns.length - 1);

/** Drops the least important column until the rest fits, with those that may shrink at their narrowest. */
function fitting<C extends Measured>(columns: readonly C[], width: number): C[] {
  let kept = [...columns];
  const narrow = (each: C): { width: number } => ({
    width: each.shrink === true ? Math.min(each.width, each.atLeast ?? NARROWEST * 2) : each.width,
  });
  while (kept.length > 1 && total(kept.map(narrow)) > width) {
    const least = kept.reduce((a, b) => (b.keep > a.keep ? b : a));
    if (least.keep === 0) break;
    kept = kept.filter(each => each !== least);
  }
  return kept;
}

/** Takes what is missing from the columns that may shrink, always from the widest of them. */
function shrunk(columns: readonly Measured[], width: number): number[] {
  const widths = columns.map(each => each.width);
  let over = total(columns) - width;
  while (over > 0) {
    let widest = -1;
    for (const [index, column] of columns.entries()) {
      const own = widths[index] ?? 0;
      if (column.shrink === true && own > NARROWEST && own > (widths[widest] ?? 0)) widest = index;
    }
    if (widest < 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    over -= 1;
  }
  return widths;
}

/** Cuts text to `width` columns and marks the cut. */
export function clip(text: string, width: number, ellipsis: string): string {
  if (stringWidth(text) <= width) return text;
  let out = '';
  let used = 0;
  const room = Math.max(0, width - stringWidth(ellipsis));
  for (const { segment } of new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)) {
    const next = stringWidth(segment);
    if (used + next > room) break;
    out += segment;
    used += next;
  }
  return width <= 0 ? '' : `${out}${ellipsis}`;
}

const pad = (text: string, width: number): string =>
  `${text}${' '.repeat(Math.max(0, width - stringWidth(text)))}`;
