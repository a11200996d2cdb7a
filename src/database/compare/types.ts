import type { Clock } from '../../foundation/clock.ts';
import type { TableColumn } from '../../journal/database-facts.ts';
import type { SqlSession } from '../../remote/sql/server.ts';
import type { Role } from '../../remote/sql/statement.ts';

/** One of the two databases that are compared: the left one is the truth, and may be a database snapshot. */
export interface Side {
  /** A connection of its own, kept for the whole comparison; isolation level and transaction are its owner's. */
  readonly session: SqlSession;
  readonly role: Role;
  readonly database: string;
}

/** A key as lossless texts (`canonical`), one a column of `DatabaseTable.key`, in that order. */
export type Key = readonly string[];

/** Keys after `from` up to and with `to`, in the left server's order; without an end it is open there. */
export interface KeyRange {
  readonly from?: Key;
  readonly to?: Key;
}

/** What the copy lacks, has too much, or has otherwise than the truth. */
export interface Difference {
  readonly kind: 'missing' | 'extra' | 'different';
  readonly key: Key;
}

export interface RangeVerdict extends KeyRange {
  readonly rowsLeft: number;
  readonly rowsRight: number;
  readonly equal: boolean;
  readonly differences: readonly Difference[];
}

/** Of a table that has no key: only whether the two hold the same rows, as often each. */
export interface WholeVerdict {
  readonly rowsLeft: number;
  readonly rowsRight: number;
  readonly equal: boolean;
}

export interface CompareOptions {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Cores a read of the left side may take; without it the server decides. */
  readonly maxdop?: number;
  /** Pause between two reads of the left side. */
  readonly pauseMs?: number;
  /** How long a read waits for a lock, on both sides; it ends with 1222 then. Without it: as the sessions have it. */
  readonly lockTimeoutMs?: number;
  /** Rows of a range, as the left side has them: 20 000 by default. */
  readonly rangeRows?: number;
  /** Only this part of the table: `from` is where an earlier comparison stopped. */
  readonly within?: KeyRange;
  /** Columns of the right table where they are not those of the left one (another collation, a wider type). */
  readonly rightColumns?: readonly TableColumn[];
  /** Rows of the left side that are done, all in all. */
  readonly onProgress?: (rows: number) => void;
}
