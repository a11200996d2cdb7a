import type { App, Intent, IntentScope } from '../app.ts';
import type { PaneBox } from '../frame/panes.ts';
import type { Line } from '../text/line.ts';
import { type PaneState, paneState } from '../ui-state.ts';
import { focusedBox } from './selection.ts';

/** Reading a text: follow its end, find lines in it. */
export const SEARCHING: readonly Intent[] = [
  {
    id: 'follow',
    disabled: scope => (focusedBox(scope)?.follows === true ? undefined : 'nothing here grows'),
    run: app => {
      const box = focusedBox(app.current());
      if (box === undefined) return;
      if (paneState(app.current().view.ui, box.key).held === undefined) hold(app, box, 0);
      else scrollTo(app, box, 0);
    },
  },
  { id: 'next-match', disabled: noMatch, run: app => step(app, 1) },
  { id: 'previous-match', disabled: noMatch, run: app => step(app, -1) },
  {
    id: 'only-matches',
    disabled: scope =>
      focusedBox(scope)?.matches === undefined ? 'search for something first, with /' : undefined,
    run: app => {
      const box = focusedBox(app.current());
      if (box === undefined) return;
      const { only, match, ...rest } = paneState(app.current().view.ui, box.key);
      app.store.act({
        type: 'pane-reset',
        key: box.key,
        state: only === true ? rest : { ...rest, only: true, scroll: 0 },
      });
    },
  },
];

function noMatch(scope: IntentScope): string | undefined {
  const matches = focusedBox(scope)?.matches;
  if (matches === undefined) return 'search for something first, with /';
  return matches.length === 0 ? 'nothing matches' : undefined;
}

function step(app: App, by: number): void {
  const box = focusedBox(app.current());
  const count = box?.matches?.length ?? 0;
  if (box === undefined || count === 0) return;
  const now = Math.min(paneState(app.current().view.ui, box.key).match ?? 0, count - 1);
  show(app, box, (now + by + count) % count);
}

/**
 * After each letter of a search: to the newest match of a text that follows, else to the first; back to where it began
 * where nothing matches.
 */
export function seek(app: App): void {
  const box = focusedBox(app.current());
  if (box === undefined) return;
  const count = box.matches?.length ?? 0;
  if (count > 0) show(app, box, box.follows !== true ? 0 : count - 1);
  else if (box.kind === 'text') {
    const state = atOrigin(paneState(app.current().view.ui, box.key));
    app.store.act({ type: 'pane-reset', key: box.key, state });
  }
}

/** As it stood when the search began. */
export function atOrigin(state: PaneState): PaneState {
  if (state.origin === undefined) return state;
  const { held, match, ...rest } = state;
  return { ...rest, ...state.origin };
}

/** Puts a match into the middle of the pane. */
function show(app: App, box: PaneBox, match: number): void {
  const at = box.matches?.[match] ?? 0;
  const last = Math.max(0, box.count - box.height);
  const top = Math.max(0, Math.min(last, at - Math.floor(box.height / 2)));
  app.store.act({ type: 'pane-state', key: box.key, change: { match } });
  if (box.follows !== true) scrollTo(app, box, top);
  else hold(app, box, last - top);
}

/** Scrolls; a text that follows is held while it is not at its end. */
export function scrollTo(app: App, box: PaneBox, scroll: number): void {
  if (box.follows !== true) {
    app.store.act({ type: 'pane-state', key: box.key, change: { scroll } });
  } else if (scroll > 0) {
    hold(app, box, scroll);
  } else {
    const { held, ...rest } = paneState(app.current().view.ui, box.key);
    app.store.act({ type: 'pane-reset', key: box.key, state: { ...rest, scroll: 0 } });
  }
}

function hold(app: App, box: PaneBox, scroll: number): void {
  const { view } = app.current();
  const state: PaneState = paneState(view.ui, box.key);
  const held = state.held?.width === box.width ? state.held : { lines: linesOf(app, box), width: box.width };
  app.store.act({ type: 'pane-state', key: box.key, change: { scroll, held } });
}

function linesOf(app: App, box: PaneBox): readonly Line[] {
  const { view, screen } = app.current();
  const pane = screen.panes(view).find(each => box.key.endsWith(`/${each.id}`));
  return pane?.kind === 'text' ? pane.lines(box.width) : [];
}
