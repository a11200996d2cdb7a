import { runsOf } from './runs.ts';
import { CELL, frame, group, type Picture, Styles } from './svg.ts';

export interface KeyFrame {
  readonly grid: Picture['grid'];
  /** How long it stays, in milliseconds. */
  readonly ms: number;
}

/**
 * Screens one after the other, for ever, by CSS alone. Rows that look the same are drawn once and used again, so the file
 * grows with what changes. Whoever asked for reduced motion sees the last screen.
 */
export function animatedSvg(
  frames: readonly KeyFrame[],
  words: { readonly title: string; readonly description: string },
): string {
  const styles = new Styles();
  const rows = new Map<string, string>();
  const total = frames.reduce((sum, { ms }) => sum + ms, 0);
  const bodies = frames.map(({ grid }, index) => {
    const uses = grid.flatMap((row, y) => {
      const drawn = group(runsOf(row), styles, 'ID');
      if (drawn === '') return [];
      const id = rows.get(drawn) ?? `r${rows.size}`;
      rows.set(drawn, id);
      return [`<use href="#${id}" y="${y * CELL.height}"/>`];
    });
    return `<g id="f${index}" class="f">${uses.join('')}</g>`;
  });
  const defs = [...rows].map(([drawn, id]) => drawn.replace('<g ID>', `<g id="${id}">`));
  const tallest = Math.max(...frames.map(({ grid }) => grid.length), 1);
  const grid = frames.find(one => one.grid.length === tallest)?.grid ?? [];
  return frame(
    { ...words, grid },
    `${styles.css()}${motion(frames, total)}`,
    `<defs>\n${defs.join('\n')}\n</defs>\n${bodies.join('\n')}`,
  );
}

function motion(frames: readonly KeyFrame[], total: number): string {
  const last = frames.length - 1;
  const turns: string[] = [];
  let at = 0;
  for (const [index, { ms }] of frames.entries()) {
    const from = percent(at, total);
    const to = percent(at + ms, total);
    at += ms;
    const hiddenBefore = index === 0 ? '' : '0%{visibility:hidden}';
    const hiddenAfter = index === last ? '' : `${to}%{visibility:hidden}`;
    turns.push(
      `@keyframes k${index}{${hiddenBefore}${from}%{visibility:visible}${hiddenAfter}}`,
      `#f${index}{animation:k${index} ${total}ms step-end infinite}`,
    );
  }
  return [
    `.f{visibility:hidden}#f${last}{visibility:visible}`,
    `@media (prefers-reduced-motion:no-preference){${turns.join('')}}`,
  ].join('');
}

function percent(at: number, total: number): number {
  return Math.round((at / total) * 1e5) / 1e3;
}
