import { moverOf } from '../step/mover.ts';
import { hasReceiver, mayBeInReceiver } from '../step/receiver.ts';
import type { Step, View } from '../step/step.ts';
import { accessStep } from './receiver/access.ts';
import { attachStep } from './receiver/attach.ts';
import { detachStep } from './receiver/detach.ts';
import { receiverStep } from './receiver/receiver.ts';
import { prepareStep } from './replica/prepare.ts';
import { replicaStep } from './replica/replica.ts';
import { standbyStep } from './standby/step.ts';

/**
 * From nothing to what passes can begin with: the steps of a machine, each needing the one before. Files need a mounted,
 * seeded replica in a receiver; blocks need its volumes alone, and a receiver without it, in which overlays are fitted.
 */
export function buildSteps(view: View, machine: string): Step[] {
  const { plan } = view;
  const disks = [replicaStep(plan, machine), standbyStep(plan, machine)];
  const receiver = [...disks, receiverStep(plan, machine), accessStep(plan, machine)];
  if (moverOf(view, machine) === 'files')
    return [...receiver, attachStep(plan, machine), prepareStep(plan, machine)];
  if (mayBeInReceiver(view, machine)) return [...receiver, detachStep(plan, machine)];
  return hasReceiver(view, machine) ? receiver : disks;
}

export { heldUnits } from './finalize/hold.ts';
export { movedAddress } from './finalize/network/moved.ts';
export { fixupActions, performFixups } from './finalize/perform.ts';
export { planFixups } from './finalize/plan.ts';
export { readTree, readTreeAction, type Tree } from './finalize/tree.ts';
export { type FinalizeWish, type NetworkMove, networkMoves, type ProofWish } from './finalize/wish.ts';
export { copiedMounts, stepsBeforeBoot, unfitted } from './fitted.ts';
export {
  beginningOf,
  evacuationOf,
  proofDomainName,
  REPLICA_ROOT,
  receiverConsole,
  receiverDomain,
  receiverHost,
  receiverMac,
  receiverVolume,
  replicaPath,
  replicaVolume,
  runtimeDirectory,
} from './names.ts';

/**
 * The replica out of the running receiver, overlays in, and back (receiver/exchange.ts). A step that uses them lists
 * `takeOutActions` and `putInActions` in its preview, needs `build/M/prepare`, and holds the resource `replica:M`.
 *
 *   await takeOut(context, machine, signal);
 *   await putIn(context, machine, overlays, signal);                 // mounted at /mnt/t
 *   await takeOut(context, machine, signal);
 *   await putIn(context, machine, replicaVolumes(context, machine) ?? [], signal);
 */
export type { ReceiverVolume } from './receiver/disk-xml.ts';
export { putIn, putInActions, takeOut, takeOutActions } from './receiver/exchange.ts';
export { endLeftCopy, leftCopyActions } from './receiver/left-copy.ts';
/** The parts of it, where a step needs them apart. */
export { plug, plugActions, replicaVolumes, unplug, unplugActions } from './receiver/plug.ts';
export { mountActions, mountReplica, unmountActions, unmountReplica } from './replica/mounting.ts';
/** A volume as a pool shows it; undefined where it has none of that name. */
export { findVolume } from './replica/volumes.ts';
/** The target hypervisor, after it has proved which host it is; and what the plan says of a machine's target. */
export { type Target, targetHypervisor, targetOf } from './site.ts';
export { nvramPath } from './standby/firmware.ts';
export { islandXml, isOwnIsland } from './standby/island.ts';
/** The standby as it runs at a cutover, and on what a domain stands. */
export { type DiskUse, disksInUse, type LiveDomain, liveDomain } from './standby/live-domain.ts';
export { type Found as FoundDomain, isOwn, type Owner, readMark } from './standby/mark.ts';
export { type ProofDomainWish, proofDomain } from './standby/proof-domain.ts';
export { type Retargeted, retarget } from './standby/retarget.ts';
export { parseScreen, screenTextArgv } from './standby/screen.ts';
export { standbyStep } from './standby/step.ts';
export { type WantedStandby, wantedStandby } from './standby/wanted.ts';
export type { DiskPlace, NetworkMap, RetargetWish } from './standby/wish.ts';
