import { own } from '../../readiness/copy.ts';
import type { MachineRow } from '../../reports/rows.ts';
import type { Screen, View } from '../screen.ts';
import { type Line, line, span, wrap } from '../text/line.ts';
import type { Column } from '../text/table.ts';
import { DASH, statusSpan, verifiedCell } from './cells.ts';
import { layoutsOf, nameColumn } from './columns.ts';
import { foremostAction } from './foremost.ts';
import { chosenIn, detailPane, labelled, listed, rowItem, sentence } from './parts.ts';
import { worstFailureLine } from './worst.ts';

/** Stage 6, to come: what is known of each copy short of a boot, and how to boot one by hand without harm. */
export const prove: Screen = {
  id: 'prove',
  title: () => 'Prove: do the copies boot?',
  panes: view => {
    const layouts = layoutsOf(() => columnsOf(view), view.glyphs.ellipsis);
    const items = view.rows.map(row =>
      rowItem(
        row.name,
        () => `${row.name} ${row.tier}`,
        width => layouts(width).row(row),
      ),
    );
    const chosen = chosenIn(view, 'prove', 'machines', items);
    return [
      {
        kind: 'list',
        id: 'machines',
        title: 'copies (To come: boot them by hand)',
        empty: 'The plan has no machines.',
        header: width => layouts(width).header,
        items,
      },
      ...(chosen === undefined
        ? []
        : [detailPane(chosen, `${chosen}: prove it by hand`, width => byHand(view, chosen, width))]),
    ];
  },
  next: view => foremostAction(view) ?? { intent: 'stage.ready', words: 'go on to ready' },
  message: view =>
    worstFailureLine(view) ??
    sentence(
      `${view.glyphs.warn} To come: this version does not boot copies, so nobody knows that they start. A verified copy has the right files; prove by hand that it boots, as below.`,
      'warn',
    ),
};

const columnsOf = (view: View): Column<MachineRow>[] => [
  nameColumn(view),
  { title: 'tier', keep: 3, least: 8, most: 12, cell: row => line(span(row.tier, 'muted')) },
  { title: 'boot proof', keep: 0, least: 11, most: 11, cell: () => [statusSpan(view, 'unknown', 'to come')] },
  { title: 'verified', keep: 0, least: 14, most: 18, cell: row => verifiedCell(view, row) },
  {
    title: 'starts by',
    keep: 1,
    least: 9,
    most: 9,
    cell: row => {
      const boot = observedOf(view, row.name)?.guest.bootMode;
      return boot === undefined ? DASH : line(span(boot));
    },
  },
  {
    title: 'services to see',
    keep: 2,
    least: 15,
    most: 15,
    align: 'right',
    cell: row => {
      const services = observedOf(view, row.name)?.guest.services;
      return services === undefined ? DASH : line(span(String(services.length)));
    },
  },
];

const observedOf = ({ snapshot }: View, name: string) => own(snapshot?.state.machines ?? {}, name)?.observed;

function byHand(view: View, name: string, width: number): Line[] {
  const machine = own(view.snapshot?.state.machines ?? {}, name);
  const target = own(view.snapshot?.plan.machines ?? {}, name)?.target;
  const volumes = machine?.replica?.volumes ?? [];
  if (volumes.length === 0) return wrap('There is no replica yet: build comes first (3).', width, 'muted');
  const guest = machine?.observed?.guest;
  const steps = [
    `On ${target?.hypervisor ?? 'the target hypervisor'}, while no pass of ${name} runs (p pauses it), run sync in its receiver, then copy each replica volume: qemu-img convert --force-share -O qcow2 ${volumes.map(each => each.path).join(', ')} to a file of its own. Never boot the replica itself.`,
    'Define a throw-away domain with these copies, on a libvirt network without a forward element: it must reach neither the source nor its peers.',
    'Start it, and see on its console that it boots to a login.',
    ...(guest === undefined
      ? []
      : [
          `Compare: kernel ${guest.kernel}; services ${guest.services.join(', ') || 'none'}; listening ${guest.sockets.map(each => `${each.protocol} ${each.port}`).join(', ') || 'nothing'}.`,
        ]),
    'Destroy the domain and the copies, let the machine go on (p), and write down what you saw (N).',
  ];
  return [
    ...listed(steps, width),
    ...labelled(
      'if ignored',
      'a boot loader, initramfs or fstab problem shows at cutover for the first time',
      width,
      'warn',
    ),
  ];
}
