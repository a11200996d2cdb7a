import { parseRate } from '../../foundation/units.ts';
import type { App, Intent, IntentScope } from '../app.ts';
import { stageName } from '../frame/rail.ts';
import { heldPhase, heldPhases } from '../held-stages.ts';
import { SCREEN_IDS } from '../screen.ts';
import { provable } from '../screens/provable.ts';
import { placeOf } from '../ui-state.ts';
import { arrive } from './arriving.ts';
import { ask } from './asking.ts';
import { enter, evacuationIn, startSelected } from './opening.ts';
import { during, opening, order, tell } from './order.ts';
import { previewLines } from './previewing.ts';
import { askNote, askStop, askThrottle, askWaiver, notWaivable } from './questions.ts';
import { machineOf, needsEngine, needsMachine, noMachine } from './selection.ts';

/** What a running engine can be told. Whatever changes something on hosts shows its commands first. */
export const ACTING: readonly Intent[] = [
  {
    id: 'approve',
    disabled: (scope, stage) =>
      needsEngine(scope) ??
      (stage !== undefined && !heldPhases(scope.view).includes(stage)
        ? `${stage} does not wait for approval`
        : heldPhase(scope.view) === undefined
          ? 'no stage waits for approval'
          : undefined),
    run: (app, stage) => {
      const phase = stage ?? heldPhase(app.current().view);
      return phase === undefined ? undefined : app.keys.until(askApproval(app, phase));
    },
  },
  {
    id: 'preview',
    disabled: ({ view }) => (view.snapshot === undefined ? 'no evacuation is open' : undefined),
    run: app => {
      app.store.act({ type: 'go', place: { screen: 'preview' } });
      arrive(app, 'preview');
    },
  },
  {
    id: 'sync-now',
    disabled: needsMachine,
    run: async (app, named) => {
      const machine = named ?? machineOf(app.current());
      if (machine !== undefined) await order(app, { kind: 'sync', machine });
    },
  },
  { id: 'sync-all', disabled: needsEngine, run: async app => void (await order(app, { kind: 'sync' })) },
  {
    id: 'pause',
    disabled: (scope, named) =>
      needsMachine(scope, named) ??
      (named !== undefined && isPaused(scope, named) ? `${named} is paused already` : undefined),
    run: async (app, named) => {
      const machine = named ?? machineOf(app.current());
      if (machine === undefined) return;
      // The key goes back and forth; the word means what it says.
      const kind = named === undefined && isPaused(app.current(), machine) ? 'resume' : 'pause';
      await order(app, { kind, machine });
    },
  },
  {
    id: 'resume',
    disabled: (scope, named) => needsEngine(scope) ?? notPaused(scope, named),
    run: async (app, machine) =>
      void (await order(app, machine === undefined ? { kind: 'resume' } : { kind: 'resume', machine })),
  },
  {
    id: 'pause-all',
    disabled: needsEngine,
    run: async app => {
      const paused = app.current().view.snapshot?.state.evacuation?.paused !== undefined;
      await order(app, { kind: paused ? 'resume' : 'pause' });
    },
  },
  {
    id: 'retry',
    disabled: (scope, named) =>
      needsEngine(scope) ??
      (named === undefined ? undefined : noMachine(scope, named)) ??
      (hasFailed(scope) ? undefined : 'nothing has failed'),
    run: async (app, named) => {
      const machine = named ?? machineOf(app.current());
      const failed =
        machine !== undefined && app.current().view.snapshot?.state.machines[machine]?.failure !== undefined;
      await order(app, failed ? { kind: 'retry', machine } : { kind: 'retry' });
    },
  },
  {
    id: 'throttle',
    disabled: needsEngine,
    run: (app, rate) => (rate === undefined ? askThrottle(app) : throttle(app, rate)),
  },
  {
    id: 'prove',
    disabled: (scope, named) => needsMachine(scope, named) ?? notProvable(scope, named),
    run: async (app, named) => {
      const machine = named ?? machineOf(app.current());
      if (machine !== undefined) await order(app, { kind: 'prove', machine });
    },
  },
  {
    id: 'prove-all',
    disabled: scope =>
      needsEngine(scope) ??
      (scope.view.rows.some(provable)
        ? undefined
        : 'there is no copy yet that could boot: sync comes first (4)'),
    run: async app => void (await order(app, { kind: 'prove' })),
  },
  {
    id: 'waive',
    disabled: scope => needsEngine(scope) ?? notWaivable(scope),
    run: app => askWaiver(app),
  },
  {
    id: 'note',
    disabled: needsEngine,
    run: async (app, text) =>
      text === undefined ? askNote(app) : void (await order(app, { kind: 'note', text })),
  },
  {
    id: 'start',
    disabled: scope => startable(scope),
    run: async app => {
      if (placeOf(app.current().view.ui).screen === 'home') return startSelected(app);
      const name = app.store.session()?.name;
      if (name === undefined) return;
      const session = await during(app, `starting the engine of ${name}`, () => app.services.start({ name }));
      if (session !== undefined) await app.store.show(session);
    },
  },
  { id: 'stop', disabled: needsEngine, run: app => askStop(app) },
  {
    id: 'rehearse',
    run: async app => {
      const session = await opening(app, 'making two simulated sites', () => app.services.rehearse());
      if (session !== undefined) await enter(app, session);
    },
  },
];

/** Why the copy of a machine cannot be booted now. */
function notProvable(scope: IntentScope, named: string | undefined): string | undefined {
  const name = named ?? machineOf(scope);
  const row = scope.view.rows.find(each => each.name === name);
  if (row === undefined) return undefined;
  if (!provable(row)) return `${row.name} has no copy yet that could boot: sync comes first (4)`;
  if (row.proof.course?.kind === 'booting') return `a proof of ${row.name} runs already`;
  return row.proof.course?.kind === 'asked' ? `a proof of ${row.name} was asked for already` : undefined;
}

async function askApproval(app: App, phase: string): Promise<void> {
  const body = await previewLines(app, phase);
  // Nothing is approved by a key that was pressed before its commands could be seen.
  app.keys.forget();
  ask(app, {
    title: `${stageName(phase)}: exactly this will be done`,
    body,
    fields: [],
    action: `approve ${phase}`,
    submit: async () => {
      // What was let go is what one wants to see.
      if (await order(app, { kind: 'approve', phase })) goToStage(app, phase);
    },
  });
}

/** Why no engine can be started here. */
function startable(scope: IntentScope): string | undefined {
  const { view } = scope;
  if (placeOf(view.ui).screen !== 'home') {
    if (view.snapshot === undefined) return 'no evacuation is open';
    if (view.snapshot.connection === 'none') return undefined;
    return view.snapshot.connection === 'lost'
      ? 'its engine is not reachable: it may run, and a second one would be refused'
      : 'its engine runs already';
  }
  const selected = evacuationIn(scope);
  if (selected === undefined) return 'no evacuation is selected';
  if (selected.error !== undefined) return 'its journal cannot be read';
  return selected.running || selected.holder !== undefined ? 'its engine runs already' : undefined;
}

const isPaused = ({ view }: Pick<IntentScope, 'view'>, machine: string): boolean =>
  view.snapshot?.state.machines[machine]?.paused !== undefined;

function notPaused(scope: IntentScope, machine: string | undefined): string | undefined {
  if (machine !== undefined)
    return noMachine(scope, machine) ?? (isPaused(scope, machine) ? undefined : `${machine} is not paused`);
  return scope.view.snapshot?.state.evacuation?.paused === undefined
    ? 'nothing is paused as a whole'
    : undefined;
}

/** As on the command line: a rate, or `off` for the limit of the plan. */
async function throttle(app: App, rate: string): Promise<void> {
  const bytesPerSecond = rate === 'off' ? null : parseRate(rate);
  if (bytesPerSecond === undefined || bytesPerSecond === 0)
    tell(app, `"${rate}" is no rate; write it like 400 Mbit/s, or off`, 'bad');
  else await order(app, { kind: 'throttle', bytesPerSecond });
}

/** A gate that blocks and a copy that does not boot are verdicts: there is no step of theirs to try again. */
const hasFailed = ({ view }: IntentScope): boolean =>
  view.rows.some(row => row.failure !== undefined) ||
  view.stages.some(({ phase, state }) => state === 'failed' && phase !== 'prove' && phase !== 'ready');

function goToStage(app: App, phase: string): void {
  const screen = SCREEN_IDS.find(each => each === phase);
  if (screen === undefined) return;
  app.store.act({ type: 'go', place: { screen } });
  arrive(app, screen);
}
