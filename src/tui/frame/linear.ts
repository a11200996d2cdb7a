import type { ListPane, Pane, Screen, TextPane, View } from '../screen.ts';
import { type Line, line, span, textOf } from '../text/line.ts';
import { type PaneState, paneKey, paneState, placeOf } from '../ui-state.ts';
import type { ComposeOptions } from './compose.ts';
import { footerLine } from './footer.ts';
import { headerLine } from './header.ts';
import { overlayLines } from './overlay.ts';
import { stageName } from './rail.ts';

/** Wide enough that nothing is cut for want of columns: a reader has none. */
const WIDTH = 200;
/** What is read of one pane; the keys move through the rest. */
const MOST = { rows: 12, lines: 20, overlay: 40 } as const;

/** The screen as sentences in the order of their weight, for a screen reader: no rules, no columns, nothing that moves. */
export function linear(view: View, screen: Screen, options: ComposeOptions): Line[] {
  const { overlay, busy, toast } = view.ui;
  const keys = line(span(`Keys: ${spoken(footerLine(view, screen, WIDTH, options.disabled))}`));
  if (overlay !== undefined)
    return [...overlayLines(view, overlay, WIDTH, MOST.overlay, options).map(plain), keys].filter(isSaid);
  const said = busy !== undefined ? [`Working: ${busy}`] : toast !== undefined ? [`Told: ${toast.text}`] : [];
  const message = screen.message?.(view);
  return [
    line(span(spoken(headerLine(view, WIDTH)))),
    line(span(`Screen: ${screen.title(view)}`, 'title')),
    ...said.map(each => line(span(each))),
    ...(message === undefined ? [] : [line(span(`Most important: ${spoken(message)}`))]),
    ...stages(view),
    ...screen.panes(view).flatMap((pane, index) => paneLines(view, pane, index)),
    keys,
  ].filter(isSaid);
}

/**
 * True where nothing is new but figures that run by themselves: ages, rates, sizes, shares and money. They are read when a key
 * is pressed; read every few seconds they would drown the rest.
 */
export const isSameToEars = (before: readonly Line[], after: readonly Line[]): boolean =>
  before.length === after.length && before.every((each, index) => still(each) === still(after[index] ?? []));

const RUNNING =
  /(?:\d[\d.]*\s?(?:[kMGT]?B(?:\/s)?|[kMG]?bit\/s|ms|[smhd]|%)(?![a-z])\s?)+|(?:under )?\d[\d ]* [A-Z]{3}(?![A-Za-z])/g;

const still = (each: Line): string => textOf(each).replace(RUNNING, '# ');

const isSaid = (each: Line): boolean => textOf(each).trim() !== '';

function stages({ stages: all, ui }: View): Line[] {
  if (all.length === 0) return [];
  const words = all.map(({ phase, number, word, done, failed, of }) =>
    [
      `${number} ${stageName(phase)}${placeOf(ui).screen === phase ? ' (here)' : ''}: ${word}`,
      ...(of > 0 ? [`${done} of ${of}`] : []),
      ...(failed > 0 ? [`${failed} failed`] : []),
    ].join(', '),
  );
  return [line(span(`Stages: ${words.join('; ')}.`))];
}

function paneLines(view: View, pane: Pane, index: number): Line[] {
  const place = placeOf(view.ui);
  const state = paneState(view.ui, paneKey(place.screen, pane.id));
  const search = state.filter === undefined ? '' : `, filter "${state.filter}"`;
  const focus = index === place.pane ? ', keys move here' : '';
  const { lines, part } = pane.kind === 'text' ? textLines(pane, state) : listLines(pane, state);
  return [line(span(`${pane.title}${part}${search}${focus}:`, 'title')), ...lines];
}

interface Heard {
  readonly lines: Line[];
  readonly part: string;
}

const partOf = (words: string, top: number, seen: number, all: number): string =>
  seen >= all ? '' : `, ${words} ${top + 1} to ${top + seen} of ${all}`;

function textLines(pane: TextPane, state: PaneState): Heard {
  const wanted = state.filter?.toLowerCase() ?? '';
  const every = (state.held?.lines ?? pane.lines(WIDTH)).filter(each =>
    textOf(each).toLowerCase().includes(wanted),
  );
  const last = Math.max(0, every.length - MOST.lines);
  const scroll = Math.max(0, Math.min(state.scroll, last));
  const top = pane.follow === true ? last - scroll : scroll;
  const lines = every.slice(top, top + MOST.lines);
  return { lines: lines.map(plain), part: partOf('lines', top, lines.length, every.length) };
}

function listLines(pane: ListPane, state: PaneState): Heard {
  const wanted = state.filter?.toLowerCase() ?? '';
  const items = pane.items.filter(
    item => wanted === '' || (item.heading !== true && item.search.toLowerCase().includes(wanted)),
  );
  if (items.length === 0) return { lines: [line(span(pane.empty))], part: '' };
  const selected =
    items.find(item => item.heading !== true && item.id === state.selected) ??
    items.find(item => item.heading !== true);
  const at = selected === undefined ? 0 : items.indexOf(selected);
  const top = Math.max(0, Math.min(at - MOST.rows / 2, items.length - MOST.rows));
  const rows = items.slice(top, top + MOST.rows);
  return {
    lines: rows.map(item =>
      line(span(`${item === selected ? 'selected: ' : ''}${spoken(item.line(WIDTH))}`)),
    ),
    part: partOf('rows', top, rows.length, items.length),
  };
}

const plain = (each: Line): Line => line(span(spoken(each)));

/** A row of a table with the titles of its columns; elsewhere gaps become commas. */
function spoken(each: Line): string {
  if (!each.some(part => part.column !== undefined)) return sentence(textOf(each));
  const cells: { readonly title: string; text: string }[] = [];
  for (const { column, text } of each) {
    const before = cells.at(-1);
    if (column !== undefined || before === undefined) cells.push({ title: column ?? '', text });
    else before.text += text;
  }
  return cells
    .map(({ title, text }, index) => ({ title: index === 0 ? '' : `${title} `, words: sentence(text) }))
    .filter(({ words }) => words !== '' && words !== '-')
    .map(({ title, words }) => `${title}${words}`)
    .join(', ');
}

const sentence = (text: string): string => text.trim().replace(/\s{2,}/g, ', ');
