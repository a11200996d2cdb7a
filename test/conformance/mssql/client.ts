/** What a case may do with a server, the same through every driver. One client is one session. */

export interface Client {
  readonly driver: DriverName;
  readonly server: ServerFacts;
  /** The database the case has for itself; it is the session's. */
  readonly database: string;
  /** `sp_executesql`, with parameters by name. @throws Failure */
  query(text: string, parameters?: readonly Parameter[], options?: RequestOptions): Promise<Answer>;
  /** A plain batch. @throws Failure */
  batch(text: string, options?: RequestOptions): Promise<Answer>;
  /** A procedure by name. @throws Failure */
  execute(procedure: string, parameters?: readonly Parameter[]): Promise<Outcome>;
  prepare(text: string, parameters: readonly Declared[]): Promise<Prepared>;
  /** Rows that were loaded. @throws Failure */
  bulk(
    table: string,
    columns: readonly BulkColumn[],
    rows: readonly (readonly Plain[])[],
    options?: BulkOptions,
  ): Promise<number>;
  /** By a request of the transaction manager; requests belong to it until it ends. */
  begin(isolation?: Isolation): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  /** Another session on the same server, closed with the case. @throws Failure */
  another(options?: ConnectOptions): Promise<Client>;
  close(): Promise<void>;
}

export type DriverName = 'mssql' | 'tedious';

export interface ServerFacts {
  readonly real: boolean;
  /** `16.0.4135.4` */
  readonly version: string;
  readonly major: number;
  /** SERVERPROPERTY('EngineEdition') */
  readonly engineEdition: number;
  readonly edition: string;
  readonly sysadmin: boolean;
}

export interface ConnectOptions {
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  readonly encrypt?: boolean;
  readonly trust?: boolean;
  readonly application?: string;
}

export interface RequestOptions {
  /** Milliseconds. */
  readonly timeout?: number;
  /** Cancels the request when its first message arrives. */
  readonly cancelOnMessage?: boolean;
}

export type Plain = string | number | bigint | boolean | Date | Buffer | null;
export type Isolation =
  | 'read uncommitted'
  | 'read committed'
  | 'repeatable read'
  | 'serializable'
  | 'snapshot';

export type TypeName =
  | ('Bit' | 'TinyInt' | 'SmallInt' | 'Int' | 'BigInt' | 'Real' | 'Float' | 'Money' | 'SmallMoney')
  | ('Date' | 'DateTime' | 'SmallDateTime' | 'UniqueIdentifier' | 'Image' | 'Text' | 'NText')
  | ('Char' | 'VarChar' | 'NChar' | 'NVarChar' | 'Binary' | 'VarBinary')
  | ('Decimal' | 'Numeric' | 'Time' | 'DateTime2' | 'DateTimeOffset');

export interface ParameterType {
  readonly type: TypeName;
  readonly length?: number | 'max';
  readonly precision?: number;
  readonly scale?: number;
}

export interface Declared extends ParameterType {
  readonly name: string;
}

export interface Parameter extends Declared {
  readonly value?: Plain;
  readonly output?: boolean;
}

export interface BulkColumn extends Declared {
  readonly nullable?: boolean;
}

export interface BulkOptions {
  readonly keepNulls?: boolean;
  readonly checkConstraints?: boolean;
  readonly fireTriggers?: boolean;
  readonly lockTable?: boolean;
}

export interface Prepared {
  execute(values: Readonly<Record<string, Plain>>): Promise<Answer>;
  unprepare(): Promise<void>;
}

export interface ResultSet {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

export interface Answer {
  readonly sets: readonly ResultSet[];
  /** Of every statement that counts. */
  readonly counts: readonly number[];
  readonly messages: readonly ServerMessage[];
}

export interface Outcome extends Answer {
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly returned: number | undefined;
}

export interface ServerMessage {
  readonly number: number;
  readonly state: number;
  readonly severity: number;
  readonly line: number;
  readonly procedure: string;
  readonly message: string;
}

/** What a request failed with: the driver's code, and every error the server sent. */
export class Failure extends Error {
  readonly code: string;
  readonly errors: readonly ServerMessage[];

  constructor(message: string, code: string, errors: readonly ServerMessage[], cause: unknown) {
    super(message, { cause });
    this.name = 'Failure';
    this.code = code;
    this.errors = errors;
  }

  /** The last one. */
  get last(): ServerMessage | undefined {
    return this.errors.at(-1);
  }
}

/** How to reach a server. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly encrypt: boolean;
  /** Takes any certificate. */
  readonly trust: boolean;
  readonly application?: string;
}

export type Connect = (address: Address, server: ServerFacts) => Promise<Client>;

/** Facts of a server that nobody has asked yet. */
export const UNKNOWN_SERVER: ServerFacts = {
  real: false,
  version: '0',
  major: 0,
  engineEdition: 0,
  edition: '',
  sysadmin: true,
};
