import type { Step, View } from '../step/step.ts';
import { proofStep } from './proof.ts';

/** A proof that is asked for, or was begun and has not ended; at most one a machine. */
export function proveSteps(view: View, machine: string): Step[] {
  const number = dueProof(view, machine) ?? unsettledProof(view, machine);
  return number === undefined ? [] : [proofStep(view, machine, number)];
}

/**
 * The number of the proof that is due or under way; undefined where none is. One that was asked for while there is no
 * complete copy, or only one of disks that were made anew since, waits for the next pass.
 */
export function dueProof({ state }: Pick<View, 'state'>, machine: string): number | undefined {
  const known = state.machines[machine];
  const proofs = known?.proofs ?? [];
  const newest = proofs.reduce((most, { proof }) => Math.max(most, proof), 0);
  const open = proofs.find(({ proof, ended }) => proof === newest && ended === undefined);
  const asked = open !== undefined || known?.proofRequested !== undefined;
  if (!asked || !hasCopy({ state }, machine)) return undefined;
  return open?.proof ?? newest + 1;
}

/** Whether there is a copy that could boot. */
export function hasCopy({ state }: Pick<View, 'state'>, machine: string): boolean {
  const known = state.machines[machine];
  const last = known?.passes.findLast(({ ended }) => ended !== undefined);
  return last !== undefined && last.pass > (known?.replica?.afterPass ?? 0);
}

/** One whose verdict is on record while its end as a step is not: listed once more, so that it is closed. */
function unsettledProof({ state }: View, machine: string): number | undefined {
  const last = state.machines[machine]?.proofs?.at(-1);
  if (last?.ended === undefined) return undefined;
  const status = state.steps[`prove/${machine}/proof-${last.proof}`]?.status;
  return status !== undefined && status !== 'done' ? last.proof : undefined;
}

/** What a proof of this machine would do, whether or not one was asked for: for --dry-run. */
export function proveOutlook(view: View, machine: string): Step[] {
  const newest = (view.state.machines[machine]?.proofs ?? []).reduce(
    (most, { proof }) => Math.max(most, proof),
    0,
  );
  return [proofStep(view, machine, dueProof(view, machine) ?? newest + 1)];
}
