import type { TextPane, View } from '../screen.ts';
import { type Line, type Span, span, textOf } from '../text/line.ts';
import type { PaneState } from '../ui-state.ts';
import { type PaneContent, type PaneSpace, partOf } from './panes.ts';

/**
 * A text: `/` finds lines in it and shows them where they stand, `&` leaves only them. Once the engineer has scrolled
 * up in a text that follows, they read what stood there then, and nothing moves under their eyes.
 */
export function drawText(
  view: View,
  pane: TextPane,
  state: PaneState,
  key: string,
  space: PaneSpace,
): PaneContent {
  const width = Math.max(1, space.width - 1);
  const { held, filter, only } = state;
  const isHeld = held !== undefined && held.width === width;
  const every = isHeld ? held.lines : pane.lines(width);
  const found = matchesIn(every, filter);
  const isReduced = only === true && found !== undefined;
  const shown = isReduced ? found.map(at => every[at] ?? []) : every;
  const matches = isReduced ? found.map((_line, at) => at) : found;
  const last = Math.max(0, shown.length - space.height);
  const scroll = Math.max(0, Math.min(state.scroll, last));
  const top = pane.follow === true ? last - scroll : scroll;
  const current = matches?.[Math.min(state.match ?? 0, matches.length - 1)];
  const visible = shown
    .slice(top, top + space.height)
    .map(
      (each, row): Line => [
        span(top + row === current ? view.glyphs.cursor || ' ' : ' ', 'accent'),
        ...(filter === undefined || filter === '' ? each : marked(each, filter)),
      ],
    );
  const part = partOf(top, visible.length, shown.length);
  const follows =
    pane.follow !== true ? '' : isHeld ? 'not following: G follows' : part === '' ? '' : 'follows';
  const search = searchWords(state, matches, every.length);
  return {
    lines:
      shown.length === 0 && filter !== undefined
        ? [[span(` nothing has "${filter}"; esc shows all`, 'muted')]]
        : visible,
    seen: [search, follows, part].filter(each => each !== '').join('  '),
    box: {
      key,
      kind: 'text',
      width,
      height: space.height,
      count: shown.length,
      ids: [],
      ...(pane.follow === true ? { follows: true } : {}),
      ...(matches === undefined ? {} : { matches }),
    },
  };
}

function searchWords(state: PaneState, matches: readonly number[] | undefined, all: number): string {
  if (state.filter === undefined) return '';
  if (matches === undefined || state.only === true) return `${matches?.length ?? all}/${all}`;
  return matches.length === 0
    ? 'no match'
    : `match ${Math.min(state.match ?? 0, matches.length - 1) + 1}/${matches.length}`;
}

function matchesIn(lines: readonly Line[], filter: string | undefined): readonly number[] | undefined {
  if (filter === undefined || filter === '') return undefined;
  const wanted = filter.toLowerCase();
  return lines.flatMap((each, index) => (textOf(each).toLowerCase().includes(wanted) ? [index] : []));
}

/** Shows what was searched for, in spans where it stands whole. */
function marked(line: Line, filter: string): Line {
  const wanted = filter.toLowerCase();
  return line.flatMap((each): Span[] => {
    const lower = each.text.toLowerCase();
    // Letters whose small form is longer would move every place behind them.
    if (lower.length !== each.text.length) return [each];
    const parts: Span[] = [];
    let from = 0;
    for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, from)) {
      if (at > from) parts.push({ ...each, text: each.text.slice(from, at) });
      parts.push({ ...each, text: each.text.slice(at, at + wanted.length), inverse: true });
      from = at + wanted.length;
    }
    return from === 0 ? [each] : [...parts, { ...each, text: each.text.slice(from) }];
  });
}
