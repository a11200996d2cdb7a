import { formatBytes } from '../../foundation/units.ts';
import type { Plan } from '../../plan/schema.ts';
import { own } from '../../readiness/copy.ts';
import type { Screen, TextPane, View } from '../screen.ts';
import { line, span, wrap } from '../text/line.ts';
import { type Column, widest } from '../text/table.ts';
import { DASH, statusSpan } from './cells.ts';
import { layoutsOf } from './columns.ts';
import { foremostAction } from './foremost.ts';
import { chosenIn, detailPane, labelled, listed, sentence } from './parts.ts';
import { worstFailureLine } from './worst.ts';

/** Stage 5, as far as the plan tells it: which databases leave, from where, to where, and what is done by hand. */
export const database: Screen = {
  id: 'database',
  title: () => 'Database: seed and replicate SQL Server',
  panes: view => {
    const names = Object.keys(view.snapshot?.plan.databases ?? {});
    if (names.length === 0) return [none()];
    const layouts = layoutsOf(() => columnsOf(view, names), view.glyphs.ellipsis);
    const items = names.map(name => ({
      id: name,
      search: name,
      line: (width: number) => layouts(width).row(name),
    }));
    const chosen = chosenIn(view, 'database', 'databases', items);
    const wanted = chosen === undefined ? undefined : databaseOf(view, chosen);
    return [
      {
        kind: 'list',
        id: 'databases',
        title: 'databases (To come: by hand)',
        empty: 'The plan has no databases.',
        header: width => layouts(width).header,
        items,
      },
      ...(chosen === undefined || wanted === undefined
        ? []
        : [detailPane(chosen, `${chosen}: by hand`, width => byHand(view, chosen, wanted, width))]),
    ];
  },
  next: view => foremostAction(view) ?? { intent: 'stage.ready', words: 'what stands in the way' },
  message: view => worstFailureLine(view) ?? messageOf(view),
};

type Wanted = Plan['databases'][string];

const databaseOf = ({ snapshot }: View, name: string): Wanted | undefined =>
  own(snapshot?.plan.databases ?? {}, name);

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

function columnsOf(view: View, names: readonly string[]): Column<string>[] {
  const size = widest(names, 8, 24);
  const from = (pick: (wanted: Wanted) => string | undefined) => (name: string) => {
    const wanted = databaseOf(view, name);
    const words = wanted === undefined ? undefined : pick(wanted);
    return words === undefined ? DASH : line(span(words));
  };
  return [
    {
      title: 'database',
      keep: 0,
      least: Math.min(size, 12),
      most: size,
      cell: name => line(span(name, 'title')),
    },
    { title: 'state', keep: 0, least: 13, most: 13, cell: () => [statusSpan(view, 'bad', 'not covered')] },
    { title: 'tier', keep: 3, least: 8, most: 12, cell: from(({ tier }) => tier) },
    { title: 'publisher', keep: 1, least: 14, most: 30, cell: from(({ publisher }) => endpoint(publisher)) },
    {
      title: 'subscriber',
      keep: 1,
      least: 14,
      most: 30,
      cell: from(({ subscriber }) => endpoint(subscriber)),
    },
    { title: 'clone', keep: 4, least: 8, most: 20, cell: from(({ clone }) => clone?.database) },
    {
      title: 'size',
      keep: 2,
      least: 7,
      most: 8,
      align: 'right',
      cell: from(({ size: bytes }) => (bytes === undefined ? undefined : formatBytes(bytes))),
    },
  ];
}

const endpoint = ({ address, port }: Wanted['publisher']): string =>
  port === 1433 ? address : `${address}:${port}`;

function byHand(view: View, name: string, wanted: Wanted, width: number) {
  const { publisher, subscriber, clone, owner, after } = wanted;
  const steps = [
    `Take a full backup of ${name} on ${endpoint(publisher)}, WITH CHECKSUM, and log backups from then on.`,
    `Bring it to ${endpoint(subscriber)} over the same link, and restore it there WITH NORECOVERY.`,
    `Restore every log backup in order; at cutover take the last one WITH NORECOVERY on ${endpoint(publisher)}, restore it, then RECOVER.`,
    'Bring what is outside of the database: logins, jobs, linked servers, credentials.',
  ];
  return [
    ...wrap(
      `${view.glyphs.bad} This version of landfall neither seeds nor replicates databases: nothing of ${name} travels, and the evacuation is not ready until you have accepted that (W on the Ready screen).`,
      width,
      'bad',
    ),
    ...listed(steps, width),
    ...(clone === undefined
      ? []
      : labelled(
          'clone',
          `${clone.database} on the subscriber${clone.as_of === undefined ? '' : `, as of ${clone.as_of}`}: it is not the copy, only a start`,
          width,
          'muted',
        )),
    ...(after.length === 0 ? [] : labelled('after', after.join(', '), width, 'muted')),
    ...(owner === undefined ? [] : labelled('owner', owner, width, 'muted')),
  ];
}

function messageOf(view: View) {
  const count = Object.keys(view.snapshot?.plan.databases ?? {}).length;
  if (count === 0) return undefined;
  return sentence(
    `${view.glyphs.bad} To come: this version does not move databases. Back up and restore by hand, as below, and write down in the notes (N) how far you are.`,
    'bad',
  );
}
