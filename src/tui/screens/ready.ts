import { counted } from '../../foundation/units.ts';
import type { Gate } from '../../readiness/gate.ts';
import { cutoverReport, isOver, overWords } from '../../reports/cutover-phase.ts';
import type { GateRow } from '../gates.ts';
import type { NextAction, Pane, Screen, View } from '../screen.ts';
import { type Line, span, wrap } from '../text/line.ts';
import { foremostAction } from './foremost.ts';
import { chosenIn, detailPane, sentence } from './parts.ts';
import { aboutGate } from './ready-gate.ts';
import { gateItems } from './ready-list.ts';
import { rehearsalEnd } from './rehearsal-end.ts';
import { triageShort } from './triage-lines.ts';
import { failureOf } from './worst.ts';

/** Stage 7: every gate, red first; each opens into what it rests on and how an engineer sees for themselves. */
export const ready: Screen = {
  id: 'ready',
  title: () => 'Ready: every gate, red first',
  panes: view => {
    if (view.gates === undefined) return [nothing()];
    const items = gateItems(view);
    const chosen = gateOf(view, chosenIn(view, 'ready', 'gates', items));
    return [
      {
        kind: 'list',
        id: 'gates',
        title: 'gates',
        weight: 3,
        empty: 'the plan has neither machines nor databases',
        items,
      },
      ...(chosen === undefined
        ? []
        : [
            detailPane(chosen.id, chosen.id, width => aboutGate(view, chosen, width), {
              weight: 2,
              beside: true,
            }),
          ]),
      triage(view),
    ];
  },
  next: view => nextOf(view),
  message: view => messageOf(view),
};

const nothing = (): Pane => ({
  kind: 'text',
  id: 'nothing',
  title: 'gates',
  lines: width => wrap('No evacuation is open.', width, 'muted'),
});

const rowsOf = (view: View): readonly GateRow[] => view.gates?.rows() ?? [];

function gateOf(view: View, id: string | undefined): Gate | undefined {
  const row = rowsOf(view).find(each => each.kind === 'gate' && each.gate.id === id);
  return row?.kind === 'gate' ? row.gate : undefined;
}

/** Who makes it by the earliest loss, and what would save the next one. */
const triage = (view: View): Pane => ({
  kind: 'text',
  id: 'triage',
  title: 'by the earliest loss (y: all of it)',
  // On low terminals the gates need the room: the sum stands, the rest is scrolled to.
  most: view.ui.rows < 30 ? 1 : 8,
  beside: true,
  lines: width => (view.outlook === undefined ? [] : triageShort(view, view.outlook.triage(), width)),
});

const nextOf = (view: View): NextAction | undefined =>
  view.snapshot === undefined
    ? undefined
    : (foremostAction(view) ?? { intent: 'open', words: 'evidence of the selected gate' });

/** The one line that says it all, and the gate to work on first. */
function messageOf(view: View): Line | undefined {
  const verdicts = view.gates?.verdicts();
  if (verdicts === undefined) return undefined;
  const { glyphs } = view;
  const cutover = view.snapshot?.state.cutover;
  if (cutover !== undefined && isOver(cutoverReport(cutover)))
    return sentence(
      `${glyphs.ok} ${overWords(verdicts.of, cutover.ended?.lost ?? []).replaceAll(' · ', ` ${glyphs.dot} `)}. The gates tell how it was before.`,
      'good',
    );
  const line = verdicts.line.replaceAll(' · ', ` ${glyphs.dot} `);
  const tone = verdicts.overall === 'ready' ? 'good' : verdicts.overall === 'not-ready' ? 'bad' : 'unknown';
  const symbol = tone === 'good' ? glyphs.ok : tone === 'bad' ? glyphs.bad : glyphs.unknown;
  const over = rehearsalEnd(view);
  if (over !== undefined) return [...over, span(`  ${line}.`, 'muted')];
  return sentence(`${symbol} ${line}. ${firstWork(view)}`, tone);
}

function firstWork(view: View): string {
  const failing = failureOf(view);
  if (failing !== undefined) return `${failing.words}  [!] opens ${failing.machine}`;
  const first = rowsOf(view).find(row => row.kind === 'gate' && row.standing === 'blocks');
  if (first?.kind !== 'gate')
    return 'A waived or uncovered gate is your decision: read it before you switch.';
  const { subject, remedySteps } = first.gate;
  return `First: ${subject}: ${remedySteps[0] ?? first.gate.remedy}${remedySteps.length > 1 ? ` (${counted(remedySteps.length - 1, 'more step')})` : ''}`;
}
