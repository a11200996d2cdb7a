import { formatCount, formatDuration } from '../../foundation/units.ts';
import { own } from '../../readiness/copy.ts';
import type { DatabaseRow } from '../../reports/database-row.ts';
import type { NextAction, Screen, TextPane, View } from '../screen.ts';
import { type Line, line, span, wrap } from '../text/line.ts';
import { type Column, widest } from '../text/table.ts';
import { ageText, DASH, samplesBySubject, statusSpan } from './cells.ts';
import { layoutsOf } from './columns.ts';
import { aboutDatabase } from './database-about.ts';
import { foremostAction } from './foremost.ts';
import { chosenIn, detailPane, rowItem, sentence } from './parts.ts';
import { worstFailureLine } from './worst.ts';

/** Stage 5: how each database is seeded, how far behind production its copy is, and what replication does not bring. */
export const database: Screen = {
  id: 'database',
  title: () => 'Database: seed and replicate SQL Server',
  panes: view => {
    if (view.databases.length === 0) return [none()];
    const items = itemsOf(view);
    const chosen = chosenIn(view, 'database', 'databases', items);
    const layouts = layoutsOf(() => databaseColumns(view), view.glyphs.ellipsis);
    return [
      {
        kind: 'list',
        id: 'databases',
        title: titleOf(view),
        most: Math.min(6, items.length + 1),
        empty: 'The plan has no databases.',
        header: width => layouts(width).header,
        items,
      },
      ...(chosen === undefined
        ? []
        : [
            detailPane(
              chosen,
              `${chosen}: from production to its copy`,
              width => aboutDatabase(view, chosen, width),
              {
                weight: 3,
              },
            ),
          ]),
    ];
  },
  next: view => nextOf(view),
  message: view => messageOf(view),
};

function itemsOf(view: View) {
  const layouts = layoutsOf(() => databaseColumns(view), view.glyphs.ellipsis);
  return view.databases.map(row =>
    rowItem(
      row.name,
      () => `${row.name} ${row.tier} ${row.lane ?? ''} ${row.status.word}`,
      width => layouts(width).row(row),
    ),
  );
}

const titleOf = ({ databases }: View): string =>
  databases.some(({ double }) => double) ? 'databases (SQL Server double)' : 'databases';

/** The same columns wherever databases are listed. */
export function databaseColumns(view: View): Column<DatabaseRow>[] {
  const names = widest(
    view.databases.map(({ name }) => name),
    8,
    24,
  );
  return [
    {
      title: 'database',
      keep: 0,
      least: Math.min(names, 12),
      most: names,
      cell: row => line(span(row.name, 'title')),
    },
    { title: 'state', keep: 0, least: 18, most: 26, cell: row => stateCell(view, row) },
    { title: 'exposure', keep: 1, least: 10, most: 12, cell: row => exposureCell(view, row) },
    { title: 'lane', keep: 2, least: 8, most: 15, cell: row => textCell(row.lane) },
    { title: 'seed', keep: 4, least: 17, most: 24, cell: row => seedCell(row) },
    {
      title: 'latency',
      keep: 5,
      least: 7,
      most: 8,
      align: 'right',
      cell: row => (row.latencyMs === undefined ? DASH : line(span(formatDuration(row.latencyMs)))),
    },
    {
      title: 'pending',
      keep: 6,
      least: 7,
      most: 8,
      align: 'right',
      cell: row => textCell(row.pending?.toString()),
    },
    { title: 'validated', keep: 3, least: 13, most: 18, cell: row => validatedCell(view, row) },
    { title: 'tier', keep: 7, least: 8, most: 10, cell: row => line(span(row.tier, 'muted')) },
  ];
}

const textCell = (text: string | undefined): Line => (text === undefined ? DASH : line(span(text)));

function stateCell(view: View, row: DatabaseRow): Line {
  const sample = row.step === undefined ? undefined : samplesBySubject(view).get(row.name);
  const share =
    row.status.kind === 'busy' && sample?.fraction !== undefined
      ? ` ${Math.floor(sample.fraction * 100)}%`
      : '';
  return line(statusSpan(view, row.status.kind, `${row.status.word}${share}`));
}

/** Age of the newest commit that is proven to be in the copy; marked where the tier allows less. */
function exposureCell({ glyphs }: View, { exposureMs, rpoMs }: DatabaseRow): Line {
  if (exposureMs === undefined) return line(span(`${glyphs.bad} all of it`, 'bad'));
  const over = rpoMs !== undefined && exposureMs > rpoMs;
  return line(span(`${over ? `${glyphs.warn} ` : ''}${ageText(exposureMs)}`, over ? 'warn' : 'plain'));
}

const seedCell = ({ seeded }: DatabaseRow): Line =>
  seeded === undefined
    ? DASH
    : line(span(`${seeded.tables}/${seeded.of}`), span(` ${formatCount(seeded.repaired)} repaired`, 'muted'));

function validatedCell(view: View, { validated }: DatabaseRow): Line {
  if (validated === undefined) return line(span('not yet', 'muted'));
  if (validated.differ > 0) return line(statusSpan(view, 'bad', `${validated.differ} differ`));
  return line(statusSpan(view, 'ok', `${ageText(view.now - validated.at)} ago`));
}

const none = (): TextPane => ({
  kind: 'text',
  id: 'none',
  title: 'databases',
  lines: width => [
    ...wrap('The plan has no databases: there is nothing to do in this stage.', width),
    [],
    ...wrap(
      'The files of a running SQL Server do not survive being copied. If one of the machines has one, name its databases under databases: in the plan, so that no verdict forgets them.',
      width,
      'muted',
    ),
  ],
});

/** The first thing that stands between a database and its copy, where a key of this screen helps. */
function nextOf(view: View): NextAction | undefined {
  const foremost = foremostAction(view);
  if (foremost !== undefined) return foremost;
  const name = chosenIn(view, 'database', 'databases', itemsOf(view));
  const row = view.databases.find(each => each.name === name);
  if (row === undefined || view.snapshot?.connection !== 'live')
    return { intent: 'stage.ready', words: 'what stands in the way' };
  if (own(view.snapshot.state.databases, row.name)?.failure !== undefined)
    return { intent: 'retry', words: 'try again, once mended' };
  if (row.lane !== undefined && row.exposureMs !== undefined && row.validated === undefined)
    return { intent: 'validate', words: `validate ${row.name}` };
  return { intent: 'stage.ready', words: 'what stands in the way' };
}

function messageOf(view: View): Line | undefined {
  const worst = worstFailureLine(view);
  if (worst !== undefined) return worst;
  for (const { name, troubles } of view.databases) {
    const trouble = troubles.find(({ severity }) => severity === 'blocker') ?? troubles[0];
    if (trouble !== undefined)
      return sentence(
        `${trouble.severity === 'blocker' ? view.glyphs.bad : view.glyphs.warn} ${name}: ${trouble.what}. ${trouble.remedy}`,
        trouble.severity === 'blocker' ? 'bad' : 'warn',
      );
  }
  return undefined;
}
