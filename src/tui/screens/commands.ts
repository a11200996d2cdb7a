import type { Screen, View } from '../screen.ts';
import { type Line, line, span, wrap } from '../text/line.ts';
import { paneKey, paneState, placeOf } from '../ui-state.ts';
import { ageText, statusSpan } from './cells.ts';
import { chosenOf } from './chosen.ts';
import {
  commandTable,
  isFailure,
  isMachine,
  type ListedCommand,
  listedCommands,
  scriptsIn,
  tookText,
} from './command-list.ts';
import { shortPath } from './paths.ts';
import { dayOf, timeOfDay } from './times.ts';

/** The very commands that were run on hosts: what, where, when, and what came of it. */
export const commands: Screen = {
  id: 'commands',
  title: view => {
    const machine = subjectOf(view);
    return machine === undefined ? 'Commands' : `Commands for ${machine}`;
  },
  panes: view => {
    const listed = listedCommands(view, subjectOf(view));
    const table = commandTable(view, listed);
    const machine = subjectOf(view);
    return [
      {
        kind: 'list',
        id: 'commands',
        title:
          machine === undefined ? 'run on hosts, newest first' : `run for ${machine}, newest first (@: all)`,
        weight: 3,
        empty: 'No command has been run on a host since this engine started.',
        ...table,
      },
      {
        kind: 'text',
        id: 'whole',
        title: 'the selected one in full',
        most: Math.max(6, Math.floor(view.ui.rows / 3)),
        lines: width => whole(view, chosen(view, listed), width),
      },
    ];
  },
  next: view =>
    (view.snapshot?.commands.length ?? 0) > 0
      ? { intent: 'copy', words: 'show it alone, to copy' }
      : undefined,
  message: view => whereItIs(view),
};

const subjectOf = (view: View): string | undefined => {
  const { subject } = placeOf(view.ui);
  return isMachine(view, subject) ? subject : undefined;
};

function chosen(view: View, listed: readonly ListedCommand[]): ListedCommand | undefined {
  const { items } = commandTable(view, listed);
  const id = chosenOf(items, paneState(view.ui, paneKey('commands', 'commands')))?.id;
  return listed.find(each => each.id === id);
}

function whole(view: View, listed: ListedCommand | undefined, width: number): Line[] {
  if (listed === undefined) return [line(span('Nothing is selected.', 'muted'))];
  const { record } = listed;
  const { at, host, code, ms, command } = record;
  const outcome =
    code === null
      ? statusSpan(view, 'unknown', 'no code: the connection was lost, or it was stopped')
      : isFailure(record)
        ? statusSpan(view, 'bad', `code ${code}`)
        : statusSpan(view, 'ok', 'code 0');
  return [
    line(
      'on ',
      span(host, 'title'),
      `, ${dayOf(at)} ${timeOfDay(at)} UTC (${ageText(view.now - at)} ago), `,
      outcome,
      ` after ${tookText(ms)}`,
    ),
    ...wrap(command, width),
    ...scriptsIn(command).flatMap(name =>
      wrap(`the text of script ${name}: grep ${name} ${logOf(view)}`, width, 'muted'),
    ),
  ];
}

const logOf = ({ snapshot }: View): string => `${snapshot?.directory ?? ''}/logs/commands.jsonl`;

function whereItIs(view: View): Line | undefined {
  const { snapshot } = view;
  if (snapshot === undefined) return undefined;
  return [
    span(
      `all of them: ${shortPath(view, logOf(view))}  (secrets are taken out before they are kept)`,
      'muted',
    ),
  ];
}
