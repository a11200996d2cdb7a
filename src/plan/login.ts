import type { Plan } from './schema.ts';

/**
 * Whether landfall may log in to a machine. Where it may not (Windows, appliances) only its hypervisor is asked: the
 * machine travels by blocks, has no receiver, and no fix-ups are made in its copy. A name that the plan does not know has
 * none.
 */
export const hasLogin = ({ machines }: Pick<Plan, 'machines'>, machine: string): boolean =>
  Object.hasOwn(machines, machine) && machines[machine]?.source.login === true;
