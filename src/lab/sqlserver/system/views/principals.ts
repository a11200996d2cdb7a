import { findSchema } from '../../catalog/find.ts';
import type { Catalog, Principal } from '../../catalog/schema.ts';
import type { FunctionContext } from '../../functions/function.ts';
import type { ServerPrincipal } from '../../server/principals.ts';
import { catalogOf } from '../catalog-facts.ts';
import { type ViewRow, view } from '../define-view.ts';
import { PERMISSION_CLASSES, PERMISSION_STATES, permissionCode } from '../permission-types.ts';
import { maySeeHashes, maySeeLogin } from '../state-permission.ts';

const TYPES = { S: 'SQL_USER', U: 'WINDOWS_USER', G: 'WINDOWS_GROUP', R: 'DATABASE_ROLE' } as const;
const LOGIN_TYPES = { S: 'SQL_LOGIN', U: 'WINDOWS_LOGIN', G: 'WINDOWS_GROUP', R: 'SERVER_ROLE' } as const;

/** Of users and roles that came with the database. */
const EPOCH = Date.UTC(2003, 3, 8, 9, 10, 42);

const authentication = (principal: Principal): { readonly id: number; readonly name: string } => {
  if (principal.type === 'U' || principal.type === 'G') return { id: 3, name: 'WINDOWS' };
  const none = principal.type === 'R' || principal.sid === undefined || principal.sid.length > 16;
  return none || (principal.id > 1 && principal.id < 5)
    ? { id: 0, name: 'NONE' }
    : { id: 1, name: 'INSTANCE' };
};

export const databasePrincipals = view(
  'database_principals',
  `name sysname
   principal_id int
   type char(1)
   type_desc nvarchar(60) null
   default_schema_name sysname null
   create_date datetime
   modify_date datetime
   owning_principal_id int null
   sid varbinary(85) null
   is_fixed_role bit
   authentication_type int
   authentication_type_desc nvarchar(60) null
   default_language_name sysname null
   default_language_lcid int null
   allow_encrypted_value_modifications bit = 0 since 2016`,
  (context, database) =>
    [...catalogOf(context, database).principals.values()].map(principal => ({
      name: principal.name,
      principal_id: principal.id,
      type: principal.type,
      type_desc: TYPES[principal.type],
      default_schema_name: principal.defaultSchema ?? null,
      create_date: principal.id < 5 || principal.fixed ? EPOCH : database.created,
      modify_date: principal.id < 5 || principal.fixed ? EPOCH : database.created,
      owning_principal_id: principal.type === 'R' ? 1 : null,
      sid: principal.sid ?? null,
      is_fixed_role: principal.fixed,
      authentication_type: authentication(principal).id,
      authentication_type_desc: authentication(principal).name,
    })),
);

export const databaseRoleMembers = view(
  'database_role_members',
  `role_principal_id int
   member_principal_id int`,
  function* (context, database) {
    for (const principal of catalogOf(context, database).principals.values())
      for (const role of principal.roles)
        yield { role_principal_id: role, member_principal_id: principal.id };
  },
);

const PERMISSION_COLUMNS = `class tinyint
   class_desc nvarchar(60) null
   major_id int
   minor_id int
   grantee_principal_id int
   grantor_principal_id int
   type char(4)
   permission_name nvarchar(128) null
   state char(1)
   state_desc nvarchar(60) null`;

const permissionRow = (permission: {
  readonly class: number;
  readonly majorId: number;
  readonly minorId?: number;
  readonly grantee: number;
  readonly grantor: number;
  readonly permission: string;
  readonly state: 'D' | 'G' | 'W' | 'R';
}): ViewRow => ({
  class: permission.class,
  class_desc: PERMISSION_CLASSES[permission.class] ?? null,
  major_id: permission.majorId,
  minor_id: permission.minorId ?? 0,
  grantee_principal_id: permission.grantee,
  grantor_principal_id: permission.grantor,
  type: (permissionCode(permission.permission) ?? '').padEnd(4),
  permission_name: permission.permission,
  state: permission.state,
  state_desc: PERMISSION_STATES[permission.state],
});

export const databasePermissions = view('database_permissions', PERMISSION_COLUMNS, (context, database) =>
  catalogOf(context, database).permissions.map(permissionRow),
);

const SERVER_PRINCIPAL_COLUMNS = `name sysname
   principal_id int
   sid varbinary(85) null
   type char(1)
   type_desc nvarchar(60) null
   is_disabled int null
   create_date datetime
   modify_date datetime
   default_database_name sysname null
   default_language_name sysname null
   credential_id int null`;

const SERVER_ROLE_COLUMNS = `owning_principal_id int null
   is_fixed_role bit`;

function serverPrincipalRow(principal: ServerPrincipal): ViewRow {
  const role = principal.type === 'R';
  return {
    name: principal.name,
    principal_id: principal.id,
    sid: principal.sid,
    type: principal.type,
    type_desc: LOGIN_TYPES[principal.type],
    is_disabled: principal.disabled ? 1 : 0,
    create_date: principal.created,
    modify_date: principal.modified,
    default_database_name: role ? null : principal.defaultDatabase,
    default_language_name: role ? null : principal.defaultLanguage,
  };
}

/** Everybody sees `sa` and the roles. */
const principalsOf = (context: FunctionContext): readonly ServerPrincipal[] =>
  context.instance.principals
    .all()
    .filter(each => each.type === 'R' || each.id === 1 || maySeeLogin(context, each.name));

export const serverPrincipals = view(
  'server_principals',
  `${SERVER_PRINCIPAL_COLUMNS}
   ${SERVER_ROLE_COLUMNS}`,
  context =>
    principalsOf(context).map(principal => ({
      ...serverPrincipalRow(principal),
      owning_principal_id: principal.type === 'R' ? 1 : null,
      is_fixed_role: principal.type === 'R' && principal.fixed,
    })),
);

export const sqlLogins = view(
  'sql_logins',
  `${SERVER_PRINCIPAL_COLUMNS}
   is_policy_checked bit null
   is_expiration_checked bit null
   password_hash varbinary(256) null`,
  context =>
    principalsOf(context)
      .filter(principal => principal.type === 'S')
      .map(principal => ({
        ...serverPrincipalRow(principal),
        is_policy_checked: principal.checkPolicy,
        is_expiration_checked: principal.checkExpiration,
        password_hash: maySeeHashes(context) ? (principal.hash ?? null) : null,
      })),
);

export const serverRoleMembers = view(
  'server_role_members',
  `role_principal_id int
   member_principal_id int`,
  function* (context) {
    const all = principalsOf(context);
    const roles = new Map(
      all.filter(each => each.type === 'R').map(each => [each.name.toLowerCase(), each.id]),
    );
    for (const principal of all)
      for (const role of principal.roles) {
        const id = roles.get(role.toLowerCase());
        if (id !== undefined) yield { role_principal_id: id, member_principal_id: principal.id };
      }
  },
);

export const serverPermissions = view('server_permissions', PERMISSION_COLUMNS, context =>
  context.instance.principals.permissions.map(permissionRow),
);

/** `SCHEMATA` names the owner of each schema. */
export const schemata = view(
  'SCHEMATA',
  `CATALOG_NAME nvarchar(128) null
   SCHEMA_NAME nvarchar(128)
   SCHEMA_OWNER nvarchar(128) null
   DEFAULT_CHARACTER_SET_CATALOG varchar(6) null
   DEFAULT_CHARACTER_SET_SCHEMA varchar(3) null
   DEFAULT_CHARACTER_SET_NAME sysname null`,
  (context, database) => {
    const catalog = catalogOf(context, database);
    return [...catalog.schemas.values()].map(schema => ({
      CATALOG_NAME: database.name,
      SCHEMA_NAME: schema.name,
      SCHEMA_OWNER: catalog.principals.get(schema.owner)?.name ?? null,
      DEFAULT_CHARACTER_SET_NAME: 'iso_1',
    }));
  },
  { schema: 'INFORMATION_SCHEMA' },
);

/** The schema a user's unqualified names mean. */
export const defaultSchemaOf = (catalog: Catalog, user: Principal | undefined): string =>
  findSchema(catalog, user?.defaultSchema ?? 'dbo')?.name ?? 'dbo';
