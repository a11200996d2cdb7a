import type { App } from '../app.ts';
import type { ScreenId } from '../screen.ts';
import { passLogOf } from '../screens/machine-passes.ts';
import { placeOf } from '../ui-state.ts';
import { commandsNow } from './cutover-questions.ts';
import { toTurn } from './cutting-over.ts';
import { previewedProofs, previewedSteps } from './previewing.ts';

/** Asks for what a screen shows, when it is entered. */
export function arrive(app: App, screen: ScreenId): void {
  const { store, services } = app;
  const name = store.session()?.name;
  if (screen === 'home') {
    void store.load('evacuations', services.evacuations());
    void store.load('plans', services.plans());
  }
  if (screen === 'check') void store.load('findings', services.examine(name));
  const snapshot = store.session()?.snapshot();
  if ((screen === 'preview' || screen === 'build') && snapshot !== undefined)
    void store.load('preview', previewedSteps(snapshot));
  if (screen === 'prove' && snapshot !== undefined) void store.load('proofs', previewedProofs(snapshot));
  if (screen === 'machine' && name !== undefined) {
    const view = store.view();
    const file = passLogOf(view, placeOf(view.ui).subject ?? '');
    if (file !== undefined) void store.load('tail', services.tail(name, file));
  }
  if (screen === 'cutover') {
    toTurn(app);
    void store.load('itemCommands', commandsNow(store.view()));
  }
  if (screen === 'notes' && name !== undefined) void store.load('notes', services.notes(name));
}
