import { type Line, span } from '../text/line.ts';

/** The rows of a text from `scroll` on; where more lie below, the last one says so. */
export function windowed(lines: readonly Line[], scroll: number, height: number): Line[] {
  const top = Math.max(0, Math.min(scroll, lines.length - height));
  const seen = lines.slice(top, top + height);
  const below = lines.length - top - height;
  if (below <= 0 || seen.length < 2) return seen;
  return [...seen.slice(0, -1), [span(` ${below + 1} more lines below`, 'muted')]];
}
