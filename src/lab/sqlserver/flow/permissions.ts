import { objectById, schemaName } from '../catalog/find.ts';
import type { Catalog, Principal } from '../catalog/schema.ts';
import { SqlError } from '../errors.ts';
import type { Database } from '../server/instance.ts';
import {
  databasePermitted,
  isSysadmin,
  objectPermitted,
  serverPermitted,
  userOf,
} from '../server/permissions.ts';
import type { SessionState } from './state.ts';

/** What a login may do, asked with SQL Server's own refusals. */

const catalogFor = (state: SessionState, database: Database): Catalog =>
  state.transaction.part(database)?.catalog ?? database.catalog;

/** The login as it is now: roles change while sessions are open. */
const principalOf = (state: SessionState) =>
  state.instance.principals.byId(state.login.principal.id) ?? state.login.principal;

export const isAdministrator = (state: SessionState): boolean => isSysadmin(principalOf(state));

function findUser(state: SessionState, database: Database): Principal | undefined {
  return userOf(principalOf(state), database, catalogFor(state, database));
}

/** USER_NAME() in a database. */
export const userName = (state: SessionState, database: Database): string =>
  findUser(state, database)?.name ?? 'guest';

/** @throws SqlError 916 */
export function requireAccess(state: SessionState, database: Database): Principal {
  const user = findUser(state, database);
  if (user) return user;
  throw new SqlError(
    916,
    `The server principal "${state.login.principal.name}" is not able to access the database "${database.name}" under the current security context.`,
    { severity: 14 },
  );
}

/** @throws SqlError 229 */
export function requireObject(
  state: SessionState,
  permission: string,
  database: Database,
  objectId: number,
): void {
  if (isAdministrator(state) || database.name === 'tempdb') return;
  const user = requireAccess(state, database);
  const catalog = catalogFor(state, database);
  const found = objectById(catalog, objectId);
  if (!found) return;
  const { schemaId, name } = found.object;
  if (objectPermitted(user, catalog, permission, { objectId, schemaId })) return;
  throw new SqlError(
    229,
    `The ${permission} permission was denied on the object '${name}', database '${database.name}', schema '${schemaName(catalog, schemaId)}'.`,
    { severity: 14, state: 5 },
  );
}

/** @throws SqlError 262 */
export function requireDatabase(state: SessionState, permission: string, database: Database): void {
  if (isAdministrator(state) || database.name === 'tempdb') return;
  const user = requireAccess(state, database);
  if (databasePermitted(user, catalogFor(state, database), permission)) return;
  throw new SqlError(262, `${permission} permission denied in database '${database.name}'.`, {
    severity: 14,
  });
}

export const mayOnServer = (state: SessionState, permission: string): boolean =>
  serverPermitted(state.instance, principalOf(state), permission);
