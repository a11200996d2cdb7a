import type { ModeLine, ModePreview } from '../../evacuation/mode-preview.ts';
import { STORM_MODES, type StormMode } from '../../journal/storm-modes.ts';
import type { App, Intent } from '../app.ts';
import { modeNamed } from '../modes.ts';
import { labelled } from '../screens/parts.ts';
import { triageWhole } from '../screens/triage-lines.ts';
import { type Line, line, span, type Tone, wrap } from '../text/line.ts';
import { ask } from './asking.ts';
import { order } from './order.ts';
import { machineOf, needsEngine, needsMachine } from './selection.ts';

/** How the storm is met, who makes it, and what is measured and looked at. */
export const STORMING: readonly Intent[] = [
  {
    id: 'mode',
    disabled: (scope, mode) =>
      needsEngine(scope) ??
      (mode === undefined || modeNamed(mode) !== undefined
        ? undefined
        : `"${mode}" is no storm mode; it is one of ${STORM_MODES.join(', ')}`) ??
      // A squeeze that is ordered again asks triage again.
      (mode !== undefined &&
      mode !== 'squeeze' &&
      mode === (scope.view.snapshot?.state.evacuation?.mode?.mode ?? 'calm')
        ? `it is ${mode} already`
        : undefined),
    run: (app, word) => {
      const mode = word === undefined ? undefined : modeNamed(word);
      return mode === undefined ? askWhichMode(app) : app.keys.until(askMode(app, mode));
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
    body: width => labelled('now', present(app), width),
    fields: [
      {
        label: 'mode',
        hint: STORM_MODES.join(', '),
        check: mode => (modeNamed(mode) === undefined ? `it is one of ${STORM_MODES.join(', ')}` : undefined),
      },
    ],
    action: 'see what it would do',
    submit: async ([word = '']) => {
      const mode = modeNamed(word.trim());
      if (mode !== undefined) await app.keys.until(askMode(app, mode));
    },
  });
}

/** What the mode lets run and holds is shown before it is switched; `dark` wants the name typed. */
async function askMode(app: App, mode: StormMode): Promise<void> {
  const { snapshot, now } = app.current().view;
  if (snapshot === undefined) return;
  const { name, plan, state } = snapshot;
  // Only who switches has to load what knows the modes.
  const { previewMode } = await import('../../evacuation/mode-preview.ts');
  const preview = previewMode({ plan, state }, mode, now);
  // Nothing is switched by a key that was pressed before its effects could be seen.
  app.keys.forget();
  const isDark = mode === 'dark';
  ask(app, {
    title: `Switch to ${mode}`,
    body: width => modeLines(preview, present(app), width),
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

const present = (app: App): StormMode => app.store.view().snapshot?.state.evacuation?.mode?.mode ?? 'calm';

const EFFECTS: Readonly<Record<ModeLine['effect'], readonly [string, Tone]>> = {
  'goes-on': ['goes on', 'good'],
  last: ['once more', 'plain'],
  held: ['held', 'warn'],
  stopped: ['stopped', 'bad'],
};

function modeLines({ meaning, lines, saved }: ModePreview, now: StormMode, width: number): Line[] {
  return [
    ...wrap(meaning, width, 'title'),
    ...labelled('now', now, width, 'muted'),
    ...(saved.length === 0 ? [] : labelled('in order', saved.join(', '), width)),
    [],
    ...lines.flatMap(({ name, effect, words }) => {
      const [word, tone] = EFFECTS[effect];
      return [line(span(`${name}  `, 'title'), span(word, tone)), ...labelled('', words, width, 'muted')];
    }),
  ];
}
