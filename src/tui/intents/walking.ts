import { PHASES } from '../../step/step.ts';
import type { App, Intent, IntentScope } from '../app.ts';
import type { IntentId } from '../keys.ts';
import { PLACES } from '../palette.ts';
import type { ScreenId } from '../screen.ts';
import { paneState, placeOf } from '../ui-state.ts';
import { arrive } from './arriving.ts';
import { DETAILED, nothingToOpen, openSelected } from './opening.ts';
import { goReading } from './reading.ts';
import { focusedBox, noMachine } from './selection.ts';

const going = (id: IntentId, screen: ScreenId): Intent => ({
  id,
  run: app => {
    app.store.act({ type: 'go', place: { screen } });
    arrive(app, screen);
  },
});

/** Going from screen to screen. */
export const WALKING: readonly Intent[] = [
  ...PHASES.map(stage => going(`stage.${stage}`, stage)),
  going('overview', 'overview'),
  { id: 'log', run: app => goReading(app, 'log') },
  going('notes', 'notes'),
  { id: 'commands', run: app => goReading(app, 'commands') },
  {
    id: 'go',
    disabled: (scope, place) => (place === undefined ? 'say where: go machine web1' : nowhere(scope, place)),
    run: (app, place = '') => {
      const [screen, subject] = placeNamed(place);
      if (screen === undefined) return;
      app.store.act({ type: 'go', place: subject === undefined ? { screen } : { screen, subject } });
      arrive(app, screen);
    },
  },
  { id: 'open', disabled: nothingToOpen, run: app => openSelected(app) },
  { id: 'back', run: app => back(app) },
  {
    id: 'home',
    run: async app => {
      const closed = app.store.show(undefined);
      app.store.act({ type: 'go', place: { screen: 'home' } });
      arrive(app, 'home');
      await closed;
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
    const { filter, typing, match, only, ...rest } = paneState(ui, box.key);
    app.store.act({ type: 'pane-reset', key: box.key, state: rest });
    return;
  }
  const { screen, pane } = placeOf(ui);
  if (DETAILED.includes(screen) && pane > 0) app.store.act({ type: 'pane', pane: 0 });
  else if (ui.stack.length > 1) {
    app.store.act({ type: 'back' });
    // What was said of a plan, with the keys of its editor, is about that plan.
    if (screen === 'plan') app.store.act({ type: 'toast', toast: undefined });
    if (placeOf(app.store.view().ui).screen === 'home') arrive(app, 'home');
  } else if (now.view.snapshot !== undefined && placeOf(ui).screen !== 'overview')
    app.store.act({ type: 'go', place: { screen: 'overview' } });
}

function placeNamed(text: string): readonly [ScreenId | undefined, string | undefined] {
  if (text.startsWith('machine ')) return ['machine', text.slice('machine '.length)];
  return [PLACES.find(each => each === text), undefined];
}

function nowhere(scope: IntentScope, text: string): string | undefined {
  const [screen, subject] = placeNamed(text);
  if (screen === undefined) return `there is no screen "${text}"`;
  return subject === undefined ? undefined : noMachine(scope, subject);
}
