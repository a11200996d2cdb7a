import { unsupported } from '../errors.ts';
import type { Execution, StatementResult } from '../flow/execution.ts';
import type { Name } from '../syntax/names.ts';
import type { QueryExpression } from '../syntax/queries.ts';
import type { DataStatement } from '../syntax/statements.ts';
import type { SqlType, Value } from '../values/types.ts';

/** INSERT, UPDATE, DELETE, MERGE and TRUNCATE. */
export type ChangeStatement = Exclude<DataStatement, { readonly statement: 'select' | 'insert-bulk' }>;

export function runData(statement: ChangeStatement, _execution: Execution): Promise<StatementResult> {
  return Promise.reject(unsupported(statement.statement.toUpperCase(), statement.line));
}

/** `SELECT … INTO t`: makes the table (2714) and fills it. */
export function selectInto(query: QueryExpression, _execution: Execution): Promise<StatementResult> {
  return Promise.reject(unsupported('SELECT INTO', query.line));
}

export interface BulkInsert {
  /**
   * Checks and writes rows in the order of the bulk's columns. Where it throws LockWait nothing of this object has changed:
   * undo to the savepoint before the call, wait, and call it again with the same rows.
   */
  add(rows: readonly (readonly Value[])[]): void;
  /** Fires triggers, marks constraints that were not checked as not trusted; the number of rows. */
  finish(): Promise<number>;
}

/**
 * @param columns names and types as the client announced them
 * @param options of `INSERT BULK … WITH (…)`
 */
export function bulkInsert(
  _table: Name,
  _columns: readonly { readonly name: string; readonly type: SqlType }[],
  _options: readonly string[],
  _execution: Execution,
): BulkInsert {
  throw unsupported('INSERT BULK');
}
