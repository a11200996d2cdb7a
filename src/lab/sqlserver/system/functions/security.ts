import { findSchema } from '../../catalog/find.ts';
import type { Principal } from '../../catalog/schema.ts';
import { unsupported } from '../../errors.ts';
import type { FunctionContext, ScalarFunction } from '../../functions/function.ts';
import { passwordMatches } from '../../server/password.ts';
import {
  databasePermitted,
  objectPermitted,
  rolesOf,
  serverPermitted,
  userOf,
} from '../../server/permissions.ts';
import type { ServerPrincipal } from '../../server/principals.ts';
import { datetimeAt } from '../../values/index.ts';
import { DATETIME, INT, nvarchar, SQL_VARIANT, SYSNAME, type Value, varbinary } from '../../values/types.ts';
import { catalogOf } from '../catalog-facts.ts';
import { metadata, variantOf } from '../define-function.ts';
import { databaseOf, resolveText } from '../resolve.ts';
import { maySeeHashes, maySeeLogin } from '../state-permission.ts';

const login = (context: FunctionContext, name?: string | null): ServerPrincipal | undefined =>
  name === null ? undefined : context.instance.principals.find(name ?? context.session.login);

const users = (context: FunctionContext): readonly Principal[] => [
  ...catalogOf(context, context.database).principals.values(),
];

const user = (context: FunctionContext, name: string): Principal | undefined =>
  users(context).find(each => each.name.toLowerCase() === name.toLowerCase());

const own = (context: FunctionContext): Principal | undefined => user(context, context.session.user);

const isRole =
  (name: string) =>
  (principal: ServerPrincipal): number | null => {
    const wanted = name.toLowerCase();
    if (wanted === 'public') return 1;
    return Number(principal.roles.some(role => role.toLowerCase() === wanted));
  };

const FIXED_SERVER_ROLES = [
  'sysadmin',
  'serveradmin',
  'dbcreator',
  'setupadmin',
  'bulkadmin',
  'securityadmin',
  'diskadmin',
  'processadmin',
  'public',
];

export const SECURITY_FUNCTIONS: readonly ScalarFunction[] = [
  ...['current_user', 'session_user', 'user'].map(name =>
    metadata(name, [0, 0], SYSNAME, (_given, context) => context.session.user),
  ),
  metadata('system_user', [0, 0], nvarchar(128), (_given, context) => context.session.login),
  metadata('original_login', [0, 0], SYSNAME, (_given, context) => context.session.login),
  metadata('suser_sname', [0, 1], nvarchar(128), (given, context) => {
    if (given.count === 0) return context.session.login;
    const sid = given.bytes(0);
    return sid === null ? null : (context.instance.principals.bySid(sid)?.name ?? null);
  }),
  metadata('suser_name', [0, 1], nvarchar(128), (given, context) => {
    if (given.count === 0) return context.session.login;
    const id = given.integer(0);
    return id === null ? null : (context.instance.principals.byId(id)?.name ?? null);
  }),
  metadata(
    'suser_sid',
    [0, 2],
    varbinary(85),
    (given, context) => login(context, given.count === 0 ? undefined : given.text(0))?.sid ?? null,
  ),
  metadata(
    'suser_id',
    [0, 1],
    INT,
    (given, context) => login(context, given.count === 0 ? undefined : given.text(0))?.id ?? null,
  ),
  metadata('user_name', [0, 1], nvarchar(128), (given, context) => {
    if (given.count === 0) return context.session.user;
    const id = given.integer(0);
    return users(context).find(each => each.id === id)?.name ?? null;
  }),
  metadata('user_id', [0, 1], INT, (given, context) => {
    if (given.count === 0) return own(context)?.id ?? null;
    const name = given.text(0);
    return name === null ? null : (user(context, name)?.id ?? null);
  }),
  metadata('database_principal_id', [0, 1], INT, (given, context) => {
    if (given.count === 0) return own(context)?.id ?? null;
    const name = given.text(0);
    return name === null ? null : (user(context, name)?.id ?? null);
  }),
  metadata('is_srvrolemember', [1, 2], INT, (given, context) => {
    const role = given.text(0);
    if (role === null) return null;
    const known =
      FIXED_SERVER_ROLES.includes(role.toLowerCase()) || context.instance.principals.find(role)?.type === 'R';
    const principal = login(context, given.count === 1 ? undefined : given.text(1));
    return known && principal !== undefined ? isRole(role)(principal) : null;
  }),
  metadata('is_member', [1, 1], INT, (given, context) => {
    const role = given.text(0);
    return role === null ? null : databaseRole(context, role, own(context));
  }),
  metadata('is_rolemember', [1, 2], INT, (given, context) => {
    const role = given.text(0);
    const name = given.count === 1 ? context.session.user : given.text(1);
    return role === null || name === null ? null : databaseRole(context, role, user(context, name));
  }),
  metadata('has_perms_by_name', [3, 5], INT, (given, context) => {
    const permission = given.text(2)?.toUpperCase();
    return permission === undefined
      ? null
      : permitted(context, given.text(0), given.text(1)?.toUpperCase() ?? null, permission);
  }),
  metadata('loginproperty', [2, 2], SQL_VARIANT, (given, context) => {
    const [name, property] = [given.text(0), given.text(1)];
    const principal = name === null ? undefined : login(context, name);
    if (principal === undefined || property === null) return null;
    if (property.toLowerCase() === 'passwordhash' && !maySeeHashes(context)) return null;
    return maySeeLogin(context, principal.name) ? loginProperty(principal, property.toLowerCase()) : null;
  }),
  metadata('pwdcompare', [2, 3], INT, given => {
    const [clear, hash] = [given.text(0), given.bytes(1)];
    return clear === null || hash === null ? null : Number(passwordMatches(clear, hash));
  }),
  metadata('pwdencrypt', [1, 1], varbinary(256), () => {
    throw unsupported('PWDENCRYPT');
  }),
];

/** NULL where there is no such role or user. */
function databaseRole(context: FunctionContext, name: string, member: Principal | undefined): number | null {
  const role = user(context, name);
  if (role === undefined || role.type !== 'R' || member === undefined) return null;
  const roles = rolesOf(member, catalogOf(context, context.database));
  return Number(roles.has(role.id) || (member.id === 1 && role.name === 'db_owner'));
}

function permitted(
  context: FunctionContext,
  securable: string | null,
  kind: string | null,
  permission: string,
): number | null {
  const principal = login(context);
  if (principal === undefined) return null;
  if (kind === null || kind === 'SERVER')
    return Number(serverPermitted(context.instance, principal, permission));
  if (kind === 'DATABASE') {
    const database = databaseOf(context, securable ?? '');
    if (database === undefined) return null;
    const found = userOf(principal, database);
    if (found === undefined) return 0;
    const everywhere = permission === 'VIEW DEFINITION' ? 'VIEW ANY DEFINITION' : undefined;
    if (everywhere !== undefined && serverPermitted(context.instance, principal, everywhere)) return 1;
    return Number(
      permission === 'ANY' ||
        permission === 'CONNECT' ||
        databasePermitted(found, database.catalog, permission),
    );
  }
  const catalog = catalogOf(context, context.database);
  const found = userOf(principal, context.database, catalog);
  if (found === undefined || securable === null) return null;
  if (kind === 'SCHEMA') {
    const schema = findSchema(catalog, securable);
    if (schema === undefined) return null;
    return Number(objectPermitted(found, catalog, permission, { objectId: 0, schemaId: schema.id }));
  }
  if (kind !== 'OBJECT') return null;
  const resolved = resolveText(context, securable);
  if (resolved === undefined) return null;
  const other = userOf(principal, resolved.database, resolved.catalog);
  if (other === undefined) return 0;
  const { id, schemaId } = resolved.facts;
  return Number(objectPermitted(other, resolved.catalog, permission, { objectId: id, schemaId }));
}

function loginProperty(principal: ServerPrincipal, property: string): Value {
  const sql = principal.type === 'S';
  switch (property) {
    case 'passwordhash':
      return sql ? variantOf(principal.hash ?? null) : null;
    case 'passwordhashalgorithm':
      return sql ? variantOf(2) : null;
    case 'ismustchange':
      return sql ? variantOf(principal.mustChange) : null;
    case 'islocked':
    case 'isexpired':
    case 'badpasswordcount':
    case 'historylength':
      return sql ? variantOf(0) : null;
    case 'defaultdatabase':
      return variantOf(principal.defaultDatabase);
    case 'defaultlanguage':
      return variantOf(principal.defaultLanguage);
    case 'passwordlastsettime':
      return sql ? { type: DATETIME, value: datetimeAt(principal.modified) } : null;
    case 'badpasswordtime':
    case 'lockouttime':
      return sql ? { type: DATETIME, value: 0 } : null;
    default:
      return null;
  }
}
