import type { App, Intent } from '../app.ts';
import type { IntentId } from '../keys.ts';
import type { ScreenId } from '../screen.ts';
import { paneState, placeOf } from '../ui-state.ts';
import { arrive } from './arriving.ts';
import { openSelected } from './opening.ts';
import { focusedBox } from './selection.ts';

const STAGES = ['check', 'inventory', 'build', 'sync', 'database', 'prove', 'ready', 'cutover'] as const;

const going = (id: IntentId, screen: ScreenId): Intent => ({
  id,
  run: app => {
    app.store.act({ type: 'go', place: { screen } });
    arrive(app, screen);
  },
});

/** Going from screen to screen. */
export const WALKING: readonly Intent[] = [
  ...STAGES.map(stage => going(`stage.${stage}`, stage)),
  going('overview', 'overview'),
  going('log', 'log'),
  going('notes', 'notes'),
  going('commands', 'commands'),
  { id: 'open', run: app => openSelected(app) },
  { id: 'back', run: app => back(app) },
  {
    id: 'home',
    run: async app => {
      await app.store.show(undefined);
      app.store.act({ type: 'go', place: { screen: 'home' } });
      arrive(app, 'home');
    },
  },
  { id: 'refresh', run: app => arrive(app, placeOf(app.current().view.ui).screen) },
];

/** First what is open, then the filter, then the way back; at its beginning nothing. */
function back(app: App): void {
  const now = app.current();
  const box = focusedBox(now);
  const { ui } = now.view;
  if (box !== undefined && paneState(ui, box.key).filter !== undefined) {
    const { filter, typing, ...rest } = paneState(ui, box.key);
    app.store.act({ type: 'pane-reset', key: box.key, state: rest });
    return;
  }
  if (ui.stack.length > 1) app.store.act({ type: 'back' });
  else if (now.view.snapshot !== undefined && placeOf(ui).screen !== 'overview')
    app.store.act({ type: 'go', place: { screen: 'overview' } });
}
