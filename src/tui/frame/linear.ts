import type { Screen, View } from '../screen.ts';
import { type Line, line, span, textOf } from '../text/line.ts';
import { paneKey, paneState, placeOf } from '../ui-state.ts';
import type { ComposeOptions } from './compose.ts';
import { footerLine } from './footer.ts';
import { headerLine } from './header.ts';
import { overlayLines } from './overlay.ts';
import { stageName } from './rail.ts';

/** Wide enough that nothing is cut for want of columns: a reader has none. */
const WIDTH = 160;
const MOST_ROWS = 40;

/** The screen as sentences in the order of their weight, for a screen reader: no rules, no columns, nothing that moves. */
export function linear(view: View, screen: Screen, options: ComposeOptions): Line[] {
  const { overlay, busy, toast } = view.ui;
  const keys = line(span(`Keys: ${spoken(footerLine(view, screen, WIDTH, options.disabled))}`));
  if (overlay !== undefined)
    return [...overlayLines(view, overlay, WIDTH, MOST_ROWS, options).map(plain), keys];
  const said = busy !== undefined ? [`Working: ${busy}`] : toast !== undefined ? [`Told: ${toast.text}`] : [];
  const message = screen.message?.(view);
  return [
    line(span(spoken(headerLine(view, WIDTH)))),
    line(span(`Screen: ${screen.title(view)}`, 'title')),
    ...said.map(each => line(span(each))),
    ...(message === undefined ? [] : [line(span(`Most important: ${textOf(message)}`))]),
    ...stages(view),
    ...panes(view, screen),
    keys,
  ].filter(each => textOf(each).trim() !== '');
}

function stages({ stages: all }: View): Line[] {
  if (all.length === 0) return [];
  const words = all.map(
    ({ phase, word, done, of }) => `${stageName(phase)} ${word}${of > 0 ? ` ${done} of ${of}` : ''}`,
  );
  return [line(span(`Stages: ${words.join('; ')}.`))];
}

function panes(view: View, screen: Screen): Line[] {
  const place = placeOf(view.ui);
  return screen.panes(view).flatMap((pane, index): Line[] => {
    const focus = index === place.pane ? ' (keys move here)' : '';
    const title = line(span(`${pane.title}${focus}:`, 'title'));
    if (pane.kind === 'text') return [title, ...pane.lines(WIDTH).slice(0, MOST_ROWS).map(plain)];
    const state = paneState(view.ui, paneKey(place.screen, pane.id));
    const wanted = state.filter?.toLowerCase() ?? '';
    const items = pane.items.filter(
      item => item.heading === true || item.search.toLowerCase().includes(wanted),
    );
    const selected =
      items.find(item => item.id === state.selected) ?? items.find(item => item.heading !== true);
    const at = selected === undefined ? 0 : items.indexOf(selected);
    const top = Math.max(0, Math.min(at - MOST_ROWS / 2, items.length - MOST_ROWS));
    const rows = items.slice(top, top + MOST_ROWS).map(item => {
      const words = spoken(item.line(WIDTH));
      return line(span(item === selected ? `(selected) ${words}` : words));
    });
    const columns =
      pane.header === undefined || items.length === 0
        ? []
        : [line(span(`columns: ${spoken(pane.header(WIDTH))}`))];
    return [title, ...columns, ...(rows.length === 0 ? [line(span(pane.empty))] : rows)];
  });
}

const plain = (each: Line): Line => line(span(spoken(each)));

/** Columns become commas. */
const spoken = (each: Line): string =>
  textOf(each)
    .trim()
    .replace(/\s{2,}/g, ', ');
