import type { Gate, GateWaiver } from '../../readiness/gate.ts';
import { waivable } from '../../readiness/waivable.ts';
import { nameOf } from '../../reports/say.ts';
import { standingOf } from '../gates.ts';
import type { View } from '../screen.ts';
import { type Line, span, type Tone } from '../text/line.ts';
import { moment } from './check-plan.ts';
import { labelled, numbered } from './parts.ts';
import { evidenceAge, standingSpan } from './ready-list.ts';

/** One gate: what it says, what that rests on, how to see for oneself, what to do, and what it costs not to. */
export function aboutGate(view: View, gate: Gate, width: number): Line[] {
  const { now } = view;
  const standing = standingOf(gate);
  return [
    [standingSpan(view, { gate, standing }), span(`  ${gate.title}`, 'title')],
    ...gate.evidence.flatMap((each, index) => labelled(index === 0 ? 'evidence' : '', each, width)),
    ...labelled('taken', evidenceAge(gate, now), width, gate.evidenceAt === undefined ? 'unknown' : 'muted'),
    ...(gate.checkByHand === undefined ? [] : labelled('by hand', gate.checkByHand, width, 'muted')),
    ...(standing === 'met' ? [] : numbered('remedy', gate.remedySteps, width, 'accent')),
    ...(standing === 'met' ? [] : labelled('if ignored', gate.costOfIgnoring, width, 'warn')),
    ...(gate.waiver === undefined ? [] : waiverLines(gate.waiver, now, width)),
    ...waivingLines(gate, standing === 'blocks' || standing === 'warns', width),
  ];
}

const STANDING: Readonly<Record<GateWaiver['standing'], readonly [string, Tone]>> = {
  'in-force': ['in force', 'warn'],
  expired: ['expired: the gate speaks again', 'bad'],
  overtaken: ['does not count', 'bad'],
  refused: ['does not count', 'bad'],
  'not-needed': ['not needed: the gate is met', 'muted'],
};

function waiverLines(waiver: GateWaiver, now: number, width: number): Line[] {
  const [words, tone] = STANDING[waiver.standing];
  const why = waiver.why === undefined ? '' : `: ${waiver.why}`;
  return [
    ...labelled('waiver', `${words}${why}`, width, tone),
    ...labelled('', `by ${nameOf(waiver.by)}: ${waiver.reason}`, width),
    ...labelled('', `until ${moment(waiver.until, now)}`, width, 'muted'),
  ];
}

function waivingLines(gate: Gate, isOpen: boolean, width: number): Line[] {
  if (!isOpen) return [];
  const may = waivable(gate);
  return may === true
    ? labelled('or', 'W accepts it, with your name, a reason and an end', width, 'muted')
    : labelled('', `It cannot be waived: ${may}.`, width, 'muted');
}
