import { BlockList, isIP, isIPv4 } from 'node:net';
import { movedAddress, targetOf } from '../../build/index.ts';
import { get } from '../../journal/maps.ts';
import type { Plan } from '../../plan/schema.ts';
import type { Argv, Host } from '../../remote/host.ts';
import type { StepContext, View } from '../../step/step.ts';
import { interfaceAddresses } from '../../tools/libvirt-network.ts';
import { askVirsh } from '../../tools/virsh.ts';
import { handleOf, observedOf } from './hands.ts';

/** Where a running standby is reached, as far as the target hypervisor can tell. */

/** The ways to ask, the most certain first. The guest agent is not asked over the read-only socket. */
export function locateCommands(view: View, machine: string): Argv[] {
  const site = targetOf(view.plan, machine);
  const observed = get(view.state.machines, machine)?.observed;
  if (observed === undefined) return [];
  const name = handleOf(observed);
  return [
    site.write('domifaddr', name, '--source', 'agent'),
    site.read('domifaddr', name, '--source', 'lease'),
    site.read('domifaddr', name, '--source', 'arp'),
  ];
}

/** The address to use, or undefined where nobody has told one yet. A silent agent is a guest that still boots. */
export async function locate(
  context: StepContext,
  host: Host,
  machine: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const argv of locateCommands(context, machine)) {
    const answer = await askVirsh(host, argv, { signal });
    const best = answer.ok ? bestOf(context, machine, interfaceAddresses(answer.text)) : undefined;
    if (best !== undefined) return best;
  }
  return undefined;
}

/**
 * Of several addresses the one that the plan lets expect, then one of the target's network, then the first: a guest
 * with containers tells of their bridges, too.
 */
export function bestOf(view: View, machine: string, addresses: readonly string[]): string | undefined {
  const usable = addresses.filter(address => !/^(?:127\.0\.0\.|::1$)/.test(address));
  const expected = expectedAddresses(view, machine);
  return (
    usable.find(address => expected.includes(address)) ??
    usable.find(address => isInNetwork(view.plan, machine, address)) ??
    usable.find(address => isIPv4(address)) ??
    usable[0]
  );
}

/** The source's own addresses, as they are at the target. */
function expectedAddresses(view: View, machine: string): string[] {
  const own = [
    view.plan.machines[machine]?.source.address ?? '',
    ...observedOf(view, machine).guest.addresses,
  ];
  return own.map(address => {
    const bare = address.split('/')[0] ?? '';
    return movedAddress(view.plan, bare) ?? bare;
  });
}

function isInNetwork(plan: Plan, machine: string, address: string): boolean {
  const network = plan.machines[machine]?.target.network;
  const cidr = network === undefined ? undefined : plan.networks[network]?.cidr;
  const [base = '', length = ''] = cidr?.split('/') ?? [];
  const family = isIP(base);
  if (family === 0 || isIP(address) !== family) return false;
  const list = new BlockList();
  const kind = family === 4 ? 'ipv4' : 'ipv6';
  list.addSubnet(base, Number(length), kind);
  return list.check(address, kind);
}
