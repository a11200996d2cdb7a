import { unsupported } from '../errors.ts';
import type { Execution, StatementResult } from '../flow/execution.ts';
import type { AdministrativeStatement } from '../syntax/administration.ts';

/**
 * Runs a statement about logins, users, permissions, DBCC or the server.
 *
 * @throws SqlError with SQL Server's own number; LockWait passes through
 */
export async function administer(
  statement: AdministrativeStatement,
  _execution: Execution,
): Promise<StatementResult> {
  throw unsupported(statement.statement, statement.line);
}
