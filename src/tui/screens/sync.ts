import { formatDuration } from '../../foundation/units.ts';
import { newestEnded, own } from '../../readiness/copy.ts';
import type { MachineRow } from '../../reports/rows.ts';
import type { Sample } from '../../step/step.ts';
import type { ListPane, NextAction, Screen, TextPane, View } from '../screen.ts';
import { type Line, line, span } from '../text/line.ts';
import type { Column } from '../text/table.ts';
import { paneKey, paneState } from '../ui-state.ts';
import {
  DASH,
  literalCell,
  nextCell,
  passCell,
  rateCell,
  sampleAgeCell,
  samplesBySubject,
  stateCell,
  tookCell,
} from './cells.ts';
import { chosenOf } from './chosen.ts';
import { layoutsOf, nameColumn } from './columns.ts';
import { foremostAction, foremostLine } from './foremost.ts';
import { linkLines } from './link-lines.ts';
import { offByText, trendOf, verdictCell } from './machine-passes.ts';
import { unproven } from './provable.ts';
import { stageSummary } from './stage-summary.ts';
import { passLines } from './sync-passes.ts';
import { worstLine } from './worst.ts';

/** Stage 4: passes of every machine until they converge, what they cost, and what would help where they do not. */
export const sync: Screen = {
  id: 'sync',
  title: () => 'Sync',
  panes: view => {
    const list = machines(view);
    return [list, chosenMachine(view, list), link(view)];
  },
  next: view => nextOf(view),
  message: view => foremostLine(view) ?? worstLine(view) ?? stageNote(view),
};

const TREND = 10;

function machines(view: View): ListPane {
  const samples = samplesBySubject(view);
  const layouts = layoutsOf(() => columnsOf(view, samples), view.glyphs.ellipsis);
  return {
    kind: 'list',
    id: 'machines',
    title: `passes: ${stageSummary(view, 'sync', 'verified')}`,
    weight: 3,
    empty: 'The plan has no machines.',
    header: width => layouts(width).header,
    items: view.rows.map(row => ({
      id: row.name,
      search: `${row.name} ${row.tier} ${row.status.word} ${verdictOf(row)?.replace('-', ' ') ?? ''}`,
      line: width => layouts(width).row(row),
    })),
  };
}

const verdictOf = (row: MachineRow): string | undefined => row.pass?.verdict ?? row.ended?.verdict;

function columnsOf(view: View, samples: ReadonlyMap<string, Sample>): Column<MachineRow>[] {
  const sampleOf = (row: MachineRow): Sample | undefined => samples.get(row.name);
  const machineOf = (row: MachineRow) => own(view.snapshot?.state.machines ?? {}, row.name);
  const right = { align: 'right' } as const;
  return [
    nameColumn(view),
    { title: 'state', keep: 0, least: 18, most: 22, cell: row => stateCell(view, row, sampleOf(row)) },
    { title: 'pass', keep: 2, least: 4, most: 6, ...right, cell: row => passCell(view, row) },
    {
      title: 'trend',
      keep: 7,
      least: TREND,
      most: TREND,
      cell: row => line(span(trendOf(machineOf(row), TREND, view), 'muted')),
    },
    { title: 'literal', keep: 4, least: 7, most: 8, ...right, cell: row => literalCell(row, sampleOf(row)) },
    { title: 'took', keep: 5, least: 6, most: 7, ...right, cell: row => tookCell(view, row) },
    { title: 'forecast', keep: 8, least: 8, most: 12, ...right, cell: row => forecastCell(row) },
    { title: 'rate', keep: 1, least: 9, most: 10, ...right, cell: row => rateCell(view, sampleOf(row)) },
    { title: 'next', keep: 3, least: 11, most: 13, cell: row => nextCell(view, row, sampleOf(row)) },
    { title: 'heard', keep: 6, least: 8, most: 17, cell: row => sampleAgeCell(view, sampleOf(row)) },
    {
      title: 'verdict',
      keep: 9,
      least: 12,
      most: 16,
      cell: row => {
        const newest = newestEnded(machineOf(row));
        return newest === undefined ? DASH : verdictCell(view, newest);
      },
    },
  ];
}

/** What was forecast for the newest pass, and how far off it was. */
function forecastCell({ pass }: MachineRow): Line {
  if (pass?.predictedMs === undefined || pass.givenUp === true) return DASH;
  const off = offByText(pass.predictedMs, pass.tookMs);
  return line(span(`${formatDuration(pass.predictedMs)}${off === undefined ? '' : ` ${off}`}`, 'muted'));
}

function chosenMachine(view: View, list: ListPane): TextPane {
  const name = chosenOf(list.items, paneState(view.ui, paneKey('sync', list.id)))?.id;
  return {
    kind: 'text',
    id: 'chosen',
    title: name === undefined ? 'the selected machine' : `${name}: its passes and what would help`,
    weight: 1,
    lines: width =>
      name === undefined ? [line(span('No machine is selected.', 'muted'))] : passLines(view, name, width),
  };
}

const link = (view: View): TextPane => ({
  kind: 'text',
  id: 'link',
  title: 'the link and its budget',
  most: 4,
  lines: width => linkLines(view, width),
});

function nextOf(view: View): NextAction | undefined {
  const foremost = foremostAction(view);
  if (foremost !== undefined) return foremost;
  if (view.snapshot?.connection !== 'live') return undefined;
  const name = chosenOf(machines(view).items, paneState(view.ui, paneKey('sync', 'machines')))?.id;
  const row = view.rows.find(each => each.name === name);
  if (row?.paused !== undefined) return { intent: 'pause', words: `let ${row.name} go on` };
  if (row === undefined || row.running || (row.ended === undefined && row.pass?.tookMs === undefined))
    return undefined;
  return { intent: 'sync-now', words: `one more pass of ${row.name}` };
}

function stageNote(view: View): Line | undefined {
  const stage = view.stages.find(each => each.phase === 'sync');
  if (stage?.state === 'done')
    return [
      span(
        `${view.glyphs.ok} Every machine has a verified copy.${unproven(view).length > 0 ? ' Whether they boot is not known yet: 6.' : ''} The copies grow old: S makes another pass of all, s of one.`,
        'good',
      ),
    ];
  return stage?.note === undefined ? undefined : [span(stage.note, 'muted')];
}
