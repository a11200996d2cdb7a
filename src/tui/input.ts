import type { Key } from 'ink';
import type { App } from './app.ts';
import { chordOf, typedText } from './chord.ts';
import { answer, dismiss, turnField } from './intents/asking.ts';
import { disabledIn, perform } from './intents/index.ts';
import { tell } from './intents/order.ts';
import { atOrigin, seek } from './intents/searching.ts';
import { focusedBox } from './intents/selection.ts';
import { intentOf } from './keys.ts';
import { matches } from './palette.ts';
import { type Overlay, type PaneState, paneState, placeOf } from './ui-state.ts';

/** One key press, in its turn: keys behind one that opens something are for what it opens. */
export function press(app: App, input: string, key: Key): void {
  const chord = chordOf(input, key);
  // Leaving works everywhere and at once; a question is answered with no.
  if (chord === 'ctrl+c' || chord === 'ctrl+z' || chord === 'ctrl+l')
    perform(app, chord === 'ctrl+c' ? 'quit' : chord === 'ctrl+z' ? 'suspend' : 'redraw');
  else app.keys.press(() => pressNow(app, chord, typedText(input, key)));
}

/** To what lies on top, first a question, then a filter that is being typed, then the screen. */
function pressNow(app: App, chord: string | undefined, text: string): void {
  const now = app.current();
  const { overlay, isOpening } = now.view.ui;
  if (isOpening === true && overlay === undefined) {
    if (chord === 'q') perform(app, 'quit');
    return;
  }
  if (overlay !== undefined) {
    overlayPress(app, overlay, chord, text);
    return;
  }
  const box = focusedBox(now);
  if (box !== undefined && paneState(now.view.ui, box.key).typing === true) {
    filterPress(app, box.key, paneState(now.view.ui, box.key), chord, text);
    return;
  }
  const intent = chord === undefined ? undefined : intentOf(chord, placeOf(now.view.ui).screen);
  if (intent !== undefined) perform(app, intent);
}

/** Pasted text goes where text is typed, and nowhere else: a pasted word must not press keys. */
export function paste(app: App, text: string): void {
  app.keys.press(() => pasteNow(app, text));
}

function pasteNow(app: App, text: string): void {
  // What was copied with its end of line is meant without it.
  const clean = text.replace(/\p{Cc}+$/u, '').replace(/\p{Cc}+/gu, ' ');
  const now = app.current();
  const { overlay } = now.view.ui;
  const box = focusedBox(now);
  if (overlay !== undefined) overlayPress(app, overlay, undefined, clean);
  else if (box !== undefined && paneState(now.view.ui, box.key).typing === true) {
    filterPress(app, box.key, paneState(now.view.ui, box.key), undefined, clean);
  }
}

function overlayPress(app: App, overlay: Overlay, chord: string | undefined, text: string): void {
  if (chord === 'esc') {
    if (overlay.kind === 'ask') dismiss(app, overlay);
    else show(app, undefined);
  } else if (overlay.kind === 'help') helpPress(app, overlay, chord, text);
  else if (overlay.kind === 'palette') palettePress(app, overlay, chord, text);
  else askPress(app, overlay, chord, text);
}

const show = (app: App, overlay: Overlay | undefined): void => app.store.act({ type: 'overlay', overlay });

type OverlayOf<K extends Overlay['kind']> = Extract<Overlay, { kind: K }>;

function helpPress(app: App, overlay: OverlayOf<'help'>, chord: string | undefined, text: string): void {
  const by = scrollOf(chord, app);
  if (by !== 0) show(app, { ...overlay, scroll: Math.max(0, overlay.scroll + by) });
  else show(app, { ...overlay, filter: edited(overlay.filter, chord, text), scroll: 0 });
}

function palettePress(
  app: App,
  overlay: OverlayOf<'palette'>,
  chord: string | undefined,
  text: string,
): void {
  const scope = app.current();
  const found = matches(overlay.text, scope.view, disabledIn(scope));
  const at = Math.min(overlay.selected, Math.max(0, found.length - 1));
  if (chord === 'up' || chord === 'down') {
    const selected = at + (chord === 'up' ? -1 : 1);
    show(app, { ...overlay, selected: Math.max(0, Math.min(found.length - 1, selected)) });
  } else if (chord === 'enter') {
    const chosen = found[at];
    if (chosen === undefined) return;
    show(app, undefined);
    if (chosen.why === undefined) perform(app, chosen.id, chosen.argument);
    else tell(app, `not now: ${chosen.why}`, 'warn');
  } else if (chord === 'tab') {
    const chosen = found[at];
    if (chosen === undefined) return;
    show(app, { ...overlay, text: `${chosen.text}${chosen.takes === undefined ? '' : ' '}`, selected: 0 });
  } else show(app, { ...overlay, text: edited(overlay.text, chord, text), selected: 0 });
}

function askPress(app: App, overlay: OverlayOf<'ask'>, chord: string | undefined, text: string): void {
  const count = overlay.values.length;
  const by = scrollOf(chord, app);
  if (chord === 'enter') void answer(app);
  else if (by !== 0) show(app, { ...overlay, scroll: Math.max(0, overlay.scroll + by) });
  else if (count === 0) return;
  else if (chord === 'tab') turnField(app, overlay, 1);
  else if (chord === 'shift+tab') turnField(app, overlay, -1);
  else {
    const { error, ...rest } = overlay;
    const { field } = overlay;
    const values = overlay.values.map((value, index) =>
      index === field ? edited(value, chord, text) : value,
    );
    show(app, { ...rest, values });
  }
}

function filterPress(app: App, key: string, state: PaneState, chord: string | undefined, text: string): void {
  const { typing, filter, match, only, origin, ...rest } = atOrigin(state);
  const { store } = app;
  if (chord === 'esc' || (chord === 'enter' && (filter ?? '') === '')) {
    store.act({ type: 'pane-reset', key, state: rest });
  } else if (chord === 'enter') {
    store.act({ type: 'pane-reset', key, state: withoutTyping(state) });
  } else if (chord === 'up' || chord === 'down') {
    // The filter stands; the hand goes on to the rows.
    store.act({ type: 'pane-reset', key, state: withoutTyping(state) });
    perform(app, chord);
  } else {
    store.act({ type: 'pane-state', key, change: { filter: edited(filter ?? '', chord, text) } });
    seek(app);
  }
}

const withoutTyping = ({ typing, origin, ...rest }: PaneState): PaneState => rest;

function scrollOf(chord: string | undefined, app: App): number {
  const page = Math.max(1, app.current().view.ui.rows - 8);
  const steps: Readonly<Record<string, number>> = { up: -1, down: 1, pgup: -page, pgdn: page };
  return steps[chord ?? ''] ?? 0;
}

/** The text after one press in a field. */
function edited(before: string, chord: string | undefined, text: string): string {
  if (chord === 'backspace') {
    const letters = [...new Intl.Segmenter().segment(before)];
    return letters
      .slice(0, -1)
      .map(each => each.segment)
      .join('');
  }
  if (chord === 'ctrl+u') return '';
  return before + text;
}
