import { missingIn } from '../../estate/guest/missing.ts';
import { counted, formatBytes } from '../../foundation/units.ts';
import type { MachineState } from '../../journal/state.ts';
import { own } from '../../readiness/copy.ts';
import type { MachineRow } from '../../reports/rows.ts';
import type { ListPane, NextAction, Screen, TextPane, View } from '../screen.ts';
import { type Line, line, span } from '../text/line.ts';
import type { Column } from '../text/table.ts';
import { ageText, DASH, statusSpan } from './cells.ts';
import { layoutsOf, nameColumn } from './columns.ts';
import { foremostAction, foremostLine, seeAndApprove } from './foremost.ts';
import { findingLines, findingsTitle, toSettle } from './inventory-findings.ts';
import { hypervisorLines } from './inventory-hypervisors.ts';
import { aboutMachine } from './inventory-machine.ts';
import { serverLines } from './inventory-servers.ts';
import { inventoryStep, lookState, thousands } from './inventory-state.ts';
import { chosenIn, detailPane, quietMark, rowItem, sentence } from './parts.ts';
import { inKeys } from './remedy.ts';
import { sizingLines } from './sizing-lines.ts';
import { stageSummary } from './stage-summary.ts';
import { orderedToWait } from './waiting.ts';

/** Stage 2: what leaves, as it really is, and where it goes: from looking alone. */
export const inventory: Screen = {
  id: 'inventory',
  title: () => 'Inventory: what leaves, as it really is',
  panes: view => {
    const list = machines(view);
    const chosen = chosenIn(view, 'inventory', list.id, list.items);
    return [
      list,
      ...(toSettle(view).length === 0
        ? []
        : [textPane('findings', findingsTitle(view), 6, width => findingLines(view, width))]),
      ...(chosen === undefined
        ? []
        : [detailPane(chosen, chosen, width => aboutMachine(view, chosen, width), { weight: 2 })]),
      textPane('hypervisors', 'hypervisors', 6, width => hypervisorLines(view, width)),
      ...(Object.keys(view.snapshot?.plan.databases ?? {}).length === 0
        ? []
        : [textPane('servers', 'SQL Servers', 10, width => serverLines(view, width))]),
      ...(isAnythingSeen(view)
        ? [textPane('size', 'how much leaves', 5, width => sizingLines(view, width))]
        : []),
    ];
  },
  next: view => nextOf(view),
  message: view =>
    (failed(view) === undefined ? foremostLine(view) : orderedToWait(view)) ??
    failed(view) ??
    settle(view) ??
    rest(view),
};

const textPane = (id: string, title: string, most: number, lines: TextPane['lines']): TextPane => ({
  kind: 'text',
  ...{ id, title, most, lines },
});

const isAnythingSeen = ({ snapshot }: View): boolean =>
  Object.values(snapshot?.state.machines ?? {}).some(({ observed }) => observed !== undefined);

function machines(view: View): ListPane {
  const layouts = layoutsOf(() => columnsOf(view), view.glyphs.ellipsis);
  return {
    kind: 'list',
    id: 'machines',
    title: `machines: ${stageSummary(view, 'inventory', 'seen')}`,
    weight: 2,
    empty: 'The plan has no machines.',
    header: width => layouts(width).header,
    items: view.rows.map(row =>
      rowItem(
        row.name,
        () =>
          `${row.name} ${row.tier} ${observedOf(view, row)?.guest.os.pretty ?? 'not yet'} ${inventoryStep(view, row.name)?.status ?? ''}`,
        width => layouts(width).row(row),
      ),
    ),
  };
}

const observedOf = ({ snapshot }: View, { name }: MachineRow): MachineState['observed'] =>
  own(snapshot?.state.machines ?? {}, name)?.observed;

type Observed = NonNullable<MachineState['observed']>;

function columnsOf(view: View): Column<MachineRow>[] {
  const fact =
    (words: (observed: Observed) => string) =>
    (row: MachineRow): Line => {
      const observed = observedOf(view, row);
      return observed === undefined ? DASH : line(span(words(observed)));
    };
  const right = { align: 'right' } as const;
  return [
    nameColumn(view),
    { title: 'inventory', keep: 0, least: 16, most: 18, cell: row => stateCell(view, row) },
    { title: 'system', keep: 2, least: 20, most: 32, cell: fact(({ guest }) => guest.os.pretty) },
    { title: 'kernel', keep: 6, least: 14, most: 22, cell: fact(({ guest }) => guest.kernel) },
    { title: 'boot', keep: 7, least: 4, most: 4, cell: fact(({ guest }) => guest.bootMode) },
    {
      title: 'disks',
      keep: 3,
      least: 11,
      most: 11,
      ...right,
      cell: fact(
        ({ domain }) => `${domain.disks.length}: ${formatBytes(sum(domain.disks, each => each.capacity))}`,
      ),
    },
    {
      title: 'used',
      keep: 1,
      least: 7,
      most: 8,
      ...right,
      cell: fact(({ guest }) => formatBytes(sum(guest.fileSystems, each => each.used))),
    },
    {
      title: 'files',
      keep: 5,
      least: 9,
      most: 10,
      ...right,
      cell: fact(({ guest }) => thousands(sum(guest.fileSystems, each => each.inodesUsed))),
    },
    {
      title: 'services',
      keep: 4,
      least: 8,
      most: 8,
      ...right,
      cell: fact(({ guest }) => String(guest.services.length)),
    },
    {
      title: 'seen',
      keep: 4,
      least: 9,
      most: 10,
      ...right,
      cell: fact(({ at }) => `${ageText(view.now - at)} ago`),
    },
  ];
}

function stateCell(view: View, row: MachineRow): Line {
  const observed = observedOf(view, row);
  const missing = observed === undefined ? 0 : missingIn(observed).length;
  const { kind, word } = lookState(inventoryStep(view, row.name), observed !== undefined, missing);
  return [kind === 'quiet' ? quietMark(view, word) : statusSpan(view, kind, word)];
}

const sum = <T>(all: readonly T[], of: (each: T) => number): number =>
  all.reduce((total, each) => total + of(each), 0);

function nextOf(view: View): NextAction | undefined {
  const { snapshot, stages } = view;
  if (snapshot === undefined) return undefined;
  const stage = stages.find(({ phase }) => phase === 'inventory');
  if (snapshot.connection === 'live' && stage?.state === 'failed')
    return { intent: 'retry', words: 'try again, once it is mended' };
  const foremost = foremostAction(view, seeAndApprove);
  if (foremost !== undefined) return foremost;
  return stage?.state === 'done'
    ? { intent: 'stage.build', words: 'go on to build' }
    : { intent: 'open', words: 'open' };
}

/** The first failure, with its remedy; what follows from it has the same. */
function failed(view: View): Line | undefined {
  const steps = Object.values(view.snapshot?.state.steps ?? {}).filter(
    ({ phase, status }) => phase === 'inventory' && status === 'failed',
  );
  const [first] = steps;
  if (first === undefined) return undefined;
  const more = steps.length > 1 ? ` (and ${steps.length - 1} more)` : '';
  const remedy = first.error?.next[0] ?? 'see the log: l';
  return sentence(
    `${view.glyphs.bad} ${first.id} failed${more}: ${first.error?.what ?? 'no reason was recorded'}. Remedy: ${inKeys(remedy)}; then r tries again.`,
    'bad',
  );
}

/** What stands in the way of a cutover is said even where the list of findings has no room. */
function settle(view: View): Line | undefined {
  const [first, ...others] = toSettle(view).filter(({ severity }) => severity === 'critical');
  if (first === undefined) return undefined;
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  const remedy = first.next[0];
  return sentence(
    `${view.glyphs.bad} ${first.subject}: ${first.what}${more}.${remedy === undefined ? '' : ` Remedy: ${inKeys(remedy)}.`}`,
    'bad',
  );
}

function rest(view: View): Line | undefined {
  const stage = view.stages.find(({ phase }) => phase === 'inventory');
  if (stage?.state !== 'done') return undefined;
  return sentence(
    `${view.glyphs.ok} ${counted(stage.of, 'machine')} seen. Nothing was installed or changed on any of them.`,
    'good',
  );
}
