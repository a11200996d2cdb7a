import { bootBasis } from './boot-basis.ts';
import type { Event, EventOf, EventType } from './events.ts';
import type { MachineState, ProofState } from './state.ts';

/** Older proofs say nothing that a newer one does not. */
export const PROOFS_KEPT = 5;

type Of<T extends EventType> = Event & EventOf<T>;

/** A proof that a crash cut short begins again under its own number. */
export function proofStarted(machine: MachineState, event: Of<'proof.started'>): MachineState {
  const { type, v, seq, by, at, machine: _name, ...facts } = event;
  const { proofRequested, ...rest } = machine;
  const others = (machine.proofs ?? []).filter(({ proof }) => proof !== event.proof);
  const basis = basisOf(machine);
  const started: ProofState = { ...facts, startedAt: at, ...(basis === undefined ? {} : { basis }) };
  // What a proof rests on is asked of the newest only: older ones do not decide anything.
  const older = others.map(({ basis: _outdated, ...proof }): ProofState => proof);
  return { ...rest, proofs: [...older, started].slice(-PROOFS_KEPT) };
}

function basisOf({ observed, standby }: MachineState): ProofState['basis'] {
  if (observed === undefined && standby === undefined) return undefined;
  return {
    ...(observed === undefined ? {} : { source: bootBasis(observed) }),
    ...(standby === undefined ? {} : { standby: standby.digest }),
  };
}

export function proofEnded(machine: MachineState, event: Of<'proof.ended'>): MachineState {
  const { type, v, seq, by, machine: _name, proof: number, pass, startedAt, ...ended } = event;
  return {
    ...machine,
    proofs: (machine.proofs ?? []).map(
      (proof): ProofState => (proof.proof === number ? { ...proof, ended } : proof),
    ),
  };
}
