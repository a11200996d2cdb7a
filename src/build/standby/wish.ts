import type { VirtualizationFacts } from '../../journal/facts.ts';
import type { HypervisorPlan } from '../../plan/schema.ts';
import type { XmlElement } from './xml-tree.ts';

/** A volume at the target; the path is what its pool says, and decides how a domain names it. */
export interface DiskPlace {
  readonly pool: string;
  readonly volume: string;
  readonly path: string;
}

/** Where the NICs of the source are plugged at the target. */
export interface NetworkMap {
  /** libvirt's name of a network or bridge at the source -> its name at the target. */
  readonly replaced: Readonly<Record<string, string>>;
  /** For a network that the plan says nothing of. */
  readonly otherwise: string;
  /** libvirt's networks at the target; a name that is none of them is a bridge. */
  readonly known: readonly string[];
}

/** What a standby is made for. */
export interface RetargetWish {
  readonly evacuation: string;
  /** When the evacuation began, as its objects bear it. */
  readonly begun: string;
  readonly machine: string;
  readonly virtualization: VirtualizationFacts;
  /** What the plan says of the target: on what new domains run. */
  readonly virt: HypervisorPlan['virt'];
  /** The replica's volumes by the source's disk: vda. */
  readonly disks: Readonly<Record<string, DiskPlace>>;
  readonly networks: NetworkMap;
}

export interface Rewritten {
  readonly domain: XmlElement;
  /** What was changed, one plain sentence each. */
  readonly changes: readonly string[];
}

/** One concern of the rewriting. What a rule does not speak of, it leaves alone. */
export type Rule = (domain: XmlElement, wish: RetargetWish) => Rewritten;

/** The kind of domain that the target runs: `kvm` where it is offered, unless the plan asks for emulation. */
export function domainType({ virt, virtualization }: Pick<RetargetWish, 'virt' | 'virtualization'>): string {
  if (virt !== 'auto') return virt;
  return virtualization.types.find(type => type === 'kvm') ?? virtualization.types[0] ?? 'kvm';
}
