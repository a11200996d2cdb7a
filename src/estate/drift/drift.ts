import type { View } from '../../step/step.ts';
import { aroundDrift } from './around.ts';
import { domainDrift } from './domains.ts';
import { machineDrift } from './machine.ts';
import { objectDrift } from './objects.ts';
import type { Drift } from './shape.ts';

/**
 * Where the plan and what was seen last differ, at `now` (epoch ms): what stands in the way of a cutover first, then by
 * subject. Only what was seen can differ: of what nobody has looked at nothing is said here, the age of an inventory is
 * another matter. Pure.
 */
export function driftOf(view: View, now: number): Drift[] {
  const machines = Object.keys(view.plan.machines).flatMap(name => machineDrift(view, name, now));
  const rank = ({ severity }: Drift): number => (severity === 'critical' ? 0 : 1);
  return [...estateDrift(view, now), ...machines].toSorted((a, b) => rank(a) - rank(b));
}

/** What belongs to no single machine. */
export const estateDrift = (view: View, now: number): Drift[] => [
  ...domainDrift(view),
  ...objectDrift(view),
  ...aroundDrift(view, now),
];
