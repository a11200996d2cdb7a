import type { StormMode } from '../../journal/events-cutover.ts';
import type { App, Intent } from '../app.ts';
import { MODES, modeNamed } from '../modes.ts';
import { triageWhole } from '../screens/triage-lines.ts';
import { wrap } from '../text/line.ts';
import { ask } from './asking.ts';
import { order, tell } from './order.ts';
import { machineOf, needsEngine, needsMachine } from './selection.ts';

/** How the storm is met, who makes it, and what is measured and looked at. */
export const STORMING: readonly Intent[] = [
  {
    id: 'mode',
    disabled: (scope, mode) =>
      needsEngine(scope) ??
      (mode === undefined || modeNamed(mode) !== undefined
        ? undefined
        : `"${mode}" is no storm mode; it is one of ${MODES.join(', ')}`) ??
      (mode !== undefined && mode === (scope.view.snapshot?.state.evacuation?.mode?.mode ?? 'calm')
        ? `it is ${mode} already`
        : undefined),
    run: (app, word) => {
      const mode = word === undefined ? undefined : modeNamed(word);
      return mode === undefined ? askWhichMode(app) : askMode(app, mode);
    },
  },
  {
    id: 'measure',
    disabled: needsMachine,
    run: async (app, named) => {
      const machine = named ?? machineOf(app.current());
      if (machine !== undefined) await order(app, { kind: 'measure', machine });
    },
  },
  { id: 'look', disabled: needsEngine, run: async app => void (await order(app, { kind: 'look' })) },
  {
    id: 'triage',
    disabled: ({ view }) => (view.outlook === undefined ? 'no evacuation is open' : undefined),
    run: app =>
      ask(app, {
        title: 'Who makes it before the storm',
        body: width => {
          const view = app.store.view();
          return view.outlook === undefined ? [] : triageWhole(view, view.outlook.triage(), width);
        },
        fields: [],
        action: 'close',
        submit: () => Promise.resolve(),
      }),
  },
];

function askWhichMode(app: App): void {
  ask(app, {
    title: 'Storm mode',
    body: width => wrap(`Now: ${app.store.view().snapshot?.state.evacuation?.mode?.mode ?? 'calm'}.`, width),
    fields: [
      {
        label: 'mode',
        hint: MODES.join(', '),
        check: mode => (modeNamed(mode) === undefined ? `it is one of ${MODES.join(', ')}` : undefined),
      },
    ],
    action: 'see what it would do',
    submit: ([word = '']) => {
      const mode = modeNamed(word.trim());
      if (mode !== undefined) askMode(app, mode);
      return Promise.resolve();
    },
  });
}

/** What the mode lets run and holds is shown before it is switched; `dark` wants the name typed. */
function askMode(app: App, mode: StormMode): void {
  const { snapshot } = app.current().view;
  if (snapshot === undefined) {
    tell(app, 'no evacuation is open', 'bad');
    return;
  }
  const { name } = snapshot;
  const isDark = mode === 'dark';
  ask(app, {
    title: `Switch to ${mode}`,
    body: width => wrap(`Now: ${snapshot.state.evacuation?.mode?.mode ?? 'calm'}.`, width),
    fields: [{ label: 'reason', optional: true }],
    ...(isDark ? { confirm: name } : {}),
    action: `switch to ${mode}`,
    submit: async ([reason = '']) =>
      void (await order(app, {
        kind: 'mode',
        mode,
        ...(isDark ? { confirm: name } : {}),
        ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
      })),
  });
}
