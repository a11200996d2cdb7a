import { SqlError } from '../errors.ts';
import type { FunctionContext } from '../functions/function.ts';
import type { Database } from '../server/instance.ts';
import { databasePermitted, objectPermitted, serverPermitted, userOf } from '../server/permissions.ts';
import { systemObjectId } from './catalog-facts.ts';

/** Since 2022 states of performance have a permission of their own; the older one still holds for all of them. */
const nameOf = (context: FunctionContext, scope: 'SERVER' | 'DATABASE'): string =>
  context.instance.product.release >= 2022 ? `VIEW ${scope} PERFORMANCE STATE` : `VIEW ${scope} STATE`;

const loginOf = (context: FunctionContext) => context.instance.principals.find(context.session.login);

export function maySeeServerState(context: FunctionContext): boolean {
  const login = loginOf(context);
  return (
    login !== undefined &&
    ['VIEW SERVER STATE', nameOf(context, 'SERVER')].some(each =>
      serverPermitted(context.instance, login, each),
    )
  );
}

/** @throws SqlError 297 behind 300 */
export function requireServerState(context: FunctionContext): void {
  if (maySeeServerState(context)) return;
  throw denied(
    new SqlError(
      300,
      `${nameOf(context, 'SERVER')} permission was denied on object 'server', database 'master'.`,
      { severity: 14 },
    ),
  );
}

/** @throws SqlError 297 behind 262 */
export function requireDatabaseState(context: FunctionContext, database: Database): void {
  if (maySeeServerState(context)) return;
  const login = loginOf(context);
  const user = login && userOf(login, database);
  const may = ['VIEW DATABASE STATE', nameOf(context, 'DATABASE')].some(
    each => user !== undefined && databasePermitted(user, database.catalog, each),
  );
  if (may) return;
  throw denied(
    new SqlError(262, `${nameOf(context, 'DATABASE')} permission denied in database '${database.name}'.`, {
      severity: 14,
    }),
  );
}

/** @throws SqlError 229 */
export function requireSelect(context: FunctionContext, database: Database, view: string): void {
  const login = loginOf(context);
  const user = login && userOf(login, database);
  const securable = { objectId: systemObjectId('sys', view), schemaId: 4 };
  if (user !== undefined && objectPermitted(user, database.catalog, 'SELECT', securable)) return;
  throw new SqlError(
    229,
    `The SELECT permission was denied on the object '${view}', database '${database.name}', schema 'sys'.`,
  );
}

/** Sizes of databases are for those who may make or alter them, or see every definition. */
export function maySeeFiles(context: FunctionContext): boolean {
  const login = loginOf(context);
  return (
    login !== undefined &&
    ['CREATE ANY DATABASE', 'ALTER ANY DATABASE', 'VIEW ANY DEFINITION'].some(each =>
      serverPermitted(context.instance, login, each),
    )
  );
}

const denied = (first: SqlError): SqlError =>
  new SqlError(297, 'The user does not have permission to perform this action.', { preceding: [first] });

/** Logins are seen by themselves and by who may change logins; everybody sees `sa` and the server roles. */
export function maySeeLogin(context: FunctionContext, name: string): boolean {
  const login = loginOf(context);
  if (login === undefined) return false;
  if (login.name.toLowerCase() === name.toLowerCase()) return true;
  return ['ALTER ANY LOGIN', 'VIEW ANY DEFINITION', 'VIEW ANY SECURITY DEFINITION'].some(each =>
    serverPermitted(context.instance, login, each),
  );
}

/** Password hashes are for CONTROL SERVER alone. */
export function maySeeHashes(context: FunctionContext): boolean {
  const login = loginOf(context);
  return login !== undefined && serverPermitted(context.instance, login, 'CONTROL SERVER');
}
