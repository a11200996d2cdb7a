import { own } from '../../readiness/copy.ts';
import type { Gate, GateWaiver } from '../../readiness/gate.ts';
import { waivable } from '../../readiness/waivable.ts';
import { nameOf } from '../../reports/say.ts';
import { standingOf } from '../gates.ts';
import type { View } from '../screen.ts';
import type { Line, Tone } from '../text/line.ts';
import { moment } from './check-plan.ts';
import { labelled, numbered } from './parts.ts';
import { evidenceAge, standingSpan } from './ready-list.ts';

/** One gate: what it says, what that rests on, how to see for oneself, what to do, and what it costs not to. */
export function aboutGate(view: View, gate: Gate, width: number): Line[] {
  const { now } = view;
  const standing = standingOf(gate);
  return [
    [standingSpan(view, { gate, standing })],
    ...labelled('must hold', gate.title, width, 'title'),
    ...ownerLines(view, gate, width),
    ...gate.evidence.flatMap((each, index) => labelled(index === 0 ? 'evidence' : '', each, width)),
    ...labelled('taken', evidenceAge(gate, now), width, gate.evidenceAt === undefined ? 'unknown' : 'muted'),
    ...(gate.checkByHand === undefined ? [] : labelled('by hand', gate.checkByHand, width, 'muted')),
    ...(standing === 'met' ? [] : numbered('remedy', gate.remedySteps, width, 'accent')),
    ...(standing === 'blocks' || standing === 'warns' ? keyLines(gate, width) : []),
    ...(standing === 'met' ? [] : labelled('if ignored', gate.costOfIgnoring, width, 'warn')),
    ...(gate.waiver === undefined ? [] : waiverLines(gate.waiver, now, width)),
    ...waivingLines(gate, standing === 'blocks' || standing === 'warns', width),
  ];
}

/** Who answers for what the gate is about. */
function ownerLines({ snapshot }: View, { scope, subject }: Gate, width: number): Line[] {
  const plan = snapshot?.plan;
  const owner =
    scope === 'machine'
      ? own(plan?.machines ?? {}, subject)?.owner
      : scope === 'database'
        ? own(plan?.databases ?? {}, subject)?.owner
        : plan?.cutover.decides;
  return owner === undefined ? [] : labelled('owner', owner, width);
}

/** What the screens have for it: the remedy above speaks of the command line. */
const KEYS: Readonly<Record<string, string>> = {
  'machine/inventory': '2 shows the inventory and what keeps it from being complete',
  'machine/built': '3 shows what is still to be built',
  'machine/first-pass': '4 shows the passes; s asks for one now',
  'machine/converged': '4 shows the passes and what would help; s asks for one more',
  'machine/at-rest': '4 shows the pass that is open; s asks for another',
  'machine/verified': 's asks for one more pass, which is verified after it',
  'machine/verification-recent': 's asks for one more pass, which is verified after it',
  'machine/exposure': 's asks for one more pass now',
  'machine/last-pass-clean': 's asks for one more pass, once the cause is mended',
  'machine/no-failure': 'w shows the cause; r tries again once it is mended',
  'evacuation/shared-steps': 'r tries again once it is mended',
};

function keyLines({ scope, check }: Gate, width: number): Line[] {
  const words = Object.hasOwn(KEYS, `${scope}/${check}`) ? KEYS[`${scope}/${check}`] : undefined;
  return words === undefined ? [] : labelled('here', words, width, 'accent');
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
