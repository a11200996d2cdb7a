import type { Glyphs } from './glyphs.ts';

/** Values as bars of eight heights, the newest at the right; an unknown value is a gap. Linear from zero. */
export function sparkline(values: readonly (number | undefined)[], width: number, glyphs: Glyphs): string {
  const shown = values.slice(-width);
  const top = Math.max(0, ...shown.map(value => value ?? 0));
  return shown
    .map(value => {
      if (value === undefined) return ' ';
      if (top === 0) return glyphs.bars[0] ?? '';
      const height = Math.min(glyphs.bars.length - 1, Math.floor((value / top) * glyphs.bars.length));
      return glyphs.bars[height] ?? '';
    })
    .join('');
}

/** A bar of `width` columns. `fraction` is 0 to 1 and really known: there is no bar without an end. */
export function progressBar(fraction: number, width: number, glyphs: Glyphs): string {
  const filled = Math.max(0, Math.min(width, Math.floor(fraction * width)));
  return glyphs.filled.repeat(filled) + glyphs.empty.repeat(width - filled);
}
