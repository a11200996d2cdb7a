import { backupOrRestore } from '../backup/index.ts';
import { unsupported } from '../errors.ts';
import type { Execution, StatementResult } from '../flow/execution.ts';
import type { AdministrativeStatement } from '../syntax/administration.ts';
import { alterAuthorization } from './authorization.ts';
import { dbcc } from './dbcc/index.ts';
import { grant } from './grants.ts';
import { alterLogin, createLogin, dropLogin } from './logins.ts';
import { kill, reconfigure, shutdown } from './server-statements.ts';
import { alterRole, alterUser, createRole, createUser, dropRole, dropUser } from './users.ts';

/**
 * Runs a statement about logins, users, permissions, DBCC or the server.
 *
 * @throws SqlError with SQL Server's own number; LockWait passes through
 */
export async function administer(
  statement: AdministrativeStatement,
  execution: Execution,
): Promise<StatementResult> {
  switch (statement.statement) {
    case 'dbcc':
      return dbcc(statement, execution);
    case 'backup':
    case 'restore':
      return backupOrRestore(statement, execution);
    case 'create-database':
    case 'alter-database':
    case 'drop-database':
      // The driver brings these to server/database-statements.ts.
      throw unsupported(statement.statement, statement.line);
    default:
      change(statement, execution);
      return { count: undefined };
  }
}

type Change = Exclude<
  AdministrativeStatement,
  {
    readonly statement:
      | 'dbcc'
      | 'backup'
      | 'restore'
      | 'create-database'
      | 'alter-database'
      | 'drop-database';
  }
>;

function change(statement: Change, execution: Execution): void {
  switch (statement.statement) {
    case 'create-login':
      createLogin(statement, execution);
      break;
    case 'alter-login':
      alterLogin(statement, execution);
      break;
    case 'drop-login':
      dropLogin(statement, execution);
      break;
    case 'create-user':
      createUser(statement, execution);
      break;
    case 'alter-user':
      alterUser(statement, execution);
      break;
    case 'drop-user':
      dropUser(statement, execution);
      break;
    case 'create-role':
      createRole(statement, execution);
      break;
    case 'drop-role':
      dropRole(statement, execution);
      break;
    case 'alter-role':
      alterRole(statement, execution);
      break;
    case 'grant':
    case 'deny':
    case 'revoke':
      grant(statement, execution);
      break;
    case 'alter-authorization':
      alterAuthorization(statement, execution);
      break;
    case 'kill':
      kill(statement, execution);
      break;
    case 'reconfigure':
      reconfigure(execution);
      break;
    case 'checkpoint':
      // Every commit is durable when it returns: there is nothing left to write.
      return;
    case 'shutdown':
      shutdown(execution);
      break;
  }
}
