import type { StoredModule, Table } from '../catalog/schema.ts';
import type { Evaluation } from '../query/bound.ts';
import type { Scope } from '../query/scope.ts';
import type { Database, Instance } from '../server/instance.ts';
import type { Message, ResultColumn } from '../server/replies.ts';
import type { Transaction } from '../storage/store.ts';
import type { ExecuteStatement } from '../syntax/statements.ts';
import type { Value } from '../values/types.ts';

/**
 * What one statement has while it runs. The driver (`flow/`) makes it: it takes a savepoint, calls the statement's handler,
 * and where the handler throws LockWait undoes it, waits and calls it again; where it throws an SqlError it undoes the
 * statement and goes on as TRY/CATCH and XACT_ABORT say. A handler therefore never catches LockWait, and gives its result
 * back instead of sending it.
 */
export interface Execution {
  readonly instance: Instance;
  readonly scope: Scope;
  readonly evaluation: Evaluation;
  /** The transaction in a database: the session's, or the statement's own that the driver commits. One may span databases. */
  transaction(database: Database): Transaction;
  readonly signal: AbortSignal;
  /** Fires AFTER triggers of a table, or INSTEAD OF ones; both row sets in the table's column order. */
  fire(firing: Firing): Promise<void>;
  /** Rows of INSERT … EXECUTE. */
  execute(statement: ExecuteStatement): Promise<readonly (readonly Value[])[]>;
  /**
   * All result sets of INSERT … EXECUTE with their columns: `dml/` converts from the columns' types into the target's, which
   * values without a type do not allow. Used instead of `execute` where it is there.
   */
  executeResults?(statement: ExecuteStatement): Promise<readonly ExecutedResult[]>;
  message(message: Partial<Message> & { readonly text: string }): void;
  setIdentity(value: bigint): void;
  setVariable(name: string, value: Value): void;
  /** The table variable's rows, replaced by a DML statement; also `OUTPUT … INTO @t`. */
  readonly rowSets: RowSets;
  /** The table whose IDENTITY_INSERT is on in this session. */
  readonly identityInsert: number | undefined;
  /** Lets other sessions run where this one has run for long; to be awaited every few hundred rows by what runs long. */
  breathe(): Promise<void>;
  /** Progress for sys.dm_exec_requests, 0 to 100, with the command it is shown as. */
  progress?(percent: number, command?: string): void;
}

export interface ExecutedResult {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly Value[])[];
}

export interface RowSets {
  rows(name: string): readonly (readonly Value[])[];
  replace(name: string, rows: readonly (readonly Value[])[]): void;
}

export interface Firing {
  readonly database: Database;
  readonly table: Table;
  readonly trigger: StoredModule;
  readonly event: 'insert' | 'update' | 'delete';
  readonly inserted: readonly (readonly Value[])[];
  readonly deleted: readonly (readonly Value[])[];
  /** Columns named in SET; all of them for an insert. */
  readonly updatedColumns: ReadonlySet<number>;
}

/** What a statement answers. */
export interface StatementResult {
  /** Of OUTPUT without INTO. */
  readonly columns?: readonly ResultColumn[];
  readonly rows?: readonly (readonly Value[])[];
  /** @@ROWCOUNT; undefined for a statement that counts nothing. */
  readonly count: number | undefined;
}
