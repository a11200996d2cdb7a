import type { Step, View } from '../step/step.ts';
import { accessStep } from './access.ts';
import { prepareStep } from './prepare.ts';
import { receiverStep } from './receiver.ts';
import { replicaStep } from './replica.ts';

/** From nothing to a mounted, seeded replica at the target: four steps a machine, each needing the one before. */
export function buildSteps({ plan }: View, machine: string): Step[] {
  return [
    replicaStep(plan, machine),
    receiverStep(plan, machine),
    accessStep(plan, machine),
    prepareStep(plan, machine),
  ];
}

export {
  evacuationOf,
  receiverDomain,
  receiverHost,
  receiverVolume,
  replicaPath,
  replicaVolume,
  runtimeDirectory,
} from './names.ts';
