import type { Pane, View } from '../screen.ts';
import type { Line } from '../text/line.ts';
import { placeOf } from '../ui-state.ts';
import { type DrawnPane, drawPane, type PaneBox } from './panes.ts';

export interface Arranged {
  readonly lines: readonly Line[];
  readonly boxes: readonly PaneBox[];
}

const NARROW = 80;
const LOW = 24;
/** Fewer rows than this show nothing of use beside a title. */
const LEAST = 4;

/** Puts the panes of a screen into exactly `height` rows: under each other, or only the one with the focus. */
export function arrange(view: View, panes: readonly Pane[], width: number, height: number): Arranged {
  const focus = Math.min(placeOf(view.ui).pane, panes.length - 1);
  const isSmall = view.ui.columns < NARROW || view.ui.rows < LOW || height < panes.length * LEAST;
  if (panes.length > 1 && isSmall) return single(view, panes, focus, width, height);
  const heights = shareRows(panes, width, height);
  const drawn = panes.map(
    (pane, index): DrawnPane =>
      drawPane(view, pane, {
        width,
        height: heights[index] ?? 0,
        focused: index === focus,
        titled: panes.length > 1,
      }),
  );
  return { lines: drawn.flatMap(({ lines }) => lines), boxes: drawn.map(({ box }) => box) };
}

function single(view: View, panes: readonly Pane[], focus: number, width: number, height: number): Arranged {
  const drawn = panes.map((pane, index) =>
    drawPane(
      view,
      { ...pane, title: `${pane.title}  (${index + 1} of ${panes.length}, tab: next)` },
      { width, height, focused: index === focus, titled: true },
    ),
  );
  return { lines: drawn[focus]?.lines ?? [], boxes: drawn.map(({ box }) => box) };
}

/** Short panes get what they need, the others share the rest by weight. */
function shareRows(panes: readonly Pane[], width: number, height: number): number[] {
  const title = panes.length > 1 ? 1 : 0;
  const needs = panes.map(pane => {
    if (pane.most === undefined) return undefined;
    const content =
      pane.kind === 'list'
        ? Math.max(1, pane.items.length + (pane.header === undefined ? 0 : 1))
        : pane.lines(width).length;
    return Math.min(pane.most, content) + title;
  });
  const open = panes.filter((_pane, index) => needs[index] === undefined);
  const fixed = needs.reduce<number>((sum, need) => sum + (need ?? 0), 0);
  const rest = height - fixed;
  if (open.length === 0 || rest < open.length * LEAST) return evenly(panes.length, height);
  const weights = open.reduce((sum, { weight }) => sum + (weight ?? 1), 0);
  let left = rest;
  let waiting = open.length;
  const heights = panes.map((pane, index) => {
    const need = needs[index];
    if (need !== undefined) return need;
    waiting -= 1;
    const share = waiting === 0 ? left : Math.max(LEAST, Math.floor((rest * (pane.weight ?? 1)) / weights));
    const given = Math.min(share, left - waiting * LEAST);
    left -= given;
    return given;
  });
  return heights;
}

const evenly = (count: number, height: number): number[] =>
  Array.from(
    { length: count },
    (_unused, index) => Math.floor((height * (index + 1)) / count) - Math.floor((height * index) / count),
  );
