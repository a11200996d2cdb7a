import { counted } from '../../foundation/units.ts';
import type { MachineRow } from '../../reports/rows.ts';
import type { ListPane, NextAction, Screen, View } from '../screen.ts';
import { type Line, line, span } from '../text/line.ts';
import type { Column } from '../text/table.ts';
import { aboutBuild } from './build-machine.ts';
import { buildWord, PARTS, partSpan, partSymbols, partsOf } from './build-steps.ts';
import { layoutsOf, nameColumn } from './columns.ts';
import { foremostAction, foremostLine, seeAndApprove } from './foremost.ts';
import { chosenIn, detailPane, rowItem, sentence } from './parts.ts';
import { inKeys } from './remedy.ts';
import { stageSummary } from './stage-summary.ts';
import { orderedToWait } from './waiting.ts';

/** Stage 3: replicas and receivers at the target, machine by machine, with the commands that make them. */
export const build: Screen = {
  id: 'build',
  title: () => 'Build: replicas and receivers at the target',
  panes: view => {
    const list = machines(view);
    const chosen = chosenIn(view, 'build', list.id, list.items);
    return [
      list,
      ...(chosen === undefined
        ? []
        : [detailPane(chosen, chosen, width => aboutBuild(view, chosen, width), { weight: 2 })]),
    ];
  },
  next: view => nextOf(view),
  message: view =>
    (failed(view) === undefined ? foremostLine(view) : orderedToWait(view)) ?? failed(view) ?? rest(view),
};

function machines(view: View): ListPane {
  const wide = layoutsOf(() => columnsOf(view, true), view.glyphs.ellipsis);
  const narrow = layoutsOf(() => columnsOf(view, false), view.glyphs.ellipsis);
  const layoutFor = (width: number) => (width >= WIDE ? wide : narrow)(width);
  return {
    kind: 'list',
    id: 'machines',
    title: `machines: ${stageSummary(view, 'build', 'built')}`,
    weight: 1,
    empty: 'The plan has no machines.',
    header: width => layoutFor(width).header,
    items: view.rows.map(row =>
      rowItem(
        row.name,
        () => `${row.name} ${row.tier} ${buildWord(view, partsOf(view.snapshot, row.name)).text}`,
        width => layoutFor(width).row(row),
      ),
    ),
  };
}

/** From here on there is room for a word about each of the parts. */
const WIDE = 106;

function columnsOf(view: View, isWide: boolean): Column<MachineRow>[] {
  const parts = (row: MachineRow) => partsOf(view.snapshot, row.name);
  const target = ({ name }: MachineRow): string =>
    view.snapshot?.plan.machines[name]?.target.hypervisor ?? '';
  return [
    nameColumn(view),
    // The parts themselves say the word again where there is room for them.
    {
      title: 'build',
      keep: 0,
      least: 15,
      most: 18,
      cell: row => [buildWord(view, parts(row))],
    },
    ...(isWide
      ? PARTS.map(
          ({ name }): Column<MachineRow> => ({
            title: name,
            keep: 1,
            least: 9,
            most: 10,
            cell: row => {
              const part = parts(row).find(each => each.part.name === name);
              return part === undefined ? [] : [partSpan(view, part)];
            },
          }),
        )
      : [
          {
            title: 'steps',
            keep: 0,
            least: PARTS.length,
            most: PARTS.length,
            cell: (row: MachineRow) => partSymbols(view, parts(row)),
          },
        ]),
    { title: 'at', keep: 2, least: 8, most: 16, cell: row => line(span(target(row), 'muted')) },
  ];
}

function nextOf(view: View): NextAction | undefined {
  const { snapshot, stages } = view;
  if (snapshot === undefined) return undefined;
  const stage = stages.find(({ phase }) => phase === 'build');
  if (snapshot.connection === 'live' && stage?.state === 'failed')
    return { intent: 'retry', words: 'try again, once it is mended' };
  const foremost = foremostAction(view, seeAndApprove);
  if (foremost !== undefined) return foremost;
  return stage?.state === 'done'
    ? { intent: 'stage.sync', words: 'go on to sync' }
    : { intent: 'preview', words: 'every command that is still to come' };
}

function failed(view: View): Line | undefined {
  const broken = view.rows.filter(({ failure }) => failure?.step.startsWith('build/') === true);
  const [first] = broken;
  if (first?.failure === undefined) return undefined;
  const error = view.snapshot?.state.machines[first.name]?.failure?.error;
  const more = broken.length > 1 ? ` (and ${counted(broken.length - 1, 'other machine')})` : '';
  return sentence(
    `${view.glyphs.bad} ${first.failure.step} failed${more}: ${first.failure.what}. Remedy: ${inKeys(error?.next[0] ?? 'see its details')}; then r tries again.`,
    'bad',
  );
}

function rest(view: View): Line | undefined {
  const stage = view.stages.find(({ phase }) => phase === 'build');
  if (stage?.state !== 'done') return undefined;
  return sentence(
    `${view.glyphs.ok} ${counted(stage.of, 'machine')} built. What landfall made at the target bears its name; the sources were only read.`,
    'good',
  );
}
