import { counted } from '../../foundation/units.ts';
import type { MachineRow } from '../../reports/rows.ts';
import type { NextAction, Screen, View } from '../screen.ts';
import { type Line, line, span } from '../text/line.ts';
import type { Column } from '../text/table.ts';
import { placeOf } from '../ui-state.ts';
import { ageText, DASH, proofCell, verifiedCell } from './cells.ts';
import { layoutsOf, nameColumn } from './columns.ts';
import { foremostAction, foremostLine } from './foremost.ts';
import { chosenIn, detailPane, rowItem, sentence } from './parts.ts';
import { provable, unproven } from './provable.ts';
import { aboutProof } from './prove-machine.ts';
import { bootFailureLine, worstOf } from './worst.ts';

/** Stage 6: a throw-away overlay of each copy is booted in isolation; what came up, and why where it did not. */
export const prove: Screen = {
  id: 'prove',
  title: () => 'Prove: do the copies boot?',
  panes: view => {
    const items = itemsOf(view);
    const chosen = chosenIn(view, 'prove', 'machines', items);
    const layouts = layoutsOf(() => columnsOf(view), view.glyphs.ellipsis);
    return [
      {
        kind: 'list',
        id: 'machines',
        title: `copies: ${summary(view)}`,
        empty: 'The plan has no machines.',
        header: width => layouts(width).header,
        items,
      },
      ...(chosen === undefined
        ? []
        : [
            detailPane(chosen, `${chosen}: what its boot proved`, width => aboutProof(view, chosen, width), {
              weight: 2,
            }),
          ]),
    ];
  },
  next: view => nextOf(view),
  message: view => foremostLine(view) ?? bootFailureLine(view) ?? rest(view),
};

function itemsOf(view: View) {
  const layouts = layoutsOf(() => columnsOf(view), view.glyphs.ellipsis);
  return view.rows.map(row =>
    rowItem(
      row.name,
      () => `${row.name} ${row.tier} ${row.proof.standing} ${row.proof.last?.word ?? ''}`,
      width => layouts(width).row(row),
    ),
  );
}

function summary({ stages }: View): string {
  const stage = stages.find(({ phase }) => phase === 'prove');
  if (stage === undefined) return 'nothing is known yet';
  const { done, of, running, failed, state } = stage;
  return [
    `${done} of ${of} proven`,
    ...(running > 0 ? [`${running} running`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(state === 'held' ? ['waits for approval'] : []),
  ].join(', ');
}

const columnsOf = (view: View): Column<MachineRow>[] => [
  nameColumn(view),
  { title: 'tier', keep: 5, least: 8, most: 10, cell: row => line(span(row.tier, 'muted')) },
  { title: 'boot proof', keep: 0, least: 17, most: 20, cell: row => proofCell(view, row) },
  { title: 'evidence', keep: 1, least: 8, most: 8, align: 'right', cell: evidenceCell },
  { title: 'pass', keep: 3, least: 7, most: 10, align: 'right', cell: passCell },
  { title: 'took', keep: 4, least: 6, most: 7, align: 'right', cell: row => tookCell(view, row) },
  { title: 'verified', keep: 6, least: 11, most: 13, cell: row => verifiedCell(view, row) },
  { title: 'why not', keep: 2, least: 20, most: 90, cell: whyCell },
];

/** `12/13`: pieces of evidence that speak for it. */
const evidenceCell = ({ proof: { last } }: MachineRow): Line =>
  last === undefined ? DASH : line(span(`${last.passed}/${last.of}`));

/** The pass that was booted, and how many came since: `3 (+2)`. */
const passCell = ({ proof: { last } }: MachineRow): Line =>
  last === undefined
    ? DASH
    : line(span(String(last.pass)), span(last.passesSince === 0 ? '' : ` (+${last.passesSince})`, 'muted'));

/** How long the last one took, or how long this one has been running. */
function tookCell({ now }: View, { proof: { course, last } }: MachineRow): Line {
  if (course?.kind === 'booting') return line(span(ageText(now - course.at), 'busy'));
  return last === undefined ? DASH : line(span(ageText(last.tookMs)));
}

function whyCell(row: MachineRow): Line {
  const { standing, last } = row.proof;
  if (standing === 'failed' && last?.words !== undefined) return line(span(last.words, 'bad'));
  if (standing === 'other-replica') return line(span('the disks were made anew since', 'muted'));
  if (standing === 'none' && !provable(row)) return line(span('there is no copy yet', 'muted'));
  return DASH;
}

function nextOf(view: View): NextAction | undefined {
  const foremost = foremostAction(view);
  if (foremost !== undefined) return foremost;
  if (view.snapshot?.connection !== 'live') return { intent: 'stage.ready', words: 'go on to ready' };
  const name = chosenIn(view, 'prove', 'machines', itemsOf(view));
  const chosen = view.rows.find(row => row.name === name);
  const reading = placeOf(view.ui).pane > 0;
  if (chosen?.proof.standing === 'failed' && chosen.proof.course === undefined)
    return reading
      ? { intent: 'prove', words: `prove ${chosen.name} again, once mended` }
      : { intent: 'open', words: 'why, and what would help' };
  const worst = worstOf(view);
  if (worst?.kind === 'boot' && !reading) return { intent: 'worst', words: `open ${worst.machine}` };
  const open = unproven(view);
  if (open.length > 1 && open.length === view.rows.length)
    return { intent: 'prove-all', words: `prove that all ${open.length} copies boot` };
  if (chosen !== undefined && open.includes(chosen))
    return { intent: 'prove', words: `prove that ${chosen.name} boots` };
  if (open.length > 0) return { intent: 'prove-all', words: 'prove all copies' };
  return view.rows.every(row => row.proof.standing === 'proven')
    ? { intent: 'stage.ready', words: 'go on to ready' }
    : { intent: 'open', words: 'evidence of the selected one' };
}

function rest(view: View): Line | undefined {
  const { rows, glyphs } = view;
  if (rows.length === 0) return undefined;
  const count = (test: (row: MachineRow) => boolean): number => rows.filter(test).length;
  const proven = count(row => row.proof.standing === 'proven');
  const runs = count(row => row.proof.course?.kind === 'booting');
  const asked = count(row => row.proof.course?.kind === 'asked');
  const old = count(row => row.proof.standing === 'old');
  if (proven === rows.length)
    return sentence(
      `${glyphs.ok} Every copy has booted and works. Passes after a proof leave it standing; the plan says how old it may grow.`,
      'good',
    );
  if (runs + asked > 0)
    return sentence(
      `${glyphs.busy} ${runs === 1 ? '1 proof runs' : `${runs} proofs run`}${asked === 0 ? '' : `, ${asked} ${asked === 1 ? 'waits' : 'wait'} for room on the hypervisor`}. The sources go on; passes of a machine wait for its proof.`,
      'busy',
    );
  if (old > 0)
    return sentence(
      `${glyphs.warn} ${counted(old, 'proof is', 'proofs are')} too old to count: B proves every copy again, b the selected one.`,
      'warn',
    );
  const open = unproven(view).length;
  return open === 0
    ? sentence('A copy can be proved as soon as its first pass has ended: sync (4).', 'muted')
    : sentence(
        `${glyphs.unknown} Nobody knows yet whether ${counted(open, 'copy boots', 'copies boot')}. B proves all of them, b the selected one: a throw-away overlay boots in isolation, the replica stays untouched.`,
        'unknown',
      );
}
