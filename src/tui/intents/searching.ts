import type { App, Intent, IntentScope } from '../app.ts';
import type { PaneBox } from '../frame/panes.ts';
import type { TextPane } from '../screen.ts';
import { type PaneState, paneState } from '../ui-state.ts';
import { focusedBox } from './selection.ts';

/** Reading a text: follow its end, find lines in it. */
export const SEARCHING: readonly Intent[] = [
  {
    id: 'follow',
    disabled: scope => (followed(scope, focusedBox(scope)) === undefined ? 'nothing here grows' : undefined),
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

/** After each letter of a search: to the newest match of a text that follows, else to the first. */
export function seek(app: App): void {
  const box = focusedBox(app.current());
  const count = box?.matches?.length ?? 0;
  if (box === undefined || count === 0) return;
  show(app, box, followedPane(app, box) === undefined ? 0 : count - 1);
}

/** Puts a match into the middle of the pane. */
function show(app: App, box: PaneBox, match: number): void {
  const at = box.matches?.[match] ?? 0;
  const last = Math.max(0, box.count - box.height);
  const top = Math.max(0, Math.min(last, at - Math.floor(box.height / 2)));
  app.store.act({ type: 'pane-state', key: box.key, change: { match } });
  if (followedPane(app, box) === undefined) scrollTo(app, box, top);
  else hold(app, box, last - top);
}

/** Scrolls; a text that follows is held while it is not at its end. */
export function scrollTo(app: App, box: PaneBox, scroll: number): void {
  if (followedPane(app, box) === undefined) {
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
  const lines = followedPane(app, box)?.lines(box.width) ?? [];
  const held = state.held?.width === box.width ? state.held : { lines, width: box.width };
  app.store.act({ type: 'pane-state', key: box.key, change: { scroll, held } });
}

/** The pane of a box, where it is a text that follows its end. */
export const followedPane = (app: App, box: PaneBox): TextPane | undefined => followed(app.current(), box);

function followed(
  { view, screen }: Pick<IntentScope, 'view' | 'screen'>,
  box: PaneBox | undefined,
): TextPane | undefined {
  const pane = screen.panes(view).find(each => box?.key.endsWith(`/${each.id}`));
  return pane?.kind === 'text' && pane.follow === true ? pane : undefined;
}
