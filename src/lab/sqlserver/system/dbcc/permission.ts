import { schemaName } from '../../catalog/find.ts';
import type { Table } from '../../catalog/schema.ts';
import { SqlError } from '../../errors.ts';
import type { Execution } from '../../flow/execution.ts';
import type { Database } from '../../server/instance.ts';
import { databasePermitted, objectPermitted, serverPermitted, userOf } from '../../server/permissions.ts';

/** Commands for the server's administrators, and the permission that lets others in. */
const SERVER: Readonly<Record<string, string>> = {
  TRACEON: 'CONTROL SERVER',
  TRACEOFF: 'CONTROL SERVER',
  DROPCLEANBUFFERS: 'ALTER SERVER STATE',
  FREEPROCCACHE: 'ALTER SERVER STATE',
  FREESYSTEMCACHE: 'ALTER SERVER STATE',
  FREESESSIONCACHE: 'ALTER SERVER STATE',
  SQLPERF: 'VIEW SERVER STATE',
};

/** Commands for db_owner. */
const DATABASE = ['OPENTRAN', 'CHECKDB', 'CHECKTABLE', 'CHECKCONSTRAINTS', 'LOGINFO', 'UPDATEUSAGE'];

const loginOf = (execution: Execution) =>
  execution.instance.principals.find(execution.evaluation.session.login);

/** @throws SqlError 2571 */
export function requireCommand(command: string, execution: Execution): void {
  const login = loginOf(execution);
  const permission = SERVER[command];
  const { database } = execution.scope;
  const user = login && userOf(login, database, execution.scope.catalogOf(database));
  const may =
    permission !== undefined
      ? login !== undefined && serverPermitted(execution.instance, login, permission)
      : !DATABASE.includes(command) ||
        (user !== undefined && databasePermitted(user, execution.scope.catalogOf(database), 'CONTROL'));
  if (!may)
    throw new SqlError(
      2571,
      `User '${execution.evaluation.session.user}' does not have permission to run DBCC ${command.toLowerCase()}.`,
      { severity: 14, state: 3 },
    );
}

/** DBCC CHECKIDENT is for who may alter the table: db_owner, db_ddladmin, the schema's owner. @throws SqlError 2557 */
export function requireTable(execution: Execution, database: Database, table: Table, command: string): void {
  const login = loginOf(execution);
  const catalog = execution.scope.catalogOf(database);
  const user = login && userOf(login, database, catalog);
  const securable = { objectId: table.id, schemaId: table.schemaId };
  if (user !== undefined && objectPermitted(user, catalog, 'ALTER', securable)) return;
  throw new SqlError(
    2557,
    `User '${execution.evaluation.session.user}' does not have permission to run DBCC ${command} for object '${schemaName(catalog, table.schemaId)}.${table.name}'.`,
    { severity: 14, state: 7 },
  );
}
