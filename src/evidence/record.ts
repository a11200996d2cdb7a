import type { Event } from '../journal/events.ts';

/** Who decided what, when: approvals, waivers, validations and the cutover, out of the journal, for people and programs. */
export interface DecisionRecord {
  readonly v: 1;
  readonly type: 'landfall-record';
  readonly approvals: readonly Event[];
  readonly waivers: readonly Event[];
  readonly validations: readonly Event[];
  readonly proofs: readonly Event[];
  readonly cutover: readonly Event[];
  readonly notes: readonly Event[];
}

export function recordOf(events: readonly Event[]): DecisionRecord {
  const of = (...types: readonly Event['type'][]): Event[] =>
    events.filter(({ type }) => types.includes(type));
  return {
    v: 1,
    type: 'landfall-record',
    approvals: of(
      'stage.approved',
      'plan.accepted',
      'database.lane-chosen',
      'mode.switched',
      'lock.taken-over',
    ),
    waivers: of('gate.waived', 'gate.waiver-withdrawn'),
    validations: of('replica.verified', 'database.validated', 'handover.drained', 'handover.ended'),
    proofs: of('proof.ended'),
    cutover: events.filter(({ type }) => type.startsWith('cutover.')),
    notes: of('note.added'),
  };
}
