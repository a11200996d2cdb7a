import type { Catalog, Principal } from '../catalog/schema.ts';
import type { Database, Instance } from './instance.ts';
import type { ServerPrincipal } from './principals.ts';

/** Who may do what: pure decisions over principals and permissions. */

const PUBLIC = 0;
const DBO = 1;
const GUEST = 2;
const ROLE = { owner: 16384, ddladmin: 16387, backup: 16389, reader: 16390, writer: 16391 } as const;
const DENY_READER = 16392;
const DENY_WRITER = 16393;
/** guest may connect to these without being asked. */
const OPEN_TO_GUESTS: ReadonlySet<string> = new Set(['master', 'tempdb', 'msdb']);

const sameBytes = (left: Uint8Array, right: Uint8Array): boolean =>
  left.length === right.length && left.every((byte, place) => byte === right[place]);

export const isSysadmin = (principal: ServerPrincipal): boolean => principal.roles.includes('sysadmin');

/** The user a login is in a database; undefined: it has no access (916). */
export function userOf(
  principal: ServerPrincipal,
  database: Database,
  catalog: Catalog = database.catalog,
): Principal | undefined {
  if (isSysadmin(principal) || sameBytes(principal.sid, database.options.owner))
    return catalog.principals.get(DBO);
  for (const user of catalog.principals.values())
    if (user.type !== 'R' && user.sid && sameBytes(user.sid, principal.sid)) return user;
  const guest = catalog.principals.get(GUEST);
  if (OPEN_TO_GUESTS.has(database.name.toLowerCase())) return guest;
  const invited = catalog.permissions.some(
    each => each.grantee === GUEST && each.permission === 'CONNECT' && each.state !== 'D',
  );
  return invited ? guest : undefined;
}

/** A user with all roles it is a member of, directly or through others, and public. */
export function rolesOf(user: Principal, catalog: Catalog): ReadonlySet<number> {
  const found = new Set<number>([user.id, PUBLIC]);
  const open = [...user.roles];
  for (let role = open.pop(); role !== undefined; role = open.pop()) {
    if (found.has(role)) continue;
    found.add(role);
    open.push(...(catalog.principals.get(role)?.roles ?? []));
  }
  return found;
}

export interface Securable {
  readonly objectId: number;
  readonly schemaId: number;
}

const READING: ReadonlySet<string> = new Set(['SELECT']);
const WRITING: ReadonlySet<string> = new Set(['INSERT', 'UPDATE', 'DELETE']);

/** May a user do something to an object, by its roles, by grants and by denials on the object, its schema or the database. */
export function objectPermitted(
  user: Principal,
  catalog: Catalog,
  permission: string,
  securable: Securable,
): boolean {
  const roles = rolesOf(user, catalog);
  if (user.id === DBO || roles.has(ROLE.owner)) return true;
  if (READING.has(permission) && roles.has(DENY_READER)) return false;
  if (WRITING.has(permission) && roles.has(DENY_WRITER)) return false;
  const about = catalog.permissions.filter(
    each =>
      roles.has(each.grantee) &&
      (each.permission === permission || each.permission === 'CONTROL') &&
      covers(each, securable),
  );
  if (about.some(each => each.state === 'D')) return false;
  if (about.length > 0) return true;
  const schema = catalog.schemas.get(securable.schemaId);
  if (schema && schema.owner !== DBO && roles.has(schema.owner)) return true;
  if (READING.has(permission)) return roles.has(ROLE.reader);
  if (WRITING.has(permission)) return roles.has(ROLE.writer);
  return permission === 'ALTER' && roles.has(ROLE.ddladmin);
}

const covers = (
  permission: { readonly class: number; readonly majorId: number },
  securable: Securable,
): boolean =>
  permission.class === 0 ||
  (permission.class === 1 && permission.majorId === securable.objectId) ||
  (permission.class === 3 && permission.majorId === securable.schemaId);

/** May a user do something to the database as a whole: `CREATE TABLE`, `BACKUP DATABASE`, `VIEW DATABASE STATE`. */
export function databasePermitted(user: Principal, catalog: Catalog, permission: string): boolean {
  const roles = rolesOf(user, catalog);
  if (user.id === DBO || roles.has(ROLE.owner)) return true;
  const about = catalog.permissions.filter(
    each =>
      each.class === 0 &&
      roles.has(each.grantee) &&
      (each.permission === permission || each.permission === 'CONTROL'),
  );
  if (about.some(each => each.state === 'D')) return false;
  if (about.length > 0) return true;
  if (/^(CREATE|ALTER ANY|ALTER|REFERENCES)\b/.test(permission) && !permission.includes('DATABASE'))
    return roles.has(ROLE.ddladmin);
  return /^BACKUP\b|^CHECKPOINT$/.test(permission) && roles.has(ROLE.backup);
}

/** What fixed server roles may do besides sysadmin. */
const SERVER_ROLES: Readonly<Record<string, readonly string[]>> = {
  serveradmin: ['ALTER SETTINGS', 'VIEW SERVER STATE', 'SHUTDOWN', 'ALTER SERVER STATE'],
  securityadmin: ['ALTER ANY LOGIN'],
  processadmin: ['ALTER ANY CONNECTION', 'ALTER SERVER STATE', 'VIEW SERVER STATE'],
  setupadmin: ['ALTER ANY LINKED SERVER'],
  dbcreator: ['CREATE ANY DATABASE', 'ALTER ANY DATABASE'],
};

export function serverPermitted(instance: Instance, principal: ServerPrincipal, permission: string): boolean {
  if (isSysadmin(principal)) return true;
  const about = instance.principals.permissions.filter(
    each =>
      each.class === 100 &&
      (each.grantee === principal.id || roleName(instance, each.grantee, principal)) &&
      (each.permission === permission || each.permission === 'CONTROL SERVER'),
  );
  if (about.some(each => each.state === 'D')) return false;
  if (about.length > 0) return true;
  return principal.roles.some(role => SERVER_ROLES[role]?.includes(permission) ?? false);
}

const roleName = (instance: Instance, id: number, principal: ServerPrincipal): boolean => {
  const role = instance.principals.byId(id)?.name.toLowerCase();
  return role === 'public' || (role !== undefined && principal.roles.includes(role));
};
