import type { Session } from '../../evacuation/engine/session.ts';
import type { App } from '../app.ts';
import { placeOf } from '../ui-state.ts';
import { arrive } from './arriving.ts';
import { during } from './order.ts';
import { focusedBox, machineOf } from './selection.ts';

/** Enter: what it opens depends on the screen and on what is selected. */
export async function openSelected(app: App): Promise<void> {
  const now = app.current();
  const { screen } = placeOf(now.view.ui);
  const selected = focusedBox(now)?.selected;
  if (screen === 'home') {
    if (selected?.startsWith('evacuation:') === true)
      await openEvacuation(app, selected.slice('evacuation:'.length));
    else if (selected?.startsWith('plan:') === true) await startPlan(app, selected.slice('plan:'.length));
    return;
  }
  const machine = machineOf(now);
  if (machine !== undefined && screen !== 'machine') {
    app.store.act({ type: 'go', place: { screen: 'machine', subject: machine } });
    arrive(app, 'machine');
  }
}

async function openEvacuation(app: App, name: string): Promise<void> {
  const session = await during(app, `opening ${name}`, () => app.services.open(name));
  if (session !== undefined) await enter(app, session);
}

async function startPlan(app: App, plan: string): Promise<void> {
  const session = await during(app, `starting the engine of ${plan}`, () => app.services.start({ plan }));
  if (session !== undefined) await enter(app, session);
}

/** Shows an evacuation: where nothing has happened yet the walk begins at its first stage. */
export async function enter(app: App, session: Session): Promise<void> {
  await app.store.show(session);
  const { state } = session.snapshot();
  const isFresh = Object.values(state.machines).every(machine => machine.observed === undefined);
  app.store.act({ type: 'go', place: { screen: 'overview' } });
  if (isFresh) app.store.act({ type: 'go', place: { screen: 'check' } });
  arrive(app, isFresh ? 'check' : 'overview');
}
