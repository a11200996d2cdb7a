import { SqlError } from '../errors.ts';
import type { AdministrativeStatement } from '../syntax/administration.ts';
import type { DefinitionStatement } from '../syntax/definitions.ts';
import { isAdministrator, mayOnServer, requireDatabase } from './permissions.ts';
import type { Runtime } from './runtime.ts';

/**
 * What a login needs for statements that define or administer; who is sysadmin or db_owner may all of it.
 *
 * @throws SqlError 262, 15247, 2571, 6102, 5011 …
 */
export function permitStatement(
  runtime: Runtime,
  statement: DefinitionStatement | AdministrativeStatement,
): undefined {
  const { state, scope } = runtime;
  if (isAdministrator(state)) return;
  const inDatabase = (permission: string): undefined => {
    requireDatabase(state, permission, scope.database);
  };
  const onServer = (permission: string): undefined => {
    if (!mayOnServer(state, permission))
      throw new SqlError(15247, 'User does not have permission to perform this action.');
  };
  switch (statement.statement) {
    case 'create-table':
      if (!(statement.name.at(-1) ?? '').startsWith('#')) inDatabase('CREATE TABLE');
      return;
    case 'create-module': {
      const kind = statement.module.definition.kind;
      if (kind === 'trigger') return inDatabase('ALTER');
      if (kind === 'procedure' || kind === 'view') return inDatabase(`CREATE ${kind.toUpperCase()}`);
      return inDatabase('CREATE FUNCTION');
    }
    case 'create-schema':
      return inDatabase('CREATE SCHEMA');
    case 'create-sequence':
      return inDatabase('CREATE SEQUENCE');
    case 'create-type':
      return inDatabase('CREATE TYPE');
    case 'create-synonym':
      return inDatabase('CREATE SYNONYM');
    case 'create-database':
      return requireServer(runtime, 'CREATE ANY DATABASE', () => {
        requireDatabase(state, 'CREATE DATABASE', master(runtime));
      });
    case 'alter-database':
    case 'drop-database':
      return requireServer(runtime, 'ALTER ANY DATABASE', () => inDatabase('ALTER'));
    case 'create-login':
    case 'alter-login':
    case 'drop-login':
      return onServer('ALTER ANY LOGIN');
    case 'create-user':
    case 'alter-user':
    case 'drop-user':
      return inDatabase('ALTER ANY USER');
    case 'create-role':
    case 'drop-role':
    case 'alter-role':
      return statement.server ? onServer('ALTER ANY SERVER ROLE') : inDatabase('ALTER ANY ROLE');
    case 'grant':
    case 'deny':
    case 'revoke':
    case 'alter-authorization':
      return inDatabase('CONTROL');
    case 'backup':
      return inDatabase(statement.what === 'log' ? 'BACKUP LOG' : 'BACKUP DATABASE');
    case 'restore':
      return onServer('CREATE ANY DATABASE');
    case 'dbcc':
      // Each command has its own: system/dbcc asks (2571, 2557).
      return;
    case 'kill':
      if (mayOnServer(state, 'ALTER ANY CONNECTION')) return;
      throw new SqlError(6102, 'User does not have permission to use the KILL statement.', {
        severity: 14,
      });
    case 'reconfigure':
      return onServer('ALTER SETTINGS');
    case 'checkpoint':
      return inDatabase('CHECKPOINT');
    case 'shutdown':
      return onServer('SHUTDOWN');
    default:
      if ('table' in statement && (statement.table.at(-1) ?? '').startsWith('#')) return;
      if (
        'name' in statement &&
        Array.isArray(statement.name) &&
        String(statement.name.at(-1)).startsWith('#')
      )
        return;
      if (
        statement.statement === 'drop' &&
        statement.names.every(each => (each.at(-1) ?? '').startsWith('#'))
      )
        return;
      return inDatabase('ALTER ANY SCHEMA');
  }
}

function requireServer(runtime: Runtime, permission: string, otherwise: () => undefined): undefined {
  if (!mayOnServer(runtime.state, permission)) otherwise();
}

function master(runtime: Runtime) {
  return runtime.state.instance.databases.get('master') ?? runtime.scope.database;
}
