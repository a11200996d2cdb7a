import type { FunctionContext } from '../functions/function.ts';
import type { Database } from '../server/instance.ts';
import type { SqlType, Value } from '../values/types.ts';

/** A catalog view, a management view or a built-in table function: rows are computed when they are asked for. */
export interface SystemView {
  /** `sys` or `INFORMATION_SCHEMA`; msdb's and the distribution database's tables are real tables. */
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly ViewColumn[];
  /** First release that has it: 208 before. */
  readonly since?: number;
  /** Parameters of a table function such as sys.dm_exec_sql_text, sys.fn_listextendedproperty. */
  readonly parameters?: readonly SqlType[];
  /** `database` is the one it is asked in: `PubDB.sys.tables` from anywhere. */
  rows(context: FunctionContext, database: Database, values: readonly Value[]): Iterable<readonly Value[]>;
}

export interface ViewColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly nullable: boolean;
  /** First release that has this column: 207 before. */
  readonly since?: number;
}
