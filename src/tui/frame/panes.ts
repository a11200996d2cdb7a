import type { ListPane, Pane, TextPane, View } from '../screen.ts';
import { fill, type Line, span, textOf } from '../text/line.ts';
import { type PaneState, paneKey, paneState, placeOf } from '../ui-state.ts';

/** What became of a pane at this size: keys that move by rows and pages need to know. */
export interface PaneBox {
  readonly key: string;
  readonly kind: Pane['kind'];
  /** Rows of content that are seen. */
  readonly height: number;
  /** Rows of content there are. */
  readonly count: number;
  /** What can be selected, in order; empty for text. */
  readonly ids: readonly string[];
  readonly selected?: string;
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

/** Draws one pane into exactly `height` rows of `width` columns. */
export function drawPane(view: View, pane: Pane, space: PaneSpace): DrawnPane {
  const key = paneKey(placeOf(view.ui).screen, pane.id);
  const state = paneState(view.ui, key);
  const isFiltered = state.filter !== undefined || state.typing === true;
  const titled = space.titled || isFiltered;
  const inner = { ...space, height: Math.max(0, space.height - (titled ? 1 : 0)) };
  const { lines, box, shown } =
    pane.kind === 'list' ? drawList(view, pane, state, key, inner) : drawText(pane, state, key, inner);
  const title = titled ? [titleLine(view, pane, state, shown, box, space)] : [];
  const all = [...title, ...lines].slice(0, space.height);
  while (all.length < space.height) all.push([]);
  return { lines: all, box };
}

interface Drawn extends DrawnPane {
  /** `12/87` for a filtered list. */
  readonly shown: string;
}

function drawList(view: View, pane: ListPane, state: PaneState, key: string, space: PaneSpace): Drawn {
  const { glyphs } = view;
  const items = matching(pane, state.filter);
  const selectable = items.filter(item => item.heading !== true);
  const selected = selectable.find(item => item.id === state.selected) ?? selectable[0];
  const header =
    pane.header === undefined || items.length === 0 ? [] : [[span('  '), ...pane.header(space.width - 2)]];
  const room = Math.max(0, space.height - header.length);
  const at = selected === undefined ? 0 : items.indexOf(selected);
  const top = Math.max(0, Math.min(at - Math.floor(room / 2), items.length - room));
  const rows = items.slice(top, top + room).map((item): Line => {
    if (item.heading === true) return fill(item.line(space.width), space.width, glyphs.ellipsis);
    const isSelected = item === selected;
    const gutter = isSelected ? `${glyphs.cursor} ` : '  ';
    const body = item.line(space.width - 2);
    if (!isSelected || !space.focused) return [span(gutter), ...body];
    return fill([span(gutter), ...body], space.width, glyphs.ellipsis).map(part => ({
      ...part,
      inverse: true,
    }));
  });
  const empty = state.filter === undefined ? pane.empty : `nothing has "${state.filter}"; esc shows all`;
  const lines = items.length === 0 ? [[span('  '), span(empty, 'muted')]] : [...header, ...rows];
  const all = pane.items.filter(item => item.heading !== true).length;
  return {
    lines,
    shown: state.filter === undefined ? '' : `${selectable.length}/${all}`,
    box: {
      key,
      kind: 'list',
      height: room,
      count: items.length,
      ids: selectable.map(item => item.id),
      ...(selected === undefined ? {} : { selected: selected.id }),
    },
  };
}

function drawText(pane: TextPane, state: PaneState, key: string, space: PaneSpace): Drawn {
  const every = pane.lines(Math.max(1, space.width - 1));
  const { filter } = state;
  const lines =
    filter === undefined
      ? every
      : every.filter(each => textOf(each).toLowerCase().includes(filter.toLowerCase()));
  const last = Math.max(0, lines.length - space.height);
  const scroll = Math.max(0, Math.min(state.scroll, last));
  const top = pane.follow === true ? last - scroll : scroll;
  const seen = lines.slice(top, top + space.height);
  return {
    lines: seen.map((each): Line => [{ text: ' ' }, ...each]),
    shown: filter === undefined ? '' : `${lines.length}/${every.length}`,
    box: { key, kind: 'text', height: space.height, count: lines.length, ids: [] },
  };
}

function matching(pane: ListPane, filter: string | undefined): ListPane['items'] {
  if (filter === undefined || filter === '') return pane.items;
  const wanted = filter.toLowerCase();
  return pane.items.filter(item => item.heading !== true && item.search.toLowerCase().includes(wanted));
}

/** The focus shows in the rule as well as in colour: a double rule and a mark before the title. */
function titleLine(
  view: View,
  pane: Pane,
  state: PaneState,
  shown: string,
  box: PaneBox,
  space: PaneSpace,
): Line {
  const { glyphs } = view;
  const rule = space.focused ? glyphs.doubleRule : glyphs.rule;
  const filter =
    state.typing === true
      ? `  /${state.filter ?? ''}_`
      : state.filter === undefined
        ? ''
        : `  /${state.filter}`;
  const hidden = box.count > box.height ? `  ${box.height} of ${box.count}` : '';
  const title = ` ${pane.title}${filter}${shown === '' ? hidden : `  ${shown}`} `;
  const start: Line = [
    { text: rule.repeat(2), tone: space.focused ? 'accent' : 'muted' },
    span(title, space.focused ? 'title' : 'muted'),
  ];
  return fill(
    [...start, { text: rule.repeat(space.width), tone: space.focused ? 'accent' : 'muted' }],
    space.width,
    '',
  );
}
