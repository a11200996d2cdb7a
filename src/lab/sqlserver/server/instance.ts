import type { Clock, Random } from '../../../foundation/clock.ts';
import type { JobAgent } from '../agent/subsystem.ts';
import type { Catalog } from '../catalog/schema.ts';
import type { SystemFunctions } from '../functions/function.ts';
import type { Snapshot, Store } from '../storage/store.ts';
import type { SystemProcedure } from '../system/procedure.ts';
import type { SystemView } from '../system/view.ts';
import type { Principals } from './principals.ts';
import type { ProductFacts } from './product.ts';
import type { Listener } from './requests.ts';

/** One SQL Server of the double, as everything inside it sees it. */
export interface Instance extends Listener {
  /** `@@SERVERNAME`: what replication calls it by. */
  readonly name: string;
  readonly product: ProductFacts;
  readonly clock: Clock;
  readonly random: Random;
  /** Where it listens. */
  readonly host: string;
  readonly port: number;
  /** The secret of its domain: agents log in to other servers of the same one as the account of SQL Server Agent. */
  readonly trust: string;
  /** How fast replication agents are; a test and a rehearsal change it while they run. */
  readonly pace?: AgentPace;
  /** What statements may hold in memory; without it the double's own limits. */
  readonly memory?: MemoryLimits;
  /** Where its files are: `data/`, `backup/`, `repldata/`. */
  readonly directory: string;
  /** By lower-case name, in the order of database_id. */
  readonly databases: ReadonlyMap<string, Database>;
  readonly principals: Principals;
  /** Name and running value of sp_configure's options. */
  readonly configuration: Configuration;
  readonly sessions: ReadonlyMap<number, SessionFacts>;
  /** What the rooms of the double bring: by lower-case name, procedures also by `database..name` where one has its own. */
  readonly system: SystemObjects;
  /** Other servers by name, as linked servers and agents reach them: address and port on loopback. */
  readonly servers: Servers;
  /** SQL Server Agent; set once by whoever makes the instance, absent in Express. */
  agent?: JobAgent;
  /** Long work of sessions and agents, for sys.dm_exec_requests. */
  createDatabase(options: NewDatabase): Database;
  /** What RESTORE does to databases; the double's own server has it. */
  readonly restoring?: Restoring;
  /** To be called with each request: cleanup of change tracking. */
  housekeep?(): void;
  attachDatabase(database: Database): void;
  dropDatabase(name: string): void;
  /** A database whose store is to be replaced: shut and in the state RESTORING; made where there is none of this name. */
  prepareRestore(wanted: NewDatabase): RestoreTarget;
  /**
   * Runs a batch as `sa` in a session of its own; the rows of its last result. For agents and the double's own set-up.
   * `signal` cancels it; `application` is what sys.dm_exec_sessions shows as its program.
   */
  run(
    database: string,
    text: string,
    options?: { readonly signal?: AbortSignal; readonly application?: string },
  ): Promise<readonly (readonly unknown[])[]>;
  close(): Promise<void>;
}

/** Bytes, as they are estimated. What a query has no room for goes to disk, or it ends with 701. */
export interface MemoryLimits {
  /** What joins, sorts, groups and sets of one statement keep. */
  readonly statement: number;
  /** All statements of a server together. */
  readonly server: number;
}

/** Milliseconds; mutable. */
export interface AgentPace {
  /** Between two looks of an agent that found nothing. */
  pollingMs: number;
  /** How old a transaction must be before the log reader, and before the distribution agent, takes it. */
  logReaderDelayMs: number;
  distributionDelayMs: number;
}

export interface SystemObjects {
  readonly procedures: ReadonlyMap<string, SystemProcedure>;
  /** By lower-case `schema.name`. */
  readonly views: ReadonlyMap<string, SystemView>;
  readonly functions: SystemFunctions;
}

export interface Servers {
  find(name: string): ServerAddress | undefined;
  add(server: ServerAddress): void;
  remove(name: string): void;
  all(): readonly ServerAddress[];
}

export interface ServerAddress {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

export interface Configuration {
  /** sp_configure's `run_value`; undefined where there is no such option. */
  value(name: string): number | undefined;
  options(): readonly ConfigurationOption[];
  /** Takes effect with RECONFIGURE. */
  set(name: string, value: number): void;
  reconfigure(): void;
}

export interface ConfigurationOption {
  readonly id: number;
  readonly name: string;
  readonly minimum: number;
  readonly maximum: number;
  readonly configured: number;
  readonly running: number;
  readonly dynamic: boolean;
  readonly advanced: boolean;
  readonly description: string;
}

export interface Database {
  readonly id: number;
  readonly name: string;
  readonly created: number;
  readonly collation: string;
  readonly snapshotOf?: Database;
  /** Of a database snapshot; of all others the store gives them. */
  readonly snapshot?: Snapshot;
  /** undefined while it is being restored or offline: 927, 942. */
  readonly store: Store | undefined;
  readonly catalog: Catalog;
  readonly files: readonly DatabaseFile[];
  /** Settings that ALTER DATABASE changes; mutable, kept in master. */
  readonly options: DatabaseOptions;
  /** GUIDs of sys.database_recovery_status: a backup of another branch has another fork. */
  readonly family: string;
  readonly recoveryFork: string;
}

/** A database while RESTORE works on it. */
export interface RestoreTarget extends Database {
  /** Path of its store file; nothing may be done to it while the store is open. */
  readonly path: string;
  family: string;
  recoveryFork: string;
  files: readonly DatabaseFile[];
  collation: string;
  open(): void;
  shut(): void;
}

export interface DatabaseFile {
  readonly id: number;
  readonly logicalName: string;
  readonly physicalName: string;
  readonly type: 'ROWS' | 'LOG';
}

export interface DatabaseOptions {
  owner: Uint8Array;
  state: 'ONLINE' | 'RESTORING' | 'OFFLINE' | 'SUSPECT';
  recovery: 'SIMPLE' | 'FULL' | 'BULK_LOGGED';
  compatibility: number;
  readOnly: boolean;
  access: 'MULTI_USER' | 'RESTRICTED_USER' | 'SINGLE_USER';
  snapshotIsolation: boolean;
  readCommittedSnapshot: boolean;
  /** undefined where change tracking is off. */
  changeTracking: { retentionMinutes: number; autoCleanup: boolean } | undefined;
  published: boolean;
  subscribed: boolean;
  distributor: boolean;
  syncWithBackup: boolean;
  trustworthy: boolean;
  broker: boolean;
  /** All others by upper-case name: kept, reported, not acted on. */
  readonly others: Map<string, number | string>;
}

/** A database and its store file while nobody has it open. */
export interface Restoring {
  /** A new database in state RESTORING without a store (1801 where the name is taken, 1802 where a file is). */
  create(wanted: NewDatabase): Database;
  /** Where the store file of a database is: to be written while it is shut. */
  path(database: Database): string;
  /** Closes the store; the state is the caller's to set. */
  shut(database: Database): void;
  /** Opens the store from its file; sets nothing else. */
  open(database: Database): void;
  /** What a restored database takes over from its backup. */
  identify(
    database: Database,
    facts: {
      readonly family?: string;
      readonly recoveryFork?: string;
      readonly files?: readonly DatabaseFile[];
    },
  ): void;
}

export interface NewDatabase {
  readonly name: string;
  readonly collation?: string;
  readonly files?: readonly {
    readonly logicalName: string;
    readonly physicalName: string;
    readonly type: 'ROWS' | 'LOG';
  }[];
  readonly owner?: Uint8Array;
}

/** What others may know of a session: sys.dm_exec_sessions, sys.dm_exec_requests. */
export interface SessionFacts {
  readonly id: number;
  readonly login: string;
  readonly host: string;
  readonly application: string;
  readonly encrypted?: boolean;
  readonly started: number;
  readonly database: Database;
  readonly user: boolean;
  readonly openTransactions: number;
  readonly transactionId: number | undefined;
  readonly lastRequest: number;
  /** While a request runs. */
  readonly request:
    | {
        readonly started: number;
        /** `SELECT`, `BACKUP DATABASE`, … */
        readonly command: string;
        readonly text: string;
        readonly percentComplete: number;
        readonly estimatedCompletionMs: number;
        readonly blockedBy: number;
        readonly waitType: string | undefined;
      }
    | undefined;
  /** KILL. */
  kill(): void;
}
