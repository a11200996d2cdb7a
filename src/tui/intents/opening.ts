import type { Session } from '../../evacuation/engine/session.ts';
import type { App, IntentScope } from '../app.ts';
import type { ScreenId } from '../screen.ts';
import { isUnwritten } from '../screens/home-plans.ts';
import type { EvacuationSummary, PlanSummary } from '../services.ts';
import { placeOf } from '../ui-state.ts';
import { arrive } from './arriving.ts';
import { opening, tell } from './order.ts';
import { changeSelected } from './plan-forms.ts';
import { goReading, showCommand } from './reading.ts';
import { focusedBox, machineOf, selectedOf } from './selection.ts';

/** Screens of which nothing leads further. */
const ENDS: readonly ScreenId[] = ['log', 'notes'];

/** Screens whose second pane tells more of the row that is selected in the first. */
export const DETAILED: readonly ScreenId[] = ['check', 'ready', 'cutover', 'database', 'preview', 'prove'];

/** Why enter would open nothing. */
export function nothingToOpen({ view, boxes }: IntentScope): string | undefined {
  const { screen, pane } = placeOf(view.ui);
  if (screen === 'home' && selectedOf({ view, boxes }) === undefined) return 'nothing is selected';
  const box = focusedBox({ view, boxes });
  const isEnd =
    (DETAILED.includes(screen) && pane > 0 && machineOf({ view, boxes }) === undefined) ||
    ENDS.includes(screen) ||
    (screen === 'machine' && box?.key !== 'machine/commands') ||
    ((screen === 'machine' || screen === 'commands') &&
      !boxes.some(each => each.key === `${screen}/commands` && each.selected !== undefined));
  return isEnd ? 'there is nothing to open here' : undefined;
}

/** Enter: what it opens depends on the screen and on what is selected. */
export async function openSelected(app: App): Promise<void> {
  const now = app.current();
  const { screen } = placeOf(now.view.ui);
  const selected = selectedOf(now);
  if (screen === 'home') {
    if (selected?.startsWith('evacuation:') === true)
      await openEvacuation(app, selected.slice('evacuation:'.length));
    else if (selected?.startsWith('plan:') === true) await startPlan(app, selected.slice('plan:'.length));
    return;
  }
  if (DETAILED.includes(screen) && placeOf(now.view.ui).pane === 0) {
    app.store.act({ type: 'pane', pane: 1 });
    return;
  }
  if (screen === 'plan') {
    changeSelected(app);
    return;
  }
  if (screen === 'commands') {
    await showCommand(app);
    return;
  }
  if (screen === 'machine') {
    if (selected === undefined) return;
    goReading(app, 'commands');
    app.store.act({ type: 'pane-state', key: 'commands/commands', change: { selected } });
    return;
  }
  const machine = machineOf(now);
  if (machine !== undefined) {
    app.store.act({ type: 'go', place: { screen: 'machine', subject: machine } });
    arrive(app, 'machine');
  }
}

async function openEvacuation(app: App, name: string): Promise<void> {
  const session = await opening(app, `opening ${name}`, () => app.services.open(name));
  if (session !== undefined) await enter(app, session);
}

/** The evacuation that is selected in the list of all. */
export function evacuationIn(scope: Pick<IntentScope, 'view' | 'boxes'>): EvacuationSummary | undefined {
  const { evacuations } = scope.view.loaded;
  const selected = selectedOf(scope);
  return evacuations.state === 'here'
    ? evacuations.value.find(({ name }) => selected === `evacuation:${name}`)
    : undefined;
}

/** Starts the engine of the evacuation that is selected in the list of all, and shows it. */
export async function startSelected(app: App): Promise<void> {
  const name = evacuationIn(app.current())?.name;
  if (name === undefined) return;
  const session = await opening(app, `starting the engine of ${name}`, () => app.services.start({ name }));
  if (session !== undefined) await enter(app, session);
}

async function startPlan(app: App, plan: string): Promise<void> {
  const known = planOf(app, plan);
  if (known?.begun === true && known.name !== undefined) return openEvacuation(app, known.name);
  if (isUnwritten(app.current().view, plan)) {
    tell(app, `${plan} has changes that are not written: E goes back to it, there w writes`, 'warn');
    return;
  }
  const [problem] = known?.problems ?? [];
  if (problem !== undefined) {
    tell(app, `${plan} cannot begin: ${problem}; next: mend it, then ctrl+r looks again`, 'bad');
    return;
  }
  const session = await opening(app, `starting the engine of ${plan}`, () => app.services.start({ plan }));
  if (session !== undefined) await enter(app, session);
}

function planOf(app: App, file: string): PlanSummary | undefined {
  const { plans } = app.current().view.loaded;
  return plans.state === 'here' ? plans.value.find(each => each.file === file) : undefined;
}

/**
 * Shows an evacuation on its overview. The walk begins at its first stage where it was never begun, and where nothing has
 * been done yet because a stage waits for approval.
 */
export async function enter(app: App, session: Session): Promise<void> {
  const shown = app.store.show(session);
  if (app.store.isOver()) return shown;
  const { state } = session.snapshot();
  const { evacuation } = state;
  const isFresh = Object.values(state.machines).every(machine => machine.observed === undefined);
  const waits = evacuation === undefined || evacuation.starts === 0 || (evacuation.held ?? []).length > 0;
  app.store.act({ type: 'go', place: { screen: 'overview' } });
  if (isFresh && waits) app.store.act({ type: 'go', place: { screen: 'check' } });
  arrive(app, isFresh && waits ? 'check' : 'overview');
  await shown;
}
