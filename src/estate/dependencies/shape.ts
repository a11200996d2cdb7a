/** What depends on what, as far as it was seen or configured. Pure data; texts may come from hosts. */

/** Where a dependency leads. */
export type Endpoint =
  | { readonly kind: 'machine'; readonly name: string }
  | { readonly kind: 'database'; readonly name: string }
  /** Known to the plan as something that landfall does not move (`external`). */
  | { readonly kind: 'external'; readonly name: string; readonly address: string }
  /** In neither; `atSource`: its address lies in a network of the source site, so it will be gone. */
  | { readonly kind: 'unknown'; readonly address: string; readonly atSource: boolean };

export type Via =
  | 'plan'
  | 'socket'
  | 'share'
  | 'dns'
  | 'ntp'
  | 'ldap'
  | 'kerberos'
  | 'smtp'
  | 'proxy'
  | 'syslog'
  | 'iscsi'
  | 'upstream'
  | 'address-in-file'
  | 'static-name'
  | 'linked-server'
  | 'cross-database'
  | 'replication';

export interface Dependency {
  /** A machine or a database of the plan. */
  readonly from: string;
  readonly to: Endpoint;
  readonly via: Via;
  readonly port?: number;
  /** Where it was seen, one sentence each, newest first: `nginx to 10.1.0.9:5432, in 4 of 12 looks`. */
  readonly evidence: readonly string[];
  readonly seenAt: number;
}

/** A dependency that somebody has to settle before the cutover: put it into the plan, or waive it. */
export interface DependencyFinding {
  /** Stable across runs: `depends-10.1.0.9-5432`. */
  readonly check: string;
  readonly subject: string;
  /** `soon-dead`: it goes down with the source site. */
  readonly kind: 'unknown' | 'soon-dead' | 'lost';
  readonly what: string;
  readonly why: string;
  readonly evidence: readonly string[];
  readonly next: readonly string[];
  readonly seenAt: number;
}

export interface OrderContradiction {
  /** Comes earlier in the plan's order although it needs `needs`. */
  readonly subject: string;
  readonly needs: string;
  readonly why: string;
  /** The lines that would set it right: `machines.web1.after: [db1]`. */
  readonly next: readonly string[];
}

export interface Dependencies {
  readonly edges: readonly Dependency[];
  readonly findings: readonly DependencyFinding[];
  /** Waves, first first: databases before applications before front ends. What stands in a circle is in one wave. */
  readonly order: readonly (readonly string[])[];
  readonly circles: readonly (readonly string[])[];
  readonly contradictions: readonly OrderContradiction[];
}
