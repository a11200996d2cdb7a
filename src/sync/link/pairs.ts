import type { Plan } from '../../plan/schema.ts';

/** Two hypervisors between which machines of the plan travel. */
export interface LinkPair {
  readonly from: string;
  readonly to: string;
  /** A machine that travels there: its disk is read a little, and its pool at the target is written to. */
  readonly machine: string;
}

/** Every pair once, in the order of the plan. */
export function linkPairs({ machines }: Pick<Plan, 'machines'>): LinkPair[] {
  const pairs = new Map<string, LinkPair>();
  for (const [machine, { source, target }] of Object.entries(machines)) {
    const pair = { from: source.hypervisor, to: target.hypervisor, machine };
    const key = JSON.stringify([pair.from, pair.to]);
    if (!pairs.has(key)) pairs.set(key, pair);
  }
  return [...pairs.values()];
}
