import type { ListPane, Pane, View } from '../screen.ts';
import { fill, type Line, span } from '../text/line.ts';
import { type PaneState, paneKey, paneState, placeOf } from '../ui-state.ts';
import { titleLine } from './pane-title.ts';
import { drawText } from './text-pane.ts';

/** What became of a pane at this size: keys that move by rows and pages need to know. */
export interface PaneBox {
  readonly key: string;
  readonly kind: Pane['kind'];
  /** Columns of content. */
  readonly width: number;
  /** Rows of content that are seen. */
  readonly height: number;
  /** Rows of content there are. */
  readonly count: number;
  /** What can be selected, in order; empty for text. */
  readonly ids: readonly string[];
  readonly selected?: string;
  /** True for a text that stays at its end while lines are added. */
  readonly follows?: boolean;
  /** Lines of a text that have what was searched for. */
  readonly matches?: readonly number[];
}

export interface DrawnPane {
  readonly lines: readonly Line[];
  readonly box: PaneBox;
}

export interface PaneSpace {
  readonly width: number;
  /** Rows, the title included. */
  readonly height: number;
  readonly focused: boolean;
  readonly titled: boolean;
}

/** A pane without its title. */
export interface PaneContent extends DrawnPane {
  /** Which part of it is seen, for the title; empty where that is everything. */
  readonly seen: string;
}

/** Draws one pane into exactly `height` rows of `width` columns. A part of more always has a title that says so. */
export function drawPane(view: View, pane: Pane, space: PaneSpace): DrawnPane {
  const key = paneKey(placeOf(view.ui).screen, pane.id);
  const state = paneState(view.ui, key);
  const content = (height: number): PaneContent =>
    pane.kind === 'list'
      ? drawList(view, pane, state, key, { ...space, height })
      : drawText(view, pane, state, key, { ...space, height });
  const bare = space.titled || isSearched(state) ? undefined : content(space.height);
  if (bare !== undefined && bare.seen === '')
    return { lines: exactly(bare.lines, space.height), box: bare.box };
  const { lines, box, seen } = content(Math.max(0, space.height - 1));
  return { lines: exactly([titleLine(view, pane, state, seen, space), ...lines], space.height), box };
}

const isSearched = (state: PaneState): boolean => state.filter !== undefined || state.typing === true;

function exactly(lines: readonly Line[], height: number): Line[] {
  const all = lines.slice(0, height);
  while (all.length < height) all.push([]);
  return all;
}

/** `21-40 of 500`; empty where everything is seen. */
export const partOf = (top: number, seen: number, all: number): string =>
  seen >= all || seen === 0 ? '' : `${top + 1}-${top + seen} of ${all}`;

function drawList(view: View, pane: ListPane, state: PaneState, key: string, space: PaneSpace): PaneContent {
  const { glyphs } = view;
  const items = matching(pane, state.filter);
  const selectable = items.filter(item => item.heading !== true);
  const selected = selectable.find(item => item.id === state.selected) ?? selectable[0];
  const header =
    pane.header === undefined || items.length === 0 ? [] : [[span('  '), ...pane.header(space.width - 2)]];
  const room = Math.max(0, space.height - header.length);
  const at = selected === undefined ? 0 : items.indexOf(selected);
  const top = Math.max(0, Math.min(at - Math.floor(room / 2), items.length - room));
  const visible = items.slice(top, top + room);
  const rows = visible.map((item): Line => {
    if (item.heading === true) return fill(item.line(space.width), space.width, glyphs.ellipsis);
    const isSelected = item === selected;
    const gutter = isSelected ? `${glyphs.cursor} ` : '  ';
    const body = item.line(space.width - 2);
    if (!isSelected || !space.focused) return [span(gutter), ...body];
    // One bar: inverted tones would give every cell a background of its own; symbols and words still tell the state.
    const bar = fill([span(gutter), ...body], space.width, glyphs.ellipsis).map(({ text }) => text);
    return [{ text: bar.join(''), bold: true, inverse: true }];
  });
  const empty = state.filter === undefined ? pane.empty : `nothing has "${state.filter}"; esc shows all`;
  const all = pane.items.filter(item => item.heading !== true).length;
  return {
    lines: items.length === 0 ? [[span('  '), span(empty, 'muted')]] : [...header, ...rows],
    seen: isSearched(state) ? `${selectable.length}/${all}` : partOf(top, visible.length, items.length),
    box: {
      key,
      kind: 'list',
      width: space.width,
      height: room,
      count: items.length,
      ids: selectable.map(item => item.id),
      ...(selected === undefined ? {} : { selected: selected.id }),
    },
  };
}

function matching(pane: ListPane, filter: string | undefined): ListPane['items'] {
  if (filter === undefined || filter === '') return pane.items;
  const wanted = filter.toLowerCase();
  return pane.items.filter(item => item.heading !== true && item.search.toLowerCase().includes(wanted));
}
