import type { FunctionContext } from '../functions/function.ts';
import type { Database, Instance } from '../server/instance.ts';
import type { ResultColumn } from '../server/replies.ts';
import type { Transaction } from '../storage/store.ts';
import type { SqlType, Value } from '../values/types.ts';

/**
 * A procedure of the system, written here and not in T-SQL. The caller checks its parameters as strictly as SQL Server does
 * (201, 8143, 8144, 8145, 8146, 8114) and converts the arguments before it runs.
 */
export interface SystemProcedure {
  /** Lower case. */
  readonly name: string;
  /** Where it lives: `sys` in every database, or a schema of one database (`msdb.dbo.sp_start_job`). */
  readonly home:
    | { readonly kind: 'sys' }
    | { readonly kind: 'database'; readonly database: string; readonly schema: string };
  readonly parameters: readonly ProcedureParameter[];
  readonly since?: number;
  /** Return status; an SqlError thrown is the error of the statement and the status 1. */
  run(context: ProcedureContext, values: ProcedureValues): Promise<number>;
}

export interface ProcedureParameter {
  /** With its @. */
  readonly name: string;
  readonly type: SqlType;
  /** undefined: required (201). */
  readonly default?: Value;
  readonly output?: boolean;
}

export interface ProcedureValues {
  /** By name with @, any case; a default where nothing was given. */
  get(name: string): Value;
  text(name: string): string | null;
  integer(name: string): number | null;
  given(name: string): boolean;
}

export interface ProcedureContext extends FunctionContext {
  readonly instance: Instance;
  /** The one it was called in: `PubDB.sys.sp_x` from anywhere runs in PubDB. */
  readonly database: Database;
  readonly signal: AbortSignal;
  /** The session's open transaction, if any: replication procedures refuse one (15002). */
  readonly transaction: Transaction | undefined;
  /** Sends a result set. */
  result(columns: readonly ResultColumn[], rows: Iterable<readonly Value[]>): void;
  /** PRINT (number 0) or an informational message; `now` sends what is buffered. */
  message(
    text: string,
    options?: {
      readonly number?: number;
      readonly severity?: number;
      readonly state?: number;
      readonly now?: boolean;
    },
  ): void;
  /** A further error before the one that is thrown: replication procedures give several. */
  error(number: number, text: string, severity?: number): void;
  output(name: string, value: Value): void;
  /** Progress for sys.dm_exec_requests, 0 to 100. */
  progress(percent: number, command?: string): void;
  /** Runs T-SQL in the same session and transaction, in any database; rows of its last result by column name. */
  query(
    database: string,
    text: string,
    values?: Readonly<Record<string, { readonly type: SqlType; readonly value: Value }>>,
  ): Promise<readonly Readonly<Record<string, Value>>[]>;
}
