import { reportOf } from '../../reports/model.ts';
import type { App, Intent } from '../app.ts';
import { whyLines } from '../screens/why.ts';
import { THEMES } from '../theme.ts';
import { ask } from './asking.ts';
import { during, tell } from './order.ts';
import { leave } from './plan-write.ts';
import { machineOf, noMachine } from './selection.ts';

/** Looking and leaving. */
export const VIEWING: readonly Intent[] = [
  {
    id: 'why',
    disabled: noMachine,
    run: (app, named) => {
      const machine = named ?? machineOf(app.current());
      if (machine === undefined) return;
      ask(app, {
        title: `${machine}: why`,
        body: width => whyLines(app.store.view(), machine, width),
        fields: [],
        action: 'close',
        submit: () => Promise.resolve(),
      });
    },
  },
  {
    id: 'report',
    disabled: ({ view }) => (view.snapshot === undefined ? 'no evacuation is open' : undefined),
    run: async app => {
      const { snapshot } = app.current().view;
      if (snapshot === undefined) return;
      const report = reportOf({ plan: snapshot.plan, state: snapshot.state }, app.clock.now());
      const path = await during(app, 'writing the report', () => app.services.saveReport(report));
      if (path !== undefined) tell(app, `report written: ${path}`, 'good');
    },
  },
  {
    id: 'help',
    run: app => app.store.act({ type: 'overlay', overlay: { kind: 'help', filter: '', scroll: 0 } }),
  },
  {
    id: 'palette',
    run: app => app.store.act({ type: 'overlay', overlay: { kind: 'palette', text: '', selected: 0 } }),
  },
  { id: 'theme', run: app => nextTheme(app) },
  { id: 'redraw', run: app => app.terminal.redraw() },
  { id: 'suspend', run: app => app.terminal.suspend() },
  { id: 'quit', run: app => leave(app) },
];

function nextTheme(app: App): void {
  const now = app.current().view.ui.theme;
  const theme = THEMES[(THEMES.indexOf(now) + 1) % THEMES.length] ?? 'dark';
  app.store.act({ type: 'theme', theme });
  tell(app, `colours: ${theme}`, 'plain');
}
