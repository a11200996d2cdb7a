import { get } from '../journal/maps.ts';
import type { MachineState } from '../journal/state.ts';
import { hasLogin } from '../plan/login.ts';
import { moverOf } from './mover.ts';
import type { View } from './step.ts';

/**
 * What stands at the target for a machine depends on who moves it. Files arrive in a receiver that has the replica mounted.
 * Blocks arrive in the pool: no receiver has the replica, and one is there only so that overlays of it can be fitted to the
 * target. A machine without a login is never fitted, and has none.
 */

export const hasReceiver = (view: View, machine: string): boolean =>
  moverOf(view, machine) === 'files' || hasLogin(view.plan, machine);

/** Whether the journal knows the target of a machine as built, so that passes can begin. */
export function isTargetBuilt(view: View, machine: string): boolean {
  const known = get(view.state.machines, machine);
  if (moverOf(view, machine) === 'files') return known?.receiver?.prepared !== undefined;
  return known?.replica !== undefined;
}

/** When it was, epoch ms; undefined where it is not. */
export function targetBuiltAt(view: View, machine: string): number | undefined {
  const known = get(view.state.machines, machine);
  return moverOf(view, machine) === 'files' ? known?.receiver?.prepared?.at : known?.replica?.at;
}

/** Whether disks of ours may be in the receiver: those that it was seen with, or that an attempt has left there. */
export function mayBeInReceiver({ state }: Pick<View, 'state'>, machine: string): boolean {
  const receiver: MachineState['receiver'] = get(state.machines, machine)?.receiver;
  if (receiver === undefined) return false;
  if (receiver.devices !== undefined) return Object.keys(receiver.devices).length > 0;
  return get(state.steps, `build/${machine}/attach`) !== undefined;
}

/**
 * The steps of the build that must be done before the first piece of a blocks pass is put into the replica. Only those that
 * are listed: a replica that no receiver has needs not be taken out of one.
 */
export const stepsBeforeBlocks = (view: View, machine: string): string[] => [
  `build/${machine}/replica`,
  ...(mayBeInReceiver(view, machine) ? [`build/${machine}/detach`] : []),
];
