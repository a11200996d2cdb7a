/** What lives beside the tables, as one server has it. By names, never by ids of one server; SIDs as hex with 0x. */

export interface Login {
  readonly name: string;
  readonly sid: string;
  readonly kind: 'sql' | 'windows' | 'group';
  readonly disabled: boolean;
  /** DENY CONNECT SQL and GRANT are permissions, not this. */
  readonly policy: boolean;
  readonly expiration: boolean;
  readonly database: string;
  readonly language: string;
}

export interface Member {
  readonly role: string;
  readonly member: string;
}

export interface Permission {
  readonly grantee: string;
  readonly permission: string;
  /** `GRANT`, `DENY`, `GRANT_WITH_GRANT_OPTION`. */
  readonly state: string;
  /** `DATABASE`, `OBJECT_OR_COLUMN`, `SCHEMA`, `SERVER` … */
  readonly class: string;
  readonly schema: string;
  readonly object: string;
  readonly column: string;
}

export interface LinkedServer {
  readonly name: string;
  readonly product: string;
  readonly provider: string;
  readonly source: string;
  readonly catalog: string;
  readonly remoteLogins: readonly string[];
}

export interface Setting {
  readonly name: string;
  readonly value: string;
}

export interface Operator {
  readonly name: string;
  readonly enabled: boolean;
  readonly email: string;
}

export interface JobStep {
  readonly id: number;
  readonly name: string;
  readonly subsystem: string;
  readonly command: string;
  readonly database: string;
  readonly onSuccess: number;
  readonly onSuccessStep: number;
  readonly onFail: number;
  readonly onFailStep: number;
  readonly retries: number;
  readonly retryInterval: number;
  readonly proxy: string;
}

export interface JobSchedule {
  readonly name: string;
  readonly enabled: boolean;
  readonly type: number;
  readonly interval: number;
  readonly subdayType: number;
  readonly subdayInterval: number;
  readonly relativeInterval: number;
  readonly recurrenceFactor: number;
  readonly startDate: number;
  readonly endDate: number;
  readonly startTime: number;
  readonly endTime: number;
}

export interface Job {
  readonly name: string;
  readonly enabled: boolean;
  readonly description: string;
  readonly category: string;
  readonly owner: string;
  readonly startStep: number;
  readonly notifyEmail: number;
  readonly operator: string;
  /** False while nobody has said on which server it runs: half made. */
  readonly targeted: boolean;
  readonly steps: readonly JobStep[];
  readonly schedules: readonly JobSchedule[];
}

export interface ServerFacts {
  readonly name: string;
  readonly major: number;
  readonly logins: readonly Login[];
  readonly roles: readonly string[];
  readonly members: readonly Member[];
  readonly permissions: readonly Permission[];
  readonly linked: readonly LinkedServer[];
  readonly credentials: readonly { readonly name: string; readonly identity: string }[];
  readonly certificates: readonly string[];
  readonly configuration: readonly Setting[];
  readonly triggers: readonly string[];
  readonly operators: readonly Operator[];
  readonly jobs: readonly Job[];
  readonly alerts: readonly string[];
  readonly proxies: readonly string[];
  readonly mailProfiles: readonly string[];
  /** Messages from 50001 on. */
  readonly messages: readonly string[];
}

export interface User {
  readonly name: string;
  readonly sid: string;
  readonly kind: 'sql' | 'windows' | 'group';
  /** 0 without a login, 1 with one of this instance, 2 contained, 3 Windows. */
  readonly authentication: number;
  readonly schema: string;
  /** The login of this instance with its SID; absent where there is none: an orphan. */
  readonly login?: string;
}

/** A trigger, foreign key or check as it stands. */
export interface Guard {
  readonly kind: 'trigger' | 'foreign-key' | 'check';
  readonly name: string;
  readonly disabled: boolean;
  readonly trusted: boolean;
}

export interface SequenceFacts {
  readonly schema: string;
  readonly name: string;
  readonly current: string;
  readonly increment: string;
  readonly minimum: string;
  readonly maximum: string;
  readonly cycles: boolean;
  readonly cache: number;
}

export interface DatabaseFacts {
  readonly name: string;
  readonly users: readonly User[];
  readonly roles: readonly string[];
  readonly members: readonly Member[];
  readonly permissions: readonly Permission[];
  /** `OWNER`, `COMPATIBILITY_LEVEL`, `READ_COMMITTED_SNAPSHOT` … */
  readonly options: readonly Setting[];
  readonly encrypted: boolean;
  readonly keys: readonly string[];
  readonly guards: readonly Guard[];
  readonly sequences: readonly SequenceFacts[];
}

export interface Besides {
  readonly server: ServerFacts;
  /** Absent where the database cannot be read: it is being restored, or is not there yet. */
  readonly database?: DatabaseFacts;
}
