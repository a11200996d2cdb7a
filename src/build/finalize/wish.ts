import type { DomainFacts, GuestFacts } from '../../journal/facts.ts';
import type { Plan } from '../../plan/schema.ts';

/** What the fix-ups of a copied system are made from, besides the tree itself. */
export interface FinalizeWish {
  /** The source as the inventory saw it: the copy has to come up as that. */
  readonly guest: GuestFacts;
  readonly domain: DomainFacts;
  /** True where the standby has the source's machine type and PCI addresses, so that interfaces keep their names. */
  readonly topologyKept: boolean;
  /** Where addresses go; looked at only for a cutover, because a proof is isolated. */
  readonly moves: readonly NetworkMove[];
  readonly purpose: 'proof' | 'cutover';
  /** Present if and only if the purpose is a proof. */
  readonly proof?: ProofWish;
}

export interface ProofWish {
  /** The word that only this boot can say: letters, digits and dashes. */
  readonly nonce: string;
  /** Units that must not start in the copy, as `heldUnits` lists them. */
  readonly hold: readonly string[];
  /** POSIX sh, run as root when the copy has come up; what it prints goes to the second serial line. */
  readonly script: string;
  /** The script is ended after so long; default 300. */
  readonly scriptSeconds?: number;
}

/** A network of the source and the one that replaces it at the target. */
export interface NetworkMove {
  /** Names in the plan. */
  readonly source: string;
  readonly target: string;
  /** `10.20.0.0/24` each. */
  readonly from: string;
  readonly to: string;
  /** Its router at the target, where the plan names it. */
  readonly gateway?: string;
}

/** Every pair of networks of which the plan knows both address ranges; equal ones mean that addresses stay. */
export function networkMoves(plan: Pick<Plan, 'networks'>): NetworkMove[] {
  return Object.entries(plan.networks).flatMap(([target, network]) => {
    const source = network.replaces;
    const from = source === undefined ? undefined : plan.networks[source]?.cidr;
    if (source === undefined || from === undefined || network.cidr === undefined) return [];
    const gateway = network.gateway === undefined ? {} : { gateway: network.gateway };
    return [{ source, target, from, to: network.cidr, ...gateway }];
  });
}
