import type { DatabaseFinding, DatabaseTable, DriftItem } from '../../journal/database-facts.ts';
import type { DatabasePlan } from '../../plan/schema.ts';
import type { Role } from '../../remote/sql/statement.ts';

/** What the advice is made of; what was not measured is absent, and the forecast says so. */
export interface AdviceFacts {
  readonly plan: Pick<DatabasePlan, 'lane' | 'clone' | 'backup'>;
  readonly tables: readonly DatabaseTable[];
  readonly findings: readonly DatabaseFinding[];
  /** Of the clone; empty where there is none. */
  readonly drift: readonly DriftItem[];
  readonly distributorAt: Role;
  readonly link?: LinkMeasure;
  /** Bytes a second that the plan allows on the link. */
  readonly linkLimit?: number;
  readonly sample?: SampledDifference;
  readonly backup?: BackupMeasure;
  /** Bytes an hour that production writes into its log. */
  readonly logPerHour?: number;
  /** Until the source is lost. */
  readonly hoursLeft?: number;
}

/** Rates from here to the servers: the road of compared rows, not that of backups and of agents. */
export interface LinkMeasure {
  /** Publisher to the control machine, bytes a second. */
  readonly fromPublisher: number;
  /** Control machine to the subscriber. */
  readonly toSubscriber: number;
}

/** Tables of which a few ranges of keys were compared on both sides. */
export interface SampledDifference {
  /** Share of rows that differ, 0 to 1, every table by its rows. */
  readonly share: number;
  /** The same, every table by its bytes. */
  readonly byBytes: number;
  /** Most differences lie in the last keys, as where a clone is old; otherwise they lie everywhere. */
  readonly clustered: boolean;
  /** Rows that were compared, of how many. */
  readonly rows: number;
  readonly of: number;
  readonly tables: number;
  /** Tables that were left out: no time, or not in the clone. */
  readonly skipped: number;
}

/** What msdb tells of the last full backup. */
export interface BackupMeasure {
  /** Bytes of the file for one byte of data, as backups of this database compress. */
  readonly ratio?: number;
  /** Bytes of data a second. */
  readonly rate?: number;
  /** Minutes between two log backups. */
  readonly logEveryMinutes?: number;
}
