import type { MachineState, ProofState } from '../journal/state.ts';
import { endedPasses } from './copy.ts';
import { isRecent } from './evidence.ts';

/** What the boot proofs of a machine are worth: the one place where this is decided. */

export type EndedProof = ProofState & { readonly ended: NonNullable<ProofState['ended']> };

const isEnded = (proof: ProofState): proof is EndedProof => proof.ended !== undefined;

/**
 * `none`: no proof has ended. `old`: it was good, and longer ago than the plan allows. `other-replica`: it is of disks
 * that have been made anew since. `failed` never grows old: what did not boot does not boot because time passes.
 */
export type ProofStanding =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'proven' | 'failed' | 'old' | 'other-replica';
      readonly proof: EndedProof;
      /** Passes that have ended since the copy that was booted. */
      readonly passesSince: number;
    };

/** The proof with the highest number that has ended. */
export const newestEndedProof = (machine: MachineState | undefined): EndedProof | undefined =>
  (machine?.proofs ?? []).filter(isEnded).reduce<EndedProof | undefined>(higher, undefined);

const higher = (best: EndedProof | undefined, each: EndedProof): EndedProof =>
  best === undefined || each.proof >= best.proof ? each : best;

/** A proof that has begun and not ended, and that no later one has overtaken: it runs, or it was cut off. */
export function openProof(machine: MachineState | undefined): ProofState | undefined {
  const ended = newestEndedProof(machine);
  return machine?.proofs?.findLast(
    proof => proof.ended === undefined && (ended === undefined || proof.proof > ended.proof),
  );
}

/** `maxAgeMs`: the plan's `proof.max_age`; `now` in epoch ms. */
export function proofStanding(
  machine: MachineState | undefined,
  maxAgeMs: number,
  now: number,
): ProofStanding {
  const proof = newestEndedProof(machine);
  if (proof === undefined) return { kind: 'none' };
  const passesSince = endedPasses(machine).filter(({ pass }) => pass > proof.pass).length;
  return { kind: kindOf(machine, proof, maxAgeMs, now), proof, passesSince };
}

function kindOf(
  machine: MachineState | undefined,
  proof: EndedProof,
  maxAgeMs: number,
  now: number,
): Exclude<ProofStanding['kind'], 'none'> {
  if ((machine?.replica?.at ?? 0) > proof.startedAt) return 'other-replica';
  if (proof.ended.verdict === 'failed') return 'failed';
  return isRecent(proof.ended.at, now, maxAgeMs) ? 'proven' : 'old';
}

/** True where the last proof of these very disks ended badly, and no better one came after it. */
export function bootFailed(machine: MachineState | undefined): boolean {
  const proof = newestEndedProof(machine);
  return proof?.ended.verdict === 'failed' && (machine?.replica?.at ?? 0) <= proof.startedAt;
}
