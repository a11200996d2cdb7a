import type { LandfallError } from '../../foundation/errors.ts';
import type { Lane, Marker } from '../../journal/database-facts.ts';
import type { AgentRow, ErrorRow, QueueRow, TracerRow } from './ask-distributor.ts';
import type { ProductionRow } from './ask-publisher.ts';

/** An answer, or why there is none. A server that is away is a fact about it, not a failure of the look. */
export type Answer<T> =
  | { readonly answered: true; readonly value: T }
  | { readonly answered: false; readonly error: LandfallError };

/** How log shipping stands: the newest log that the copy has. */
export interface Shipped {
  /** Epoch ms in UTC: everything that committed before it is in that log. */
  readonly upTo: number;
  readonly lastLsn: string;
  readonly restoredAt: number;
  /** `RESTORING`, `ONLINE` (read only) … */
  readonly state: string;
}

/** How change tracking stands. */
export interface Followed {
  /** The least of all tables. */
  readonly version: string;
  readonly tables: number;
  /** Tables that have not been copied yet, or have to be copied again. */
  readonly behind: readonly string[];
}

/** What one look brought, by the server that answered. Absent where it was not asked. */
export interface Observation {
  readonly lane: Lane;
  /** Control machine's clock, epoch ms. */
  readonly now: number;
  readonly production: Answer<ProductionRow>;
  readonly written?: Answer<Marker>;
  readonly arrived: Answer<Marker | undefined>;
  /** Transactions before the log reader. */
  readonly waiting?: Answer<number>;
  readonly agents?: Answer<readonly AgentRow[]>;
  readonly tracers?: Answer<readonly TracerRow[]>;
  readonly pending?: Answer<number>;
  readonly errors?: Answer<readonly ErrorRow[]>;
  readonly queue?: Answer<QueueRow>;
  readonly shipped?: Answer<Shipped | undefined>;
  readonly followed?: Answer<Followed | undefined>;
}

export const known = <T>(answer: Answer<T> | undefined): T | undefined =>
  answer?.answered === true ? answer.value : undefined;
