/** Where plan and reality, or two inventories, differ. Pure data; texts may come from hosts. */

export interface Drift {
  /** Stable across runs: `unlisted-domain:legacy-cron`. */
  readonly id: string;
  readonly kind:
    | 'unlisted-domain'
    | 'domain-gone'
    | 'disk-added'
    | 'disk-removed'
    | 'disk-resized'
    | 'address-changed'
    | 'network-gone'
    | 'bridge-gone'
    | 'pool-gone'
    | 'credential'
    | 'ttl'
    | 'changed'
    | 'certificate'
    | 'job'
    /** Of the source, and what it has does not go with a copy: devices of the host, snapshots. */
    | 'passthrough'
    | 'snapshots'
    /** The processors of a target lack something that those of a source have. */
    | 'processor';
  /** The machine, the database, the hypervisor, or the name of the plan. */
  readonly subject: string;
  /** `critical` stands in the way of a cutover. */
  readonly severity: 'critical' | 'warning';
  readonly what: string;
  readonly why: string;
  readonly evidence: readonly string[];
  readonly next: readonly string[];
  readonly seenAt: number;
}
