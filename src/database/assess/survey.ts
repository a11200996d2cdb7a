import type { Lane, SqlServerFacts } from '../../journal/database-facts.ts';
import type { DatabasePlan } from '../../plan/schema.ts';
import type { Role } from '../../remote/sql/statement.ts';
import type { Catalog } from '../catalog/types.ts';

/** Everything the assessment asked, as it was answered: what findings are made of. Sizes in bytes, times in seconds. */

/** A server, whatever its databases are. What could not be asked is absent, and named in `unknown`. */
export interface ServerSurvey {
  readonly role: Role;
  /** Without a database. */
  readonly facts: SqlServerFacts;
  /** @@SERVERNAME; null where the server has lost its own name. */
  readonly localName: string | null;
  /** `CU14`. */
  readonly update?: string;
  readonly login: string;
  readonly dbcreator: boolean;
  readonly seesState: boolean;
  /** Bytes of one text or binary value that a published statement may write; -1 for any. */
  readonly maxReplicatedBytes?: number;
  /** Is landfall's own connection to it encrypted? */
  readonly encrypted?: boolean;
  /** The distributor that it publishes to already, by its name. */
  readonly distributor?: string;
  /** Distribution databases that it has, with the hours that they keep commands. */
  readonly distribution: readonly { readonly name: string; readonly hours: number }[];
  /** Servers that use it as their distributor. */
  readonly publishers: readonly string[];
  /** Thumbprints of the certificates in its master. */
  readonly certificates: readonly string[];
  /** What it did not let this login see, with the server's own words. */
  readonly unknown: readonly Unseen[];
}

export interface Unseen {
  readonly what: string;
  readonly said: string;
}

export interface OpenTransaction extends OtherSession {
  readonly seconds: number;
}

export interface OtherSession {
  readonly session: number;
  readonly login: string;
  readonly host: string | null;
  readonly program: string | null;
}

export interface KnownBackup {
  /** `D` full, `I` differential, `L` log. */
  readonly kind: string;
  readonly copyOnly: boolean;
  readonly minutesAgo: number;
  readonly seconds: number;
  readonly bytes: number;
  /** Absent where the server does not say. */
  readonly compressed?: number;
  readonly device: string | null;
  readonly by: string | null;
}

export interface DatabaseSurvey {
  readonly name: string;
  readonly id: string;
  /** `ONLINE`, `RESTORING`, `OFFLINE` … */
  readonly state: string;
  readonly access: string;
  /** False where this login may not open it, or nobody can. */
  readonly opens: boolean;
  /** Absent where it cannot be opened. */
  readonly facts?: NonNullable<SqlServerFacts['database']>;
  readonly owner: boolean;
  readonly backupOperator: boolean;
  readonly mergePublished: boolean;
  readonly syncWithBackup: boolean;
  readonly encrypted: boolean;
  readonly encryptor?: string;
  readonly containment: string;
  readonly groupMember: boolean;
  /** No log backup can be made yet: since its recovery model was set, no full backup was. */
  readonly neverBackedUp: boolean;
  readonly free?: { readonly data: number; readonly log: number };
  readonly publications: readonly string[];
  readonly subscriptions: readonly {
    readonly publisher: string;
    readonly database: string;
    readonly publication: string;
  }[];
  /** Absent where change tracking is off. */
  readonly tracking?: { readonly hours: number; readonly cleans: boolean };
  readonly transactions: readonly OpenTransaction[];
  readonly sessions: readonly OtherSession[];
  /** Since somebody wrote into a user table; absent where nobody has since the server started. */
  readonly writtenMinutesAgo?: number;
  readonly references: readonly { readonly from: string; readonly to: string; readonly remote: boolean }[];
  readonly backups: readonly KnownBackup[];
  readonly catalog?: Catalog;
  readonly unknown: readonly Unseen[];
}

export interface Survey {
  readonly publisher: ServerSurvey;
  readonly distributor: ServerSurvey;
  readonly subscriber: ServerSurvey;
  /** Where the distributor would be. */
  readonly distributorAt: Role;
  readonly source: DatabaseSurvey;
  readonly clone?: DatabaseSurvey;
  /** The database on the subscriber that has the name of a restored copy, if there is one. */
  readonly target?: DatabaseSurvey;
  readonly names: {
    readonly source: string;
    readonly clone?: string;
    readonly target: string;
    readonly publication: string;
    readonly distribution: string;
  };
  readonly plan: Pick<DatabasePlan, 'backup' | 'production' | 'publisher' | 'subscriber'>;
  /** True where landfall has already begun: what it made is no hindrance. */
  readonly begun: boolean;
  /** Hours until the source is lost; absent where nobody has said. */
  readonly hoursLeft?: number;
}

/** Lanes that publish. */
export const PUBLISHING = ['backup', 'clone', 'snapshot'] as const satisfies readonly Lane[];
/** Lanes that restore files of production. */
export const RESTORING = ['backup', 'log-shipping'] as const satisfies readonly Lane[];
/** Lanes that fill tables which are there already. */
export const FILLING = ['clone', 'snapshot', 'change-tracking'] as const satisfies readonly Lane[];
