import { counted, formatDuration } from '../../foundation/units.ts';
import { own } from '../../readiness/copy.ts';
import type { ListPane, Screen, TextPane, View } from '../screen.ts';
import { type Line, line, span, wrap } from '../text/line.ts';
import { type Column, widest } from '../text/table.ts';
import { DASH, statusSpan } from './cells.ts';
import { layoutsOf } from './columns.ts';
import { cutoverOrder, type Turn } from './cutover-order.ts';
import { foremostAction } from './foremost.ts';
import { labelled, listed, rowItem, sentence } from './parts.ts';
import { worstFailureLine } from './worst.ts';

/** Stage 8, as far as the plan tells it: who comes up when, which records change, whom to call. */
export const cutover: Screen = {
  id: 'cutover',
  title: () => 'Cutover: the switch to the target',
  panes: view => [order(view), records(view), byHand(view)],
  next: view => foremostAction(view) ?? { intent: 'stage.ready', words: 'what still stands in the way' },
  message: view => worstFailureLine(view) ?? messageOf(view),
};

/** What of the list is a machine, a gate or a stage of its own has its verdict there: here it is only named. */
function order(view: View): ListPane {
  const turns = view.snapshot === undefined ? [] : cutoverOrder(view.snapshot.plan);
  const layouts = layoutsOf(() => columnsOf(view, turns), view.glyphs.ellipsis);
  const waves = [...new Set(turns.map(({ wave }) => wave))];
  return {
    kind: 'list',
    id: 'order',
    title: `order by hand: ${counted(turns.length, 'thing')} in ${counted(waves.length, 'wave')}`,
    weight: 2,
    empty: 'The plan has neither machines nor databases.',
    header: width => layouts(width).header,
    items: turns.map(turn =>
      rowItem(
        turn.name,
        () => `${turn.name} ${turn.kind} ${turn.tier} ${turn.after.join(' ')}`,
        width => layouts(width).row(turn),
      ),
    ),
  };
}

function columnsOf(view: View, turns: readonly Turn[]): Column<Turn>[] {
  const rows = new Map(view.rows.map(row => [row.name, row]));
  const names = widest(
    turns.map(({ name }) => name),
    7,
    24,
  );
  const plan = view.snapshot?.plan;
  return [
    {
      title: 'wave',
      keep: 0,
      least: 4,
      most: 4,
      align: 'right',
      cell: ({ wave }) => line(span(String(wave))),
    },
    {
      title: 'what',
      keep: 0,
      least: Math.min(names, 12),
      most: names,
      cell: ({ name }) => line(span(name, 'title')),
    },
    { title: 'kind', keep: 4, least: 8, most: 8, cell: ({ kind }) => line(span(kind, 'muted')) },
    { title: 'tier', keep: 3, least: 8, most: 12, cell: ({ tier }) => line(span(tier, 'muted')) },
    {
      title: 'copy',
      keep: 1,
      least: 16,
      most: 20,
      cell: ({ name, kind }) => {
        const status = kind === 'machine' ? rows.get(name)?.status : undefined;
        return status === undefined
          ? line(statusSpan(view, 'bad', 'not covered'))
          : line(statusSpan(view, status.kind, status.word));
      },
    },
    {
      title: 'may be away',
      keep: 2,
      least: 11,
      most: 11,
      align: 'right',
      cell: ({ tier }) => {
        const rto = own(plan?.tiers ?? {}, tier)?.rto;
        return rto === undefined ? DASH : line(span(formatDuration(rto)));
      },
    },
    {
      title: 'comes up after',
      keep: 1,
      least: 14,
      most: 60,
      cell: ({ after }) => (after.length === 0 ? DASH : line(span(after.join(', ')))),
    },
  ];
}

/** DNS records with the moment by which their TTL has to be low, and the people. */
function records(view: View): TextPane {
  const plan = view.snapshot?.plan;
  return {
    kind: 'text',
    id: 'records',
    title: 'people and records',
    most: 11,
    beside: true,
    lines: width =>
      plan === undefined
        ? []
        : [
            ...(plan.contacts.length === 0
              ? labelled('people', 'the plan names nobody to call; add them under contacts:', width, 'warn')
              : plan.contacts.flatMap(({ name, role, phone, email }, index) =>
                  labelled(
                    index === 0 ? 'people' : '',
                    [name, role, phone, email].filter(each => each !== undefined).join(', '),
                    width,
                  ),
                )),
            ...slowest(view, width),
            ...(plan.dns.length === 0
              ? labelled(
                  'records',
                  'the plan names no records; add them under dns:, or nobody finds the copies',
                  width,
                  'warn',
                )
              : plan.dns.flatMap(({ name, type, from, to, ttl, provider }, index) =>
                  labelled(
                    index === 0 ? 'records' : '',
                    `${name} ${type}: ${from} ${view.glyphs.arrow} ${to}${ttl === undefined ? ', TTL unknown' : `, TTL ${formatDuration(ttl)}`}${provider === undefined ? '' : `, at ${provider}`}`,
                    width,
                  ),
                )),
          ],
  };
}

function slowest({ snapshot, glyphs }: View, width: number): Line[] {
  const ttls = snapshot?.plan.dns.flatMap(({ ttl }) => ttl ?? []) ?? [];
  const worst = Math.max(0, ...ttls);
  if (worst <= 300e3) return [];
  return labelled(
    'DNS',
    `${glyphs.warn} For ${formatDuration(worst)} after the switch some still go to the source. Lower the TTL to 5m at least ${formatDuration(worst)} before the cutover.`,
    width,
    'warn',
  );
}

/** What an engineer does without landfall, meanwhile. */
const byHand = (view: View): TextPane => ({
  kind: 'text',
  id: 'by-hand',
  title: 'to come in a later version',
  weight: 1,
  beside: true,
  lines: width => [
    ...wrap(
      'This version of landfall does not lead the cutover: it neither stops the source, nor starts the standby, nor changes records. What the plan knows of it is on this screen. By hand:',
      width,
      'warn',
    ),
    ...listed(STEPS, width),
    ...labelled(
      'also',
      'R saves the report: it has the commands with which every copy is checked by hand.',
      width,
      'accent',
    ),
    ...(view.snapshot === undefined
      ? []
      : labelled(
          'never',
          'start a replica while its source still runs, nor under a receiver that has it mounted.',
          width,
          'bad',
        )),
  ],
});

const STEPS = [
  'Stop what writes on the source, wave by wave, the last wave first.',
  'Here: one more pass of each machine (sync, s), and its verification.',
  'Stop the engine (X): nothing may write to a replica from here on.',
  'In each receiver make in the replica (/mnt/t) the fix-ups that the report lists, the boot loader above all.',
  'Shut down the receivers.',
  'Take the CD drive out of each standby (virsh edit); start them, the first wave first; check each.',
  'Change the DNS records, and tell the people.',
] as const;

function messageOf(view: View): Line | undefined {
  const verdicts = view.gates?.verdicts();
  if (verdicts === undefined) return undefined;
  const isReady = verdicts.overall === 'ready';
  return sentence(
    `${isReady ? view.glyphs.warn : view.glyphs.bad} landfall does not lead the cutover yet. ${verdicts.line.replaceAll(' · ', ` ${view.glyphs.dot} `)}`,
    isReady ? 'warn' : 'bad',
  );
}
