import type { ErrorRecord } from '../../foundation/errors.ts';
import type { DomainFacts } from '../../journal/facts.ts';

/** What looking at a site without a plan has found: plain data, and beside it what could not be read and why. */

export interface SiteFindings {
  readonly hypervisors: readonly HypervisorFindings[];
}

export interface HypervisorFindings {
  /** Landfall's name for it. */
  readonly name: string;
  readonly address: string;
  /** False where nobody answered; the first trouble says why, and every list is empty. */
  readonly reached: boolean;
  /** Its machine-id, by which two names for one host are told; absent where it could not be read. */
  readonly hostId?: string | undefined;
  readonly version?: string | undefined;
  readonly cpus?: number | undefined;
  /** Bytes. */
  readonly memory?: number | undefined;
  readonly domains: readonly DomainFinding[];
  readonly networks: readonly NetworkFinding[];
  readonly pools: readonly PoolFinding[];
  readonly troubles: readonly Trouble[];
}

export interface DomainFinding extends DomainFacts {
  /** Addresses that libvirt knows of the guest, leases before what the host overheard; often none on a bridge. */
  readonly addresses: readonly string[];
  /** `debian 12`, as the domain's metadata have it since it was made; absent where they say nothing. */
  readonly system?: string | undefined;
  /** Whether it starts with its host; absent where libvirt did not say. */
  readonly autostart?: boolean | undefined;
  /** What all its disks wrote while it was watched, bytes per second; absent where it was not. */
  readonly writing?: { readonly bytesPerSecond: number; readonly seconds: number } | undefined;
}

export interface NetworkFinding {
  readonly name: string;
  readonly bridge?: string | undefined;
  /** `10.20.4.0/24`; only networks whose address libvirt itself manages have one. */
  readonly cidr?: string | undefined;
  /** Addresses in it that are spoken for: the host's own, and those that libvirt reserves for guests. */
  readonly taken: readonly string[];
}

export interface PoolFinding {
  readonly name: string;
  readonly path: string;
  /** Bytes. */
  readonly capacity: number;
  readonly available: number;
  /** Empty where volumes were not asked for: only the target's can be images. */
  readonly volumes: readonly VolumeFinding[];
}

export interface VolumeFinding {
  readonly name: string;
  readonly path: string;
  readonly format: string;
  /** Bytes. */
  readonly capacity: number;
  readonly allocation: number;
  /** The domain of this hypervisor that has it as a disk: such a volume is somebody's machine, not an image. */
  readonly usedBy?: string | undefined;
  /** It is an overlay of another volume: landfall's own replicas and receivers are. */
  readonly overlay: boolean;
}

/** Something that could not be read. */
export interface Trouble {
  /** `the domain web1`, `the pool default`, or the hypervisor's name. */
  readonly subject: string;
  readonly error: ErrorRecord;
}
