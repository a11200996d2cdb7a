import type { App, Intent } from '../app.ts';
import type { PaneBox } from '../frame/panes.ts';
import { paneState, placeOf } from '../ui-state.ts';
import { scrollTo } from './searching.ts';
import { focusedBox } from './selection.ts';

/** Moving inside a pane and between panes. A list moves its selection, a text its scroll. */
export const MOVING: readonly Intent[] = [
  { id: 'up', run: app => move(app, () => -1) },
  { id: 'down', run: app => move(app, () => 1) },
  { id: 'page-up', run: app => move(app, box => -Math.max(1, box.height - 1)) },
  { id: 'page-down', run: app => move(app, box => Math.max(1, box.height - 1)) },
  { id: 'first', run: app => move(app, () => Number.NEGATIVE_INFINITY) },
  { id: 'last', run: app => move(app, () => Number.POSITIVE_INFINITY) },
  { id: 'next-pane', run: app => turn(app, 1) },
  { id: 'previous-pane', run: app => turn(app, -1) },
  {
    id: 'filter',
    run: app => {
      const box = focusedBox(app.current());
      if (box === undefined) return;
      const { scroll, held } = paneState(app.current().view.ui, box.key);
      const origin = held === undefined ? { scroll } : { scroll, held };
      app.store.act({ type: 'pane-state', key: box.key, change: { typing: true, filter: '', origin } });
    },
  },
];

function move(app: App, by: (box: PaneBox) => number): void {
  const now = app.current();
  const box = focusedBox(now);
  if (box === undefined) return;
  if (box.kind === 'list') moveSelection(app, box, by(box));
  else scroll(app, box, by(box));
}

function moveSelection(app: App, box: PaneBox, by: number): void {
  const at = box.selected === undefined ? 0 : box.ids.indexOf(box.selected);
  const selected = box.ids[Math.max(0, Math.min(box.ids.length - 1, at + by))];
  if (selected !== undefined) app.store.act({ type: 'pane-state', key: box.key, change: { selected } });
}

/** A pane that follows counts from its end, so up is more there. */
function scroll(app: App, box: PaneBox, by: number): void {
  const last = Math.max(0, box.count - box.height);
  const now = Math.min(last, paneState(app.current().view.ui, box.key).scroll);
  scrollTo(app, box, Math.max(0, Math.min(last, now + (box.follows === true ? -by : by))));
}

function turn(app: App, by: number): void {
  const { view, screen } = app.current();
  const count = screen.panes(view).length;
  const pane = (placeOf(view.ui).pane + by + count) % count;
  app.store.act({ type: 'pane', pane });
}
