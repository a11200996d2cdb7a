import { get } from '../journal/maps.ts';
import type { View } from '../step/step.ts';
import { isSourceLost } from './in-cutover.ts';

/** Whether the SQL Server that a database comes from runs on this very machine of the plan. */
export function isPublisherOf({ plan, state }: View, machine: string, database: string): boolean {
  const address = get(plan.databases, database)?.publisher.address;
  const own = [
    get(plan.machines, machine)?.source.address,
    ...(get(state.machines, machine)?.observed?.guest.addresses ?? []),
  ];
  return address !== undefined && own.some(each => each?.split('/')[0] === address);
}

/**
 * Whether nobody is there any more who could let go of the copy, so that it is opened with what has arrived: the source was
 * lost behind the line, or production went off with the machine that it ran on, drained before.
 */
export function isOpenedAlone(view: View, database: string): boolean {
  if (isSourceLost(view.state)) return true;
  return Object.entries(view.state.cutover?.machines ?? {}).some(
    ([machine, { poweredOff }]) => poweredOff?.offAt !== undefined && isPublisherOf(view, machine, database),
  );
}
