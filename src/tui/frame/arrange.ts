import type { Pane, View } from '../screen.ts';
import { fill, type Line } from '../text/line.ts';
import { placeOf } from '../ui-state.ts';
import { type DrawnPane, drawPane, type PaneBox } from './panes.ts';

export interface Arranged {
  readonly lines: readonly Line[];
  readonly boxes: readonly PaneBox[];
}

const NARROW = 80;
const WIDE = 120;
const LOW = 24;
/** Fewer rows than this show nothing of use beside a title. */
const LEAST = 4;
const GAP = 3;

/**
 * Puts the panes of a screen into exactly `height` rows: under each other, some to the right on wide terminals, only
 * the one with the focus on small ones.
 */
export function arrange(view: View, panes: readonly Pane[], width: number, height: number): Arranged {
  const focus = Math.min(placeOf(view.ui).pane, panes.length - 1);
  const right = view.ui.columns >= WIDE ? panes.filter(each => each.beside === true) : [];
  const left = panes.filter(each => !right.includes(each));
  const tallest = Math.max(left.length, right.length);
  const isSmall = view.ui.columns < NARROW || view.ui.rows < LOW || height < tallest * LEAST;
  if (panes.length > 1 && isSmall) return single(view, panes, focus, width, height);
  const drawAll = (some: readonly Pane[], columns: number): ReadonlyMap<Pane, DrawnPane> => {
    const heights = shareRows(some, panes.length > 1, columns, height);
    return new Map(
      some.map((pane, index) => [
        pane,
        drawPane(view, pane, {
          width: columns,
          height: heights[index] ?? 0,
          focused: pane === panes[focus],
          titled: panes.length > 1,
        }),
      ]),
    );
  };
  if (right.length === 0 || left.length === 0) return stacked(panes, drawAll(panes, width));
  const leftWidth = Math.ceil((width - GAP) * 0.6);
  const drawn = new Map([...drawAll(left, leftWidth), ...drawAll(right, width - GAP - leftWidth)]);
  const lefts = stacked(left, drawn).lines;
  const rights = stacked(right, drawn).lines;
  const lines = Array.from(
    { length: height },
    (_row, index): Line => [
      ...fill(lefts[index] ?? [], leftWidth, view.glyphs.ellipsis),
      { text: ` ${view.glyphs.column} `, tone: 'muted' },
      ...(rights[index] ?? []),
    ],
  );
  return { lines, boxes: boxesOf(panes, drawn) };
}

const stacked = (panes: readonly Pane[], drawn: ReadonlyMap<Pane, DrawnPane>): Arranged => ({
  lines: panes.flatMap(pane => drawn.get(pane)?.lines ?? []),
  boxes: boxesOf(panes, drawn),
});

const boxesOf = (panes: readonly Pane[], drawn: ReadonlyMap<Pane, DrawnPane>): PaneBox[] =>
  panes.flatMap(pane => drawn.get(pane)?.box ?? []);

function single(view: View, panes: readonly Pane[], focus: number, width: number, height: number): Arranged {
  const drawn = panes.map((pane, index) =>
    drawPane(
      view,
      { ...pane, title: `(${index + 1} of ${panes.length}, tab: next) ${pane.title}` },
      { width, height, focused: index === focus, titled: true },
    ),
  );
  return { lines: drawn[focus]?.lines ?? [], boxes: drawn.map(({ box }) => box) };
}

/** Short panes get what they need, the others share the rest by weight. */
function shareRows(panes: readonly Pane[], titled: boolean, width: number, height: number): number[] {
  const title = titled ? 1 : 0;
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
  // Where all are short the last one has what is left over.
  if (open.length === 0 && rest >= 0)
    return needs.map((need, index) => (need ?? 0) + (index === panes.length - 1 ? rest : 0));
  if (rest < open.length * LEAST) return evenly(panes.length, height);
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
