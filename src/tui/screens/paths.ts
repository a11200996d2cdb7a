import type { View } from '../screen.ts';

/** Columns that the words around a path take. */
const AROUND = 20;

/** A path whole where it fits into a line of the screen, otherwise its end: the beginning is the same for all. */
export function shortPath({ ui, glyphs }: View, path: string): string {
  const room = ui.columns - AROUND;
  return path.length <= room ? path : `${glyphs.ellipsis}${path.slice(-Math.max(1, room - 1))}`;
}
