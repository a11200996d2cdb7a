import { counted } from '../../foundation/units.ts';
import type { MachineRow } from '../../reports/rows.ts';
import { nameOf } from '../../reports/say.ts';
import type { Sample } from '../../step/step.ts';
import type { ListPane, NextAction, Pane, Screen, TextPane, View } from '../screen.ts';
import { type Line, line, span, wrap } from '../text/line.ts';
import type { Column } from '../text/table.ts';
import {
  ageText,
  exposureCell,
  literalCell,
  makesItCell,
  nextCell,
  passCell,
  proofCell,
  rateCell,
  samplesBySubject,
  stateCell,
  tookCell,
  verifiedCell,
} from './cells.ts';
import { layoutsOf, nameColumn } from './columns.ts';
import { databaseColumns } from './database.ts';
import { exposurePane } from './exposure-lines.ts';
import { foremostAction, foremostLine } from './foremost.ts';
import { isAllProven, isAllVerified, unproven } from './provable.ts';
import { worstLine, worstOf } from './worst.ts';

/** Every machine on one screen: what it does, what would be lost, whether it makes it. */
export const overview: Screen = {
  id: 'overview',
  title: () => 'Overview',
  panes: view => [machines(view), ...databases(view), ...exposurePane(view), ...people(view)],
  next: view => nextOf(view),
  message: view => foremostLine(view) ?? worstLine(view) ?? allWell(view),
};

function machines(view: View): ListPane {
  const samples = samplesBySubject(view);
  const layouts = layoutsOf(() => columnsOf(view, samples), view.glyphs.ellipsis);
  return {
    kind: 'list',
    id: 'machines',
    title: 'machines',
    weight: 3,
    empty: 'The plan has no machines.',
    header: width => layouts(width).header,
    items: view.rows.map(row => ({
      id: row.name,
      search: `${row.name} ${row.tier} ${row.status.word}`,
      line: width => layouts(width).row(row),
    })),
  };
}

function columnsOf(view: View, samples: ReadonlyMap<string, Sample>): Column<MachineRow>[] {
  const sampleOf = (row: MachineRow): Sample | undefined => samples.get(row.name);
  return [
    nameColumn(view),
    { title: 'tier', keep: 7, least: 8, most: 10, cell: row => line(span(row.tier, 'muted')) },
    { title: 'state', keep: 0, least: 16, most: 24, cell: row => stateCell(view, row, sampleOf(row)) },
    { title: 'pass', keep: 4, least: 4, most: 6, align: 'right', cell: row => passCell(view, row) },
    {
      title: 'literal',
      keep: 5,
      least: 7,
      most: 8,
      align: 'right',
      cell: row => literalCell(row, sampleOf(row)),
    },
    { title: 'took', keep: 8, least: 6, most: 7, align: 'right', cell: row => tookCell(view, row) },
    {
      title: 'rate',
      keep: 10,
      least: 9,
      most: 10,
      align: 'right',
      cell: row => rateCell(view, sampleOf(row)),
    },
    { title: 'next', keep: 6, least: 10, most: 13, cell: row => nextCell(view, row, sampleOf(row)) },
    { title: 'exposure', keep: 1, least: 16, most: 19, cell: row => exposureCell(view, row) },
    { title: 'verified', keep: 9, least: 11, most: 13, cell: row => verifiedCell(view, row) },
    { title: 'boot proof', keep: 2, least: 12, most: 18, cell: row => proofCell(view, row) },
    { title: 'makes it?', keep: 3, least: 14, most: 17, cell: row => makesItCell(view, row) },
  ];
}

/** Databases in a table of their own: they have no passes, and their exposure is counted by commits. */
function databases(view: View): Pane[] {
  if (view.databases.length === 0) return [];
  const layouts = layoutsOf(() => databaseColumns(view), view.glyphs.ellipsis);
  return [
    {
      kind: 'list',
      id: 'databases',
      title: 'databases',
      most: Math.min(5, view.databases.length + 1),
      empty: 'The plan has no databases.',
      header: width => layouts(width).header,
      items: view.databases.map(row => ({
        id: row.name,
        search: `${row.name} ${row.tier} ${row.status.word}`,
        line: width => layouts(width).row(row),
      })),
    },
  ];
}

/** For so long after an engineer came back the screen says what they missed. */
const RECENT_MS = 10 * 60e3;

/** Who else looks on, and what happened since this engineer last did. */
function people(view: View): TextPane[] {
  const { snapshot } = view;
  const others = (snapshot?.clients ?? []).filter(each => !each.self);
  const away = recentAway(view);
  if (others.length === 0 && away === undefined) return [];
  return [
    {
      kind: 'text',
      id: 'people',
      title: 'you and others',
      most: 4,
      lines: width => [
        ...(away === undefined ? [] : wrap(away, width)),
        ...others.flatMap(({ who, host, client, since }) =>
          wrap(
            `${nameOf(who)} looks on from ${host}${client === 'cli' ? ', on the command line' : ''}, for ${ageText(view.now - since)}`,
            width,
            'muted',
          ),
        ),
      ],
    },
  ];
}

function recentAway({ snapshot, now }: View): string | undefined {
  const away = snapshot?.away;
  const self = snapshot?.clients.find(each => each.self);
  if (away === undefined || (self !== undefined && now - self.since > RECENT_MS)) return undefined;
  const { since, passes, verified, failures, orders } = away;
  const happened = [
    counted(passes, 'pass', 'passes'),
    `${verified} verified`,
    ...(failures > 0 ? [counted(failures, 'failure')] : []),
    ...orders.slice(-3),
  ];
  return `since you left, ${ageText(now - since)} ago: ${happened.join(', ')}${orders.length > 3 ? ', and more orders (l)' : ''}`;
}

function nextOf(view: View): NextAction | undefined {
  const foremost = foremostAction(view);
  if (foremost !== undefined || view.snapshot?.connection !== 'live') return foremost;
  const worst = worstOf(view);
  if (worst !== undefined) return { intent: 'worst', words: `open ${worst.machine}` };
  if (!isAllVerified(view)) return undefined;
  return unproven(view).length > 0
    ? { intent: 'prove-all', words: 'prove that the copies boot' }
    : { intent: 'stage.ready', words: 'see what is ready' };
}

function allWell(view: View): Line | undefined {
  const { rows, glyphs } = view;
  if (rows.length === 0) return undefined;
  if (isAllVerified(view) && isAllProven(view))
    return [
      span(
        `${glyphs.ok} Every machine has a verified copy that has booted. S makes another pass of all; 7 says what is ready.`,
        'good',
      ),
    ];
  const open = unproven(view).length;
  if (isAllVerified(view) && open > 0)
    return [
      span(
        `${glyphs.ok} Every machine has a verified copy; whether ${open === 1 ? 'it boots' : `${open} of them boot`} nobody knows yet. B proves it, in isolation; 6 says how.`,
        'good',
      ),
    ];
  if (isAllVerified(view))
    return [
      span(
        `${glyphs.ok} Every machine has a verified copy. S makes another pass of all; 7 says what is ready.`,
        'good',
      ),
    ];
  const running = rows.filter(row => row.running).length;
  if (running > 0)
    return [
      span(
        `${counted(running, 'machine')} at work, nothing needs you. q leaves; the engine goes on.`,
        'muted',
      ),
    ];
  return undefined;
}
