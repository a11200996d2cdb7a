import type { Screen, ScreenId } from '../screen.ts';
import { line, span } from '../text/line.ts';

/** A place that is not furnished yet. Goes away as screens come. */
export const toCome = (id: ScreenId): Screen => ({
  id,
  title: () => id,
  panes: () => [
    { kind: 'text', id: 'main', title: id, lines: () => [line(span(`${id} is being built`, 'muted'))] },
  ],
});
