import { BlockList, isIP } from 'node:net';
import type { Plan } from '../../plan/schema.ts';

/** The address that a receiver is to have, and what an interface needs for it. */
export interface StaticAddress {
  readonly address: string;
  /** Length of the network's prefix: 24. */
  readonly prefix: number;
  readonly gateway: string | undefined;
}

/**
 * From the plan: a literal address at port 22 inside the `cidr` of the target network. Undefined where landfall cannot
 * know better than DHCP: a name, a port forward, a network without `cidr`, an address outside it.
 */
export function staticAddress(plan: Plan, machine: string): StaticAddress | undefined {
  const target = plan.machines[machine]?.target;
  const network = target === undefined ? undefined : plan.networks[target.network];
  const [base, length] = network?.cidr?.split('/') ?? [];
  if (target === undefined || base === undefined || length === undefined) return undefined;
  const family = isIP(target.address);
  if (family === 0 || family !== isIP(base) || target.port !== 22) return undefined;
  const kind = family === 4 ? 'ipv4' : 'ipv6';
  const within = new BlockList();
  within.addSubnet(base, Number(length), kind);
  if (!within.check(target.address, kind)) return undefined;
  return { address: target.address, prefix: Number(length), gateway: network?.gateway };
}
