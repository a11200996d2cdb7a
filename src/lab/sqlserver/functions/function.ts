import type { Catalog, Table } from '../catalog/schema.ts';
import type { Database, Instance } from '../server/instance.ts';
import type { SqlType, Value } from '../values/types.ts';

/** A built-in scalar function: its type is known when a statement is bound, its value is computed without a wait. */
export interface ScalarFunction {
  /** Lower case. */
  readonly name: string;
  readonly minimum: number;
  /** Infinity for CONCAT and its kin. */
  readonly maximum: number;
  /** Place of an argument that is a bare word, as the datepart of DATEADD: it comes as a string in lower case. */
  readonly bareword?: number;
  /** First release that has it; the call is refused with 195 before. */
  readonly since?: number;
  /** `undefined` for an argument that is the literal NULL; `constants` has the values of arguments that are literals. */
  type(types: readonly (SqlType | undefined)[], constants: readonly (Value | undefined)[]): SqlType;
  /** Arguments as they are, with their own types. */
  evaluate(
    values: readonly Value[],
    types: readonly (SqlType | undefined)[],
    context: FunctionContext,
  ): Value;
}

/** What functions may ask for besides their arguments. */
export interface FunctionContext {
  readonly instance: Instance;
  readonly database: Database;
  /** The time of the statement in milliseconds since the epoch: one value for the whole statement. */
  readonly now: number;
  readonly session: SessionValues;
  /** The catalog as the running transaction sees it; the committed one where it is absent. */
  readonly catalogOf?: (database: Database) => Catalog;
  /** `#t` of this session and `##t`, as tempdb holds them: OBJECT_ID('tempdb..#t'). */
  readonly temporary?: (name: string) => Table | undefined;
}

export interface SessionValues {
  readonly id: number;
  /** The login that came, and the user it is in this database. */
  readonly login: string;
  readonly user: string;
  readonly application: string;
  readonly host: string;
  readonly transactionCount: number;
  /** XACT_STATE(). */
  readonly transactionState: 0 | 1 | -1;
  readonly rowCount: number;
  readonly lastError: number;
  /** @@IDENTITY and SCOPE_IDENTITY(), null before the first. */
  readonly identity: bigint | null;
  readonly scopeIdentity: bigint | null;
  readonly nestLevel: number;
  readonly procedure: { readonly id: number; readonly name: string; readonly schema: string } | undefined;
  /** The error a CATCH block handles. */
  readonly caught:
    | {
        readonly number: number;
        readonly severity: number;
        readonly state: number;
        readonly line: number;
        readonly procedure: string | null;
        readonly message: string;
      }
    | undefined;
  readonly options: SessionOptions;
  /** CONTEXT_INFO and sp_set_session_context. */
  readonly contextInfo: Uint8Array | null;
  readonly contextValues: Map<string, { readonly type: SqlType; readonly value: Value }>;
  readonly cursors: ReadonlyMap<string, { readonly status: number }>;
  readonly fetchStatus: number;
  /** Of the trigger that runs, for UPDATE() and COLUMNS_UPDATED(). */
  readonly updatedColumns: ReadonlySet<number> | undefined;
  /** Is it the session of a replication agent: NOT FOR REPLICATION holds for it. */
  readonly replication: boolean;
}

export interface SessionOptions {
  nocount: boolean;
  xactAbort: boolean;
  ansiNulls: boolean;
  ansiWarnings: boolean;
  ansiPadding: boolean;
  arithAbort: boolean;
  concatNullYieldsNull: boolean;
  quotedIdentifier: boolean;
  numericRoundAbort: boolean;
  implicitTransactions: boolean;
  dateFirst: number;
  dateFormat: string;
  language: string;
  textSize: number;
  lockTimeout: number;
  rowCount: number;
  isolation: 'read-uncommitted' | 'read-committed' | 'repeatable-read' | 'serializable' | 'snapshot';
  deadlockPriority: number;
}

/** Built-in functions by lower-case name, and the values of `@@name`. */
export interface SystemFunctions {
  readonly scalars: ReadonlyMap<string, ScalarFunction>;
  readonly globals: ReadonlyMap<string, GlobalVariable>;
}

export interface GlobalVariable {
  /** Lower case with @@. */
  readonly name: string;
  readonly type: SqlType;
  value(context: FunctionContext): Value;
}
