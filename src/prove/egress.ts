import { isIP } from 'node:net';
import type { View } from '../step/step.ts';

/** More would only take longer: each address is tried in four ways. */
const TRIED = 16;

/**
 * Addresses that a copy must not reach: the routers that it or the plan names, the hypervisors, and every other machine
 * of the plan at both sites. Literal ones only: a name would have to be asked of somebody. The copy leaves out what is
 * its own and adds the name servers of its own configuration.
 */
export function egressTargets({ plan, state }: View, machine: string): string[] {
  const guest = state.machines[machine]?.observed?.guest;
  const others = Object.entries(plan.machines).filter(([name]) => name !== machine);
  const all = [
    ...(guest?.network ?? []).map(({ gateway }) => gateway),
    ...Object.values(plan.networks).map(({ gateway }) => gateway),
    ...Object.values(plan.hypervisors).map(({ address }) => address),
    ...others.flatMap(([, { source, target }]) => [source.address, target.address]),
    ...Object.values(plan.databases).flatMap(({ publisher, subscriber }) => [
      publisher.address,
      subscriber.address,
    ]),
  ];
  const literal = all.filter(each => each !== undefined && isIP(each) !== 0 && !/^(?:127\.|::1$)/.test(each));
  return [...new Set(literal)].filter(each => each !== undefined).slice(0, TRIED);
}
