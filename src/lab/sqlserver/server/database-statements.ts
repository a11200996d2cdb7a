import { unsupported } from '../errors.ts';
import type { Execution, StatementResult } from '../flow/execution.ts';
import type { AdministrativeStatement } from '../syntax/administration.ts';

/** CREATE, ALTER and DROP DATABASE; the driver brings them here and all other administrative statements to `administer`. */
export type DatabaseStatement = Extract<
  AdministrativeStatement,
  { readonly statement: 'create-database' | 'alter-database' | 'drop-database' }
>;

export function changeDatabase(
  statement: DatabaseStatement,
  _execution: Execution,
): Promise<StatementResult> {
  return Promise.reject(unsupported(statement.statement, statement.line));
}
