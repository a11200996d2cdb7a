import type { Screen, View } from '../screen.ts';
import { type Line, line, span } from '../text/line.ts';
import { paneKey, paneState, placeOf } from '../ui-state.ts';
import { isMachine } from './command-list.ts';
import { eventLines } from './event-lines.ts';
import { shortPath } from './paths.ts';

/** Everything that happened, in words, newest last. */
export const log: Screen = {
  id: 'log',
  title: view => {
    const machine = subjectOf(view);
    return machine === undefined ? 'Log' : `Log of ${machine}`;
  },
  panes: view => [
    {
      kind: 'text',
      id: 'events',
      title: title(view),
      follow: true,
      lines: width => linesOf(view, width),
    },
  ],
  next: view => (subjectOf(view) === undefined ? undefined : { intent: 'log', words: 'the log of all' }),
  message: view => whereItIs(view),
};

const subjectOf = (view: View): string | undefined => {
  const { subject } = placeOf(view.ui);
  return isMachine(view, subject) ? subject : undefined;
};

function title(view: View): string {
  const machine = subjectOf(view);
  return machine === undefined ? 'what happened' : `what happened to ${machine}`;
}

function linesOf(view: View, width: number): readonly Line[] {
  const subject = subjectOf(view);
  const unbroken = paneState(view.ui, paneKey('log', 'events')).only === true;
  const lines = eventLines(view, width, { unbroken, ...(subject === undefined ? {} : { subject }) });
  return lines.length > 0 ? lines : [line(span('Nothing has happened yet.', 'muted'))];
}

/** The screen keeps the newest; the files keep everything. */
function whereItIs(view: View): Line | undefined {
  const { snapshot, glyphs } = view;
  if (snapshot === undefined) return undefined;
  const machine = subjectOf(view);
  const only = machine === undefined ? '' : `Only ${machine} is shown, l shows all.  `;
  if (snapshot.tornBytes > 0) {
    return [
      span(
        `${glyphs.warn} The last line of the journal is torn (${snapshot.tornBytes} bytes): an engine died while it wrote. The next start mends it: [e].`,
        'warn',
      ),
    ];
  }
  return [
    span(
      `${only}everything: ${shortPath(view, `${snapshot.directory}/journal.jsonl`)}  (what copies printed is in logs beside it)`,
      'muted',
    ),
  ];
}
