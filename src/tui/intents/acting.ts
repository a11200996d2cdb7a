import { formatBitRate, parseDuration, parseRate } from '../../foundation/units.ts';
import type { App, Intent, IntentScope } from '../app.ts';
import { stageName } from '../frame/rail.ts';
import { type Line, line, span, wrap } from '../text/line.ts';
import { placeOf } from '../ui-state.ts';
import { arrive } from './arriving.ts';
import { ask } from './asking.ts';
import { enter, evacuationIn, startSelected } from './opening.ts';
import { during, order } from './order.ts';
import { previewLines } from './previewing.ts';
import { machineOf, needsEngine, needsMachine, scopeOf, selectedOf } from './selection.ts';

/** What a running engine can be told. Whatever changes something on hosts shows its commands first. */
export const ACTING: readonly Intent[] = [
  {
    id: 'approve',
    disabled: scope =>
      needsEngine(scope) ?? (heldPhase(scope) === undefined ? 'no stage waits for approval' : undefined),
    run: async app => {
      const phase = heldPhase(scopeOf(app));
      if (phase === undefined) return;
      const body = await previewLines(app, phase);
      ask(app, {
        title: `${stageName(phase)}: exactly this will be done`,
        body,
        fields: [],
        action: `approve ${phase}`,
        submit: async () => void (await order(app, { kind: 'approve', phase })),
      });
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
    run: async app => {
      const machine = machineOf(app.current());
      if (machine !== undefined) await order(app, { kind: 'sync', machine });
    },
  },
  { id: 'sync-all', disabled: needsEngine, run: async app => void (await order(app, { kind: 'sync' })) },
  {
    id: 'pause',
    disabled: needsMachine,
    run: async app => {
      const machine = machineOf(app.current());
      if (machine === undefined) return;
      const paused = app.current().view.snapshot?.state.machines[machine]?.paused !== undefined;
      await order(app, { kind: paused ? 'resume' : 'pause', machine });
    },
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
    disabled: scope => needsEngine(scope) ?? (hasFailed(scope) ? undefined : 'nothing has failed'),
    run: async app => {
      const machine = machineOf(app.current());
      const failed =
        machine !== undefined && app.current().view.snapshot?.state.machines[machine]?.failure !== undefined;
      await order(app, failed ? { kind: 'retry', machine } : { kind: 'retry' });
    },
  },
  { id: 'throttle', disabled: needsEngine, run: app => askThrottle(app) },
  {
    id: 'mover',
    disabled: needsMachine,
    run: async app => {
      const machine = machineOf(app.current());
      if (machine !== undefined) await order(app, { kind: 'mover', machine, mover: 'blocks' });
    },
  },
  {
    id: 'prove',
    disabled: needsMachine,
    run: async app => {
      const machine = machineOf(app.current());
      if (machine !== undefined) await order(app, { kind: 'prove', machine });
    },
  },
  {
    id: 'waive',
    disabled: scope =>
      needsEngine(scope) ?? (gateOf(scope) === undefined ? 'no gate is selected' : undefined),
    run: app => askWaiver(app),
  },
  { id: 'note', disabled: needsEngine, run: app => askNote(app) },
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
      const session = await during(app, 'making two simulated sites', () => app.services.rehearse());
      if (session !== undefined) await enter(app, session);
    },
  },
  {
    id: 'init',
    run: app => {
      app.store.act({ type: 'go', place: { screen: 'plan' } });
      arrive(app, 'plan');
    },
  },
];

/** Why no engine can be started here. */
function startable(scope: IntentScope): string | undefined {
  const { view } = scope;
  if (placeOf(view.ui).screen !== 'home') {
    if (view.snapshot === undefined) return 'no evacuation is open';
    return view.snapshot.connection === 'none' ? undefined : 'its engine runs already';
  }
  const selected = evacuationIn(scope);
  if (selected === undefined) return 'no evacuation is selected';
  if (selected.error !== undefined) return 'its journal cannot be read';
  return selected.running || selected.holder !== undefined ? 'its engine runs already' : undefined;
}

/** The first held stage, in the order of the walk. */
export function heldPhase({ view }: Pick<IntentScope, 'view'>): string | undefined {
  const held = view.snapshot?.state.evacuation?.held ?? [];
  return view.stages.find(stage => held.includes(stage.phase))?.phase;
}

const hasFailed = ({ view }: IntentScope): boolean =>
  Object.values(view.snapshot?.state.steps ?? {}).some(step => step.status === 'failed');

const gateOf = (scope: IntentScope): string | undefined =>
  placeOf(scope.view.ui).screen === 'ready' ? selectedOf(scope) : undefined;

function askThrottle(app: App): void {
  const { snapshot } = app.current().view;
  const now = snapshot?.state.evacuation?.throttle?.bytesPerSecond ?? snapshot?.plan.link.limit;
  ask(app, {
    title: 'Throttle the link',
    body: width => [
      ...wrap(
        `Now: ${now === undefined ? 'no limit' : formatBitRate(now)}. Passes that begin from now on keep to the new limit; pause and resume a machine to apply it at once.`,
        width,
      ),
      ...wrap('Leave it empty to go back to the limit of the plan.', width, 'muted'),
    ],
    fields: [{ label: 'limit', hint: 'for example 400 Mbit/s', optional: true }],
    action: 'set the limit',
    check: ([limit = '']) =>
      limit.trim() === '' || (parseRate(limit) ?? 0) > 0
        ? undefined
        : `"${limit}" is no rate; write it like 400 Mbit/s`,
    submit: async ([limit = '']) =>
      void (await order(app, { kind: 'throttle', bytesPerSecond: parseRate(limit) ?? null })),
  });
}

const WAIVER_DAYS = 14;

function askWaiver(app: App): void {
  const gate = gateOf(scopeOf(app));
  if (gate === undefined) return;
  const waiver = app.current().view.snapshot?.state.evacuation?.waivers?.[gate];
  if (waiver !== undefined && waiver.until > app.clock.now()) {
    ask(app, {
      title: `Take back the waiver of ${gate}`,
      body: width =>
        wrap(`${waiver.by} accepted it: ${waiver.reason}. Without the waiver the gate speaks again.`, width),
      fields: [],
      action: 'take it back',
      submit: async () => void (await order(app, { kind: 'unwaive', gate })),
    });
    return;
  }
  ask(app, {
    title: `Waive ${gate}`,
    body: width => [
      ...wrap(
        'A waived gate no longer stands in the way of ready. Your name, the reason and the end of the waiver are in the journal and on every report.',
        width,
      ),
      ...wrap(`It ends by itself, after ${WAIVER_DAYS} days at the most.`, width, 'muted'),
    ],
    fields: [{ label: 'reason' }, { label: 'for how long', initial: '24h', hint: 'for example 12h or 3d' }],
    confirm: gate.split('/')[1] ?? gate,
    action: 'waive it',
    check: ([reason = '', length = '']) => {
      if (reason.trim() === '') return 'a waiver needs a reason';
      const ms = parseDuration(length);
      if (ms === undefined || ms <= 0) return `"${length}" is no duration; write it like 12h or 3d`;
      return ms > WAIVER_DAYS * 24 * 3600e3 ? `at most ${WAIVER_DAYS}d` : undefined;
    },
    submit: async ([reason = '', length = '']) =>
      void (await order(app, {
        kind: 'waive',
        gate,
        reason,
        until: app.clock.now() + (parseDuration(length) ?? 0),
      })),
  });
}

function askNote(app: App): void {
  ask(app, {
    title: 'A note for whoever comes next',
    body: width =>
      wrap('It goes into the journal with your name and the time, and into every report.', width, 'muted'),
    fields: [{ label: 'note' }],
    action: 'write it down',
    check: ([text = '']) => (text.trim() === '' ? 'the note is empty' : undefined),
    submit: async ([text = '']) => void (await order(app, { kind: 'note', text })),
  });
}

function askStop(app: App): void {
  const { snapshot } = app.current().view;
  if (snapshot === undefined) return;
  const running = Object.values(snapshot.state.steps).filter(step => step.status === 'running');
  ask(app, {
    title: `Stop the engine of ${snapshot.name}`,
    body: width => [
      ...wrap(
        'The engine ends. Nothing is undone: the copies stay as they are, and passes that run on the source hosts go on and are found again.',
        width,
      ),
      ...wrap(
        'From then on nobody starts passes, and exposure grows until the engine is started again.',
        width,
        'warn',
      ),
      [],
      ...(running.length === 0
        ? [line(span('Nothing runs right now.', 'muted'))]
        : running.map((step): Line => line('runs now: ', span(step.id, 'busy')))),
    ],
    fields: [],
    confirm: snapshot.name,
    action: 'stop the engine',
    submit: async () => void (await order(app, { kind: 'stop', confirm: snapshot.name })),
  });
}

/** Exported for the screens: says the same thing everywhere. */
export const NO_ENGINE = 'No engine runs: what you see is what the journal says.';
