import { setImmediate } from 'node:timers/promises';
import { SqlError } from '../errors.ts';
import type { Execution } from '../flow/execution.ts';
import { serverPermitted } from '../server/permissions.ts';
import type { AdministrativeStatement } from '../syntax/administration.ts';
import { computed } from './statement-values.ts';

type KillStatement = Extract<AdministrativeStatement, { readonly statement: 'kill' }>;

const may = (execution: Execution, permission: string): boolean => {
  const login = execution.instance.principals.find(execution.evaluation.session.login);
  return login !== undefined && serverPermitted(execution.instance, login, permission);
};

/** KILL session. */
export function kill(statement: KillStatement, execution: Execution): void {
  const id = Number(computed(execution, statement.session).value);
  if (!may(execution, 'ALTER ANY CONNECTION'))
    throw new SqlError(6102, 'User does not have permission to use the KILL statement.', { severity: 14 });
  if (!Number.isInteger(id) || id < 1 || id > 32_767)
    throw new SqlError(6101, `Session ID ${id} is not valid.`);
  if (id === execution.evaluation.session.id)
    throw new SqlError(6104, 'Cannot use KILL to kill your own process.');
  const session = execution.instance.sessions.get(id);
  if (session === undefined) throw new SqlError(6106, `Process ID ${id} is not an active process ID.`);
  if (!session.user) throw new SqlError(6107, 'Only user processes can be killed.', { severity: 14 });
  session.kill();
}

/** RECONFIGURE. */
export function reconfigure(execution: Execution): void {
  if (!may(execution, 'ALTER SETTINGS'))
    throw new SqlError(5812, 'You do not have permission to run the RECONFIGURE statement.', {
      severity: 14,
    });
  execution.instance.configuration.reconfigure();
}

/** SHUTDOWN: the answer goes out before the server goes. */
export function shutdown(execution: Execution): void {
  if (!may(execution, 'SHUTDOWN'))
    throw new SqlError(6004, 'User does not have permission to perform this action.', { severity: 14 });
  const { login } = execution.evaluation.session;
  execution.message({ number: 6006, text: `Server shut down by request from login ${login}.`, now: true });
  const { instance } = execution;
  void setImmediate().then(() => instance.close());
}
