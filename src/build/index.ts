import type { Step, View } from '../step/step.ts';
import { accessStep } from './receiver/access.ts';
import { receiverStep } from './receiver/receiver.ts';
import { prepareStep } from './replica/prepare.ts';
import { replicaStep } from './replica/replica.ts';

/** From nothing to a mounted, seeded replica at the target: four steps a machine, each needing the one before. */
export function buildSteps({ plan }: View, machine: string): Step[] {
  return [
    replicaStep(plan, machine),
    receiverStep(plan, machine),
    accessStep(plan, machine),
    prepareStep(plan, machine),
  ];
}

export { heldUnits } from './finalize/hold.ts';
export { fixupActions, performFixups } from './finalize/perform.ts';
export { planFixups } from './finalize/plan.ts';
export { readTree, readTreeAction, type Tree } from './finalize/tree.ts';
export { type FinalizeWish, type NetworkMove, networkMoves, type ProofWish } from './finalize/wish.ts';
export {
  evacuationOf,
  receiverDomain,
  receiverHost,
  receiverVolume,
  replicaPath,
  replicaVolume,
  runtimeDirectory,
} from './names.ts';
