import { get } from '../journal/maps.ts';
import { hasLogin } from '../plan/login.ts';
import { moverOf } from '../step/mover.ts';
import type { View } from '../step/step.ts';
import { stepId } from './names.ts';
import { plannedLayout } from './replica/observe.ts';

/**
 * Why no fix-ups are made in overlays of this replica: what boots then is the source as it is, byte by byte. Undefined where
 * they are made: landfall knows the system, and a receiver can mount what is on its disks.
 */
export function unfitted(view: View, machine: string): string | undefined {
  if (moverOf(view, machine) === 'files') return undefined;
  if (!hasLogin(view.plan, machine))
    return 'nobody logs in to this machine, so that nothing can be fitted to the target in its copy';
  if (get(view.state.machines, machine)?.observed === undefined) return undefined;
  return plannedLayout(view, machine) === undefined
    ? 'no receiver can mount what is on its disks, so that nothing can be fitted to the target in its copy'
    : undefined;
}

/** The steps of the build that must be done before overlays of the replica can boot. */
export function stepsBeforeBoot(view: View, machine: string): string[] {
  const standby = stepId(machine, 'standby');
  if (moverOf(view, machine) === 'files') return [stepId(machine, 'prepare'), standby];
  return unfitted(view, machine) === undefined ? [stepId(machine, 'access'), standby] : [standby];
}

/** Mount points of the source whose bytes are in the replica. Blocks bring whole disks, whatever a receiver has mounted. */
export function copiedMounts(view: View, machine: string): string[] {
  const known = get(view.state.machines, machine);
  const mounts =
    moverOf(view, machine) === 'files'
      ? known?.receiver?.prepared?.mounts
      : known?.observed?.guest.fileSystems;
  return (mounts ?? []).map(({ mountpoint }) => mountpoint);
}
