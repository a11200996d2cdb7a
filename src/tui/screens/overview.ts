import { formatBytes, formatDuration } from '../../foundation/units.ts';
import type { MachineRow } from '../../reports/rows.ts';
import { heldPhase } from '../intents/acting.ts';
import type { NextAction, Pane, Screen, View } from '../screen.ts';
import { toneOf } from '../text/glyphs.ts';
import { type Line, line, span } from '../text/line.ts';
import { type Column, layOutTable, widest } from '../text/table.ts';

/** Every machine on one screen: what it does, what would be lost, whether it makes it. */
export const overview: Screen = {
  id: 'overview',
  title: () => 'Overview',
  panes: view => [machines(view)],
  next: view => nextOf(view),
  message: view => messageOf(view),
};

function machines(view: View): Pane {
  const columns = columnsOf(view);
  return {
    kind: 'list',
    id: 'machines',
    title: 'machines',
    weight: 3,
    empty: 'the plan has no machines',
    header: width => layOutTable(columns, width, view.glyphs.ellipsis).header,
    items: view.rows.map(row => ({
      id: row.name,
      search: `${row.name} ${row.tier} ${row.status.word}`,
      line: width => layOutTable(columns, width, view.glyphs.ellipsis).row(row),
    })),
  };
}

function columnsOf(view: View): Column<MachineRow>[] {
  const { rows } = view;
  const names = widest(
    rows.map(row => row.name),
    7,
    20,
  );
  return [
    {
      title: 'machine',
      keep: 0,
      least: Math.min(names, 12),
      most: names,
      cell: row => line(span(row.name, 'title')),
    },
    { title: 'tier', keep: 6, least: 6, most: 10, cell: row => line(span(row.tier, 'muted')) },
    { title: 'state', keep: 0, least: 16, most: 24, cell: row => statusCell(view, row) },
    {
      title: 'exposure',
      keep: 1,
      least: 8,
      most: 16,
      align: 'right',
      cell: row =>
        row.exposure.ageMs === undefined
          ? line(span('none yet', 'bad'))
          : line(
              span(
                `${formatDuration(row.exposure.ageMs)}${row.exposure.bytes === undefined ? '' : ` ${formatBytes(row.exposure.bytes)}`}`,
              ),
            ),
    },
  ];
}

function statusCell({ snapshot, glyphs }: View, row: MachineRow): Line {
  const sample = Object.values(snapshot?.samples ?? {}).find(each => each.subject === row.name);
  const share = sample?.fraction === undefined ? '' : ` ${Math.floor(sample.fraction * 100)}%`;
  return line(span(`${glyphs[row.status.kind]} ${row.status.word}${share}`, toneOf(row.status.kind)));
}

function nextOf(view: View): NextAction | undefined {
  const held = heldPhase({ view });
  return held === undefined ? undefined : { intent: 'approve', words: `approve ${held}` };
}

function messageOf(_view: View): Line | undefined {
  return undefined;
}
