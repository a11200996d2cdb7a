/**
 * What somebody has to know to bring one machine or database up again, on one sheet. Durations in ms, instants in epoch
 * ms. Pure data; texts may come from hosts.
 */
export interface RecoveryEntry {
  readonly kind: 'machine' | 'database';
  readonly name: string;
  readonly department: string;
  readonly tier: string;
  readonly priority: number;
  /** From 1; what is of one wave comes up together. */
  readonly wave: number;
  readonly role?: string;
  readonly owner?: string;
  readonly hostnames: readonly string[];
  readonly system?: string;
  /** `mia-servers 10.20.0.0/24 becomes dal-servers 10.30.0.0/16`. */
  readonly subnets: readonly string[];
  readonly addressesBefore: readonly string[];
  readonly addressesAfter: readonly string[];
  /** Of the tier; absent where the plan has no such tier. */
  readonly rpoMs?: number;
  readonly rtoMs?: number;
  readonly dependsOn: readonly string[];
  readonly neededBy: readonly string[];
  readonly actsTwice: readonly string[];
  readonly certificates: readonly string[];
  readonly dataServices: readonly string[];
  /** How one sees that it works. */
  readonly checks: readonly string[];
  /** What is not settled yet. */
  readonly open: readonly string[];
  /** `12m00s ago`, `2d 03h ago: stale`, `not looked at`. */
  readonly seen: string;
  /** A sheet outlives the moment from which an age counts. */
  readonly seenAt?: number;
  readonly stale: boolean;
}

/** What only a machine or only a database knows of itself; the rest is the same for both. */
export type OwnPart = Pick<
  RecoveryEntry,
  | 'kind'
  | 'role'
  | 'hostnames'
  | 'system'
  | 'subnets'
  | 'addressesBefore'
  | 'addressesAfter'
  | 'actsTwice'
  | 'certificates'
  | 'dataServices'
  | 'checks'
  | 'seen'
  | 'seenAt'
  | 'stale'
>;

/** Sorted as it is brought up: departments by name, in them the tiers by priority, then waves. */
export interface Recovery {
  readonly entries: readonly RecoveryEntry[];
  /** Machines and databases of the plan that somebody did not ask for. */
  readonly leftOut?: readonly string[];
}

/** Where the plan names no department. */
export const NO_DEPARTMENT = 'no department named';
