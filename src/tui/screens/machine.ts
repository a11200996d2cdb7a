import { proofStanding } from '../../readiness/proofs.ts';
import type { Pane, Screen, View } from '../screen.ts';
import { type Line, line, span } from '../text/line.ts';
import { placeOf } from '../ui-state.ts';
import { ageText } from './cells.ts';
import { commandTable, isMachine, listedCommands } from './command-list.ts';
import { eventLines } from './event-lines.ts';
import { foremostAction, foremostLine } from './foremost.ts';
import { findingsAbout } from './inventory-findings.ts';
import { surveyLines } from './inventory-survey.ts';
import { identityLines } from './machine-identity.ts';
import { nowLines } from './machine-now.ts';
import { passLogOf, passTable } from './machine-passes.ts';
import { evidenceLines } from './prove-evidence.ts';
import { courseLines } from './prove-machine.ts';
import { endsInRetry, inKeys } from './remedy.ts';
import { orderedToWait } from './waiting.ts';
import { bootFailureLine } from './worst.ts';

/** One machine whole: how it stands, who it is, its passes, what happened to it and what was run for it. */
export const machine: Screen = {
  id: 'machine',
  title: view => placeOf(view.ui).subject ?? 'Machine',
  panes: view => {
    const { subject } = placeOf(view.ui);
    return isMachine(view, subject) ? panesOf(view, subject) : [nothing(subject)];
  },
  next: view => {
    const { subject } = placeOf(view.ui);
    const row = view.rows.find(each => each.name === subject);
    if (row === undefined || view.snapshot?.connection !== 'live') return foremostAction(view);
    if (row.failure !== undefined) return { intent: 'retry', words: 'try again, once mended' };
    if (row.proof.standing === 'failed' && row.proof.course === undefined && row.paused === undefined)
      return { intent: 'prove', words: 'prove it again, once mended' };
    if (row.paused !== undefined) return { intent: 'pause', words: 'let it go on' };
    return foremostAction(view);
  },
  message: view => orderedToWait(view) ?? nextLine(view) ?? foremostLine(view),
};

function panesOf(view: View, name: string): Pane[] {
  const { rows } = view.ui;
  const table = passTable(view, name);
  const commands = listedCommands(view, name);
  const failing = isFailing(view, name);
  const proof = proofPane(view, name);
  // On low terminals what went wrong has the room, then what was proved; the rest is a key away.
  const isLow = rows >= ROOM_FOR_PANES && rows < ROOM_FOR_ALL;
  const gone = [
    ...(isLow && failing ? ['identity'] : []),
    ...(isLow && (failing || proof.length > 0) ? ['commands'] : []),
  ];
  const all: Pane[] = [
    {
      kind: 'text',
      id: 'now',
      title: `${name}: how it stands`,
      most: Math.max(8, Math.floor(rows / (failing ? 2 : 4))),
      lines: width => nowLines(view, name, width),
    },
    {
      kind: 'text',
      id: 'identity',
      title: 'who it is, here and there',
      most: Math.max(5, Math.floor(rows / 7)),
      lines: width => identityLines(view, name, width),
    },
    ...aroundPane(view, name),
    {
      kind: 'list',
      id: 'passes',
      title: table.title,
      most: Math.max(5, Math.floor(rows / 8)),
      empty: 'No pass has begun yet.',
      header: table.header,
      items: table.items,
    },
    ...proof,
    {
      kind: 'text',
      id: 'events',
      title: 'what happened to it (l: full screen)',
      weight: 2,
      follow: true,
      lines: width => {
        const lines = eventLines(view, width, { subject: name, unbroken: false });
        return lines.length > 0 ? lines : [line(span('Nothing has happened to it yet.', 'muted'))];
      },
    },
    {
      kind: 'list',
      id: 'commands',
      title: 'commands run for it, newest first (copies run on behind them: their end stands in the passes)',
      empty: 'No command has been run for it since this engine started.',
      ...commandTable(view, commands),
    },
    {
      kind: 'text',
      id: 'tail',
      title: tailTitle(view, name),
      follow: true,
      lines: () => tailLines(view, name),
    },
  ];
  return all.filter(({ id }) => !gone.includes(id));
}

/** What the wide look found: here is where somebody looks who wants to know what a machine needs. */
function aroundPane(view: View, name: string): Pane[] {
  const { snapshot, ui } = view;
  if (snapshot?.state.machines[name]?.surveyed === undefined) return [];
  return [
    {
      kind: 'text',
      id: 'around',
      title: 'around it: data, shares, schedules, containers, certificates',
      most: Math.max(3, Math.floor(ui.rows / 8)),
      lines: width => [...surveyLines(view, name, width), ...findingsAbout(view, name, width)],
    },
  ];
}

/** Nothing to show, no pane: the lines above say that there is none yet. */
function proofPane(view: View, name: string): Pane[] {
  const { snapshot, rows, now, ui } = view;
  if (snapshot === undefined) return [];
  const standing = proofStanding(snapshot.state.machines[name], snapshot.plan.proof.max_age, now);
  const course = rows.find(each => each.name === name)?.proof.course;
  if (standing.kind === 'none' && course === undefined) return [];
  return [
    {
      kind: 'text',
      id: 'proof',
      title: 'boot proof (6: with fix-ups)',
      most: Math.max(5, Math.floor(ui.rows / 5)),
      lines: width => [
        ...(course === undefined ? [] : courseLines(view, name, course, width)),
        ...(standing.kind === 'none' ? [] : evidenceLines(view, standing.proof, width)),
      ],
    },
  ];
}

/** Rows from which on a failed machine has room for who it is and for every command. */
const ROOM_FOR_ALL = 48;
/** Below, each pane has the whole screen to itself. */
const ROOM_FOR_PANES = 30;

function isFailing(view: View, name: string): boolean {
  const row = view.rows.find(each => each.name === name);
  return row?.failure !== undefined || row?.proof.standing === 'failed';
}

function tailTitle(view: View, name: string): string {
  const { tail } = view.loaded;
  const file = passLogOf(view, name);
  const printed = isConsole(view, name) ? 'what the booted copy said' : 'what its copy printed';
  const what = file === undefined ? printed : `${printed}: ${file}`;
  return tail.state === 'here' ? `${what}, ${ageText(view.now - tail.at)} ago (^R: look again)` : what;
}

const isConsole = (view: View, name: string): boolean =>
  view.rows.find(each => each.name === name)?.proof.standing === 'failed';

function tailLines(view: View, name: string): Line[] {
  const { tail } = view.loaded;
  const say = (words: string): Line[] => [line(span(words, 'muted'))];
  if (passLogOf(view, name) === undefined) return say('No pass has ended yet: its log comes then.');
  if (tail.state === 'none') return say('Not read yet: ctrl+r reads it.');
  if (tail.state === 'loading') return say('reading it');
  if (tail.state === 'failed')
    return [tail.what, ...tail.next.map(each => `next: ${each}`)].map(each => line(span(each, 'bad')));
  return tail.value.length === 0 ? say('It is empty.') : tail.value.map(each => line(span(each)));
}

function nextLine(view: View): Line | undefined {
  const { subject } = placeOf(view.ui);
  const row = view.rows.find(each => each.name === subject);
  if (row === undefined) return undefined;
  const failure = view.snapshot?.state.machines[row.name]?.failure;
  if (failure !== undefined) {
    const first = failure.error.next[0] ?? 'see its evidence above';
    return [
      span(
        `${view.glyphs.bad} ${failure.error.what}. Next: ${inKeys(first)}${endsInRetry(first) ? '.' : ', then r tries it again.'}`,
        'bad',
      ),
    ];
  }
  return bootFailureLine(view, row.name);
}

const nothing = (name: string | undefined): Pane => ({
  kind: 'text',
  id: 'now',
  title: name ?? 'machine',
  lines: () => [
    line(
      span(
        name === undefined
          ? 'No machine is selected: choose one in the overview (0).'
          : `${name} is not a machine of this plan.`,
        'muted',
      ),
    ),
  ],
});
