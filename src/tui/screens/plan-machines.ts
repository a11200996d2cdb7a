import type { DraftMachine, PlanDraft } from '../plan-draft.ts';
import type { Item, View } from '../screen.ts';
import { type Line, line, span } from '../text/line.ts';
import { type Column, layOutTable, type TableLayout, widest } from '../text/table.ts';

/** The machines of a plan on its way, those that could be taken among them. */
export function machineItems(view: View, draft: PlanDraft): Item[] {
  return draft.machines.map(machine => ({
    id: `machine:${machine.name}`,
    search: `${machine.name} ${machine.tier} ${machine.network} ${machine.note}`,
    line: width => machineColumns(view, draft, width).row(machine),
  }));
}

export function machineColumns(view: View, draft: PlanDraft, width: number): TableLayout<DraftMachine> {
  return layOutTable(columnsOf(view, draft), width, view.glyphs.ellipsis);
}

function columnsOf({ glyphs }: View, { machines }: PlanDraft): Column<DraftMachine>[] {
  const of = (read: (machine: DraftMachine) => string, least: number, most: number): number =>
    widest(machines.map(read), least, most);
  const names = of(({ name }) => name, 7, 24);
  const tiers = of(({ tier }) => tier, 4, 10);
  const images = of(({ image }) => image, 5, 20);
  const networks = of(({ network }) => network, 7, 16);
  return [
    {
      title: '',
      keep: 0,
      least: 3,
      most: 3,
      cell: ({ taken }) => line(span(taken ? glyphs.checked : glyphs.unchecked, taken ? 'good' : 'muted')),
    },
    {
      title: 'machine',
      keep: 0,
      least: Math.min(names, 12),
      most: names,
      cell: machine => line(span(machine.name, machine.taken ? 'title' : 'muted')),
    },
    { title: 'tier', keep: 0, least: tiers, most: tiers, cell: machine => value(machine, machine.tier) },
    {
      title: 'lands at',
      keep: 0,
      least: 15,
      most: 24,
      cell: machine => open(glyphs.bad, machine, machine.address),
    },
    {
      title: 'network',
      keep: 1,
      least: Math.min(networks, 10),
      most: networks,
      cell: machine => open(glyphs.bad, machine, machine.network),
    },
    {
      title: 'built from',
      keep: 2,
      least: Math.min(images, 10),
      most: images,
      cell: machine => open(glyphs.bad, machine, machine.image),
    },
    {
      title: 'comes up after',
      keep: 3,
      least: 14,
      most: 24,
      cell: machine => value(machine, machine.after.join(', ')),
    },
    { title: 'what it is', keep: 4, least: 16, most: 60, cell: machine => line(span(machine.note, 'muted')) },
  ];
}

const value = ({ taken }: DraftMachine, text: string): Line => line(span(text, taken ? 'plain' : 'muted'));

/** A place that has to be filled in says so. */
const open = (mark: string, machine: DraftMachine, text: string): Line =>
  machine.taken && text === '' ? line(span(`${mark} fill in`, 'bad')) : value(machine, text);
