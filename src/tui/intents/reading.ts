import type { App, Intent, IntentScope } from '../app.ts';
import { isMachine, type ListedCommand, listedCommands } from '../screens/command-list.ts';
import { selectedItem } from '../screens/cutover-next.ts';
import { worstOf } from '../screens/worst.ts';
import { placeOf } from '../ui-state.ts';
import { arrive } from './arriving.ts';

/** What leads from a screen to the one thing on it that matters. */
export const READING: readonly Intent[] = [
  {
    id: 'worst',
    disabled: ({ view }) => (worstOf(view) === undefined ? 'no machine needs you' : undefined),
    run: app => {
      const worst = worstOf(app.current().view);
      if (worst === undefined) return;
      app.store.act({ type: 'go', place: { screen: 'machine', subject: worst.machine } });
      arrive(app, 'machine');
    },
  },
  {
    id: 'copy',
    disabled: scope => (copyable(scope) === undefined ? 'no command is selected' : undefined),
    run: async app => {
      const text = copyable(app.current());
      if (text !== undefined) await app.terminal.alone(text);
    },
  },
];

/** The selected command; on the checklist those of the selected item, one a line. */
function copyable(scope: Pick<IntentScope, 'view' | 'boxes'>): string | undefined {
  if (placeOf(scope.view.ui).screen !== 'cutover') return selectedCommand(scope)?.record.command;
  const commands = selectedItem(scope.view)?.commands ?? [];
  return commands.length === 0 ? undefined : commands.map(({ line }) => line).join('\n');
}

/** The selected command alone on the terminal. */
export async function showCommand(app: App): Promise<void> {
  const selected = selectedCommand(app.current());
  if (selected !== undefined) await app.terminal.alone(selected.record.command);
}

/** The command that is selected on the screen, whichever pane has the focus. */
function selectedCommand({ view, boxes }: Pick<IntentScope, 'view' | 'boxes'>): ListedCommand | undefined {
  const { screen, subject } = placeOf(view.ui);
  const id = boxes.find(box => box.key === `${screen}/commands`)?.selected;
  const machine = isMachine(view, subject) ? subject : undefined;
  return id === undefined ? undefined : listedCommands(view, machine).find(each => each.id === id);
}

/** The log or the commands: of one machine where that is shown, of all when asked for again. */
export function goReading(app: App, screen: 'log' | 'commands'): void {
  const place = placeOf(app.current().view.ui);
  const subject = place.screen === 'machine' ? place.subject : undefined;
  app.store.act({ type: 'go', place: subject === undefined ? { screen } : { screen, subject } });
  arrive(app, screen);
}
