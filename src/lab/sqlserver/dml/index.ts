import { unsupported } from '../errors.ts';
import type { Execution, StatementResult } from '../flow/execution.ts';
import type { Name } from '../syntax/names.ts';
import type { QueryExpression } from '../syntax/queries.ts';
import type { DataStatement } from '../syntax/statements.ts';
import type { SqlType, Value } from '../values/types.ts';
import { insert } from './insert.ts';
import { truncate } from './truncate.ts';
import { updateOrDelete } from './update.ts';

/** INSERT, UPDATE, DELETE, MERGE and TRUNCATE. */
export type ChangeStatement = Exclude<DataStatement, { readonly statement: 'select' | 'insert-bulk' }>;

export async function runData(statement: ChangeStatement, execution: Execution): Promise<StatementResult> {
  switch (statement.statement) {
    case 'insert':
      return insert(statement, execution);
    case 'update':
    case 'delete':
      return updateOrDelete(statement, execution);
    case 'truncate':
      return truncate(statement, execution);
    default:
      throw unsupported(statement.statement.toUpperCase(), statement.line);
  }
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
