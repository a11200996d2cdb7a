import { isInNetwork } from '../../foundation/ip.ts';
import { onSource } from '../by-hand.ts';
import { own } from '../copy.ts';
import type { GateFacts } from '../gate.ts';
import type { MachineSubject } from './subject.ts';

/** Where each NIC lands at the target, and whether the addresses of the plan belong there. */
export function network(subject: MachineSubject): GateFacts {
  const { plan, wanted, name, machine } = subject;
  const observed = machine?.observed;
  const wrong = addressesElsewhere(subject);
  const landings = landingsOf(subject);
  const lost = landings.filter(({ is }) => is === 'unmapped');
  return {
    check: 'network',
    title: 'Every network card has its network at the target, and the addresses belong there',
    severity: wrong.length > 0 || observed === undefined ? 'critical' : 'warning',
    verdict:
      wrong.length > 0
        ? 'fail'
        : observed === undefined
          ? 'unproven'
          : lost.length > 0 || landings.length === 0
            ? 'fail'
            : 'pass',
    evidence: [
      ...wrong,
      ...(observed === undefined
        ? ['nothing is recorded about its network cards']
        : landings.length === 0
          ? ['its domain has no network card']
          : landings.map(({ words }) => words)),
    ],
    evidenceAt: observed?.at,
    checkByHand: onSource(plan, wanted, ['ip', '-o', 'addr']),
    remedy:
      wrong.length > 0
        ? [`correct the address in machines.${name} of the plan, or the cidr of its network`]
        : lost.length > 0
          ? lost.map(
              ({ from }) =>
                `name in the plan the network at the target that replaces "${from}" (networks.*.replaces)`,
            )
          : ['take the inventory: landfall inventory <the plan file>'],
    costOfIgnoring: 'the copy runs on a network where nobody reaches it',
  };
}

interface Landing {
  readonly from: string;
  readonly is: 'mapped' | 'only-one' | 'unmapped';
  readonly words: string;
}

/** One a NIC, by the same rule by which the standby is defined: what nothing replaces goes to the network of the target. */
function landingsOf({ plan, wanted, machine }: MachineSubject): Landing[] {
  const nics = machine?.observed?.domain.interfaces ?? [];
  const fallback = own(plan.networks, wanted.target.network)?.libvirt ?? wanted.target.network;
  const isSite = (site: string, role: 'source' | 'target'): boolean => own(plan.sites, site)?.role === role;
  const networks = Object.entries(plan.networks);
  return nics.map(({ mac, network: from }): Landing => {
    const [known] = networks.find(([, each]) => each.libvirt === from && isSite(each.site, 'source')) ?? [];
    const target = networks.find(([, { replaces }]) => known !== undefined && replaces === known)?.[1];
    if (target !== undefined)
      return { from, is: 'mapped', words: `NIC ${mac}: ${from} becomes ${target.libvirt}` };
    const words = `NIC ${mac}: no network of the plan replaces ${from || 'its unnamed network'}, so it lands on ${fallback}`;
    // With a single card there is no other place where it could belong.
    return { from, is: nics.length === 1 ? 'only-one' : 'unmapped', words };
  });
}

/** Addresses at the target that cannot be in the network in which they are said to be. */
function addressesElsewhere({ plan, wanted }: MachineSubject): string[] {
  const cidrs = Object.values(plan.networks).flatMap(each =>
    own(plan.sites, each.site)?.role === 'target' && each.cidr !== undefined ? [each.cidr] : [],
  );
  const cidr = own(plan.networks, wanted.target.network)?.cidr;
  const { address_after: after } = wanted;
  return [
    ...(cidr !== undefined && isInNetwork(wanted.target.address, cidr) === false
      ? [`target.address ${wanted.target.address} is not in ${cidr}, the network ${wanted.target.network}`]
      : []),
    ...(after !== undefined && cidrs.length > 0 && cidrs.every(each => isInNetwork(after, each) === false)
      ? [`address_after ${after} is in no network of the target (${cidrs.join(', ')})`]
      : []),
  ];
}
