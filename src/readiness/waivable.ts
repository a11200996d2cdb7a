import type { Waiver } from '../journal/state.ts';
import type { Gate, GateWaiver } from './gate.ts';

/**
 * Which gates an engineer may accept, and how far an acceptance reaches: the one place where this is decided.
 *
 * A waiver says "I know, and I take it". Three kinds of gates leave nothing to take:
 * - without what they check nothing exists at the target, so that `ready` would be a word about nothing;
 * - the honest way to accept them is another one, which is recorded and seen everywhere (a path excluded in the plan, a
 *   changed plan that was accepted);
 * - a pass of the gate is what every other gate rests on (the journal itself, the identity of the machine).
 */
const NEVER: Readonly<Record<string, string>> = {
  'evacuation/plan-accepted':
    'what was accepted and what the plan asks for must be the same: accept the changed plan instead',
  'evacuation/journal': 'every other gate rests on the journal',
  'machine/standby': 'without it there is nothing to start at cutover',
  'database/assessed': 'nothing is known about this database and its servers',
  'database/captured': 'without it there is no copy: what production commits is lost',
  'machine/built': 'without a target there is nothing that could hold the machine',
  'machine/first-pass':
    'without a complete first pass there is no copy: exclude in the plan what need not travel',
};

/** True, or the reason why a waiver of this gate as it stands now does not count. */
export function waivable(gate: Gate): true | string {
  if (gate.verdict === 'pass') return 'it is met: there is nothing to waive';
  const never = Object.hasOwn(NEVER, `${gate.scope}/${gate.check}`)
    ? NEVER[`${gate.scope}/${gate.check}`]
    : undefined;
  if (never !== undefined) return never;
  if (gate.scope !== 'machine') return true;
  if (gate.check === 'inventory' && gate.evidenceAt === undefined) {
    return 'nothing is known about this machine: an old inventory can be accepted, none cannot';
  }
  if (gate.check === 'identity' && gate.verdict === 'fail')
    return 'another server would be copied under this name';
  if (gate.check === 'double-run' && gate.verdict === 'fail' && gate.severity === 'critical')
    return 'two of one machine run: one of them has to go';
  return true;
}

/**
 * Checks whose failure is an incident and not a condition: this difference, this error, this new disk. A waiver takes the
 * one that was there when it was given; the next one speaks for itself.
 */
const INCIDENTS: ReadonlySet<string> = new Set([
  'machine/verified',
  'machine/drift',
  'machine/drift-more',
  'evacuation/drift-more',
  'machine/no-failure',
  'database/validated',
  'database/no-failure',
  'evacuation/shared-steps',
  // Unproven, not failed: still it is this pass that somebody accepted as half-written, not every one after it.
  'machine/at-rest',
]);

/** The waiver as it stands against this gate at `now`, epoch ms. */
export function standingOf(gate: Gate, waiver: Waiver, now: number): GateWaiver {
  const { by, at, reason, until } = waiver;
  const given = { by, at, reason, until };
  if (gate.verdict === 'pass') return { ...given, standing: 'not-needed' };
  const may = waivable(gate);
  if (may !== true) return { ...given, standing: 'refused', why: may };
  // A time that is no number has passed: only a clear yes opens a gate.
  if (!(until > now)) return { ...given, standing: 'expired' };
  const isFound = gate.verdict === 'fail' || gate.check === 'at-rest';
  const isIncident =
    isFound && (INCIDENTS.has(`${gate.scope}/${gate.check}`) || gate.check.startsWith('drift-changed-'));
  if (isIncident && !(at >= (gate.evidenceAt ?? Number.POSITIVE_INFINITY))) {
    return { ...given, standing: 'overtaken', why: 'it was given before this was found' };
  }
  return { ...given, standing: 'in-force' };
}
