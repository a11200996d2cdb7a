import { dropPrincipal, newPrincipalId, putPrincipal } from '../catalog/edit.ts';
import type { Catalog, Principal } from '../catalog/schema.ts';
import { SqlError } from '../errors.ts';
import type { Execution } from '../flow/execution.ts';
import type { ServerPrincipal } from '../server/principals.ts';
import type { AdministrativeStatement } from '../syntax/administration.ts';
import { cannot, principalExists, specialPrincipal, userExists } from './faults.ts';
import { optionText } from './statement-values.ts';

type UserStatement = Extract<AdministrativeStatement, { readonly withoutLogin: boolean }>;
type RoleStatement = Extract<
  AdministrativeStatement,
  { readonly ifExists: boolean; readonly server: boolean }
>;
type MemberStatement = Extract<AdministrativeStatement, { readonly member: string }>;

/** Principals of the current database, with the transaction's own changes. */
const principals = (execution: Execution): Catalog => execution.scope.catalogOf(execution.scope.database);

export function findPrincipal(catalog: Catalog, name: string): Principal | undefined {
  const wanted = name.toLowerCase();
  for (const each of catalog.principals.values()) if (each.name.toLowerCase() === wanted) return each;
  return undefined;
}

const change = (execution: Execution, edit: (catalog: Catalog) => Catalog): void =>
  execution.transaction(execution.scope.database).define(edit);

const sameBytes = (left: Uint8Array | undefined, right: Uint8Array): boolean =>
  left !== undefined && Buffer.compare(left, right) === 0;

/** 15063: a login is one user of a database; the owner is dbo already. */
function requireFree(execution: Execution, login: ServerPrincipal, except?: number): void {
  const catalog = principals(execution);
  const taken = [...catalog.principals.values()].some(
    user => user.id !== except && user.type !== 'R' && sameBytes(user.sid, login.sid),
  );
  if (taken || sameBytes(execution.scope.database.options.owner, login.sid))
    throw new SqlError(15063, 'The login already has an account under a different user name.');
}

/** CREATE USER. */
export function createUser(statement: UserStatement, execution: Execution): void {
  const { name, options } = statement;
  const { principals: logins, random } = execution.instance;
  if (options.some(option => option.name === 'PASSWORD'))
    throw new SqlError(33233, 'You can only create a user with a password in a contained database.');
  if (findPrincipal(principals(execution), name) !== undefined) throw userExists(name);
  const login = statement.withoutLogin ? undefined : logins.find(statement.login ?? name);
  if (!statement.withoutLogin && (login === undefined || login.type === 'R'))
    throw new SqlError(
      15007,
      `'${statement.login ?? name}' is not a valid login or you do not have permission.`,
    );
  if (login !== undefined) requireFree(execution, login);
  const schema = optionText(execution, options, 'DEFAULT_SCHEMA');
  const windows = login?.type === 'U' || login?.type === 'G';
  const type = login === undefined || !windows ? 'S' : login.type === 'G' ? 'G' : 'U';
  const sid = login?.sid ?? withoutLoginSid(random.bytes(16));
  change(execution, catalog => {
    const id = newPrincipalId(catalog);
    const user: Principal = { id, name, type, sid, defaultSchema: schema ?? 'dbo', roles: [], fixed: false };
    const granted = { class: 0, majorId: 0, minorId: 0, grantee: id, grantor: 1 } as const;
    return {
      ...putPrincipal(catalog, user),
      permissions: [...catalog.permissions, { ...granted, permission: 'CONNECT', state: 'G' }],
    };
  });
}

/** A user without a login has a SID that no login can have: its authority is 9. */
function withoutLoginSid(random: Uint8Array): Uint8Array {
  const sid = new Uint8Array(28);
  sid.set([1, 5, 0, 0, 0, 0, 0, 9, 3, 0, 0, 0]);
  sid.set(random.subarray(0, 16), 12);
  return sid;
}

/** ALTER USER: an orphan is mended by WITH LOGIN. */
export function alterUser(statement: UserStatement, execution: Execution): void {
  const user = findPrincipal(principals(execution), statement.name);
  if (user === undefined || user.type === 'R' || user.id < 5) throw cannot('alter', 'user', statement.name);
  const name = optionText(execution, statement.options, 'NAME');
  const schema = optionText(execution, statement.options, 'DEFAULT_SCHEMA');
  const wanted = statement.login ?? optionText(execution, statement.options, 'LOGIN');
  if (name !== undefined) {
    const other = findPrincipal(principals(execution), name);
    if (other !== undefined && other.id !== user.id) throw userExists(name);
  }
  const login = wanted === undefined ? undefined : execution.instance.principals.find(wanted);
  if (wanted !== undefined && (login === undefined || login.type === 'R'))
    throw new SqlError(15007, `'${wanted}' is not a valid login or you do not have permission.`);
  if (login !== undefined) requireFree(execution, login, user.id);
  change(execution, catalog =>
    putPrincipal(catalog, {
      ...user,
      ...(name === undefined ? {} : { name }),
      ...(schema === undefined ? {} : { defaultSchema: schema }),
      ...(login === undefined ? {} : { sid: login.sid }),
    }),
  );
}

/** DROP USER. */
export function dropUser({ name, ifExists }: RoleStatement, execution: Execution): void {
  const catalog = principals(execution);
  const user = findPrincipal(catalog, name);
  if (user === undefined && ifExists) return;
  if (user === undefined || user.type === 'R') throw cannot('drop', 'user', name);
  if (user.id < 5) throw new SqlError(15150, `Cannot drop the user '${name}'.`);
  requireOwnsNothing(catalog, user);
  change(execution, before => dropPrincipal(before, user.id));
}

function requireOwnsNothing(catalog: Catalog, principal: Principal): void {
  for (const schema of catalog.schemas.values())
    if (schema.owner === principal.id)
      throw new SqlError(
        15138,
        'The database principal owns a schema in the database, and cannot be dropped.',
      );
}

/** CREATE ROLE and CREATE SERVER ROLE. */
export function createRole({ name, server }: RoleStatement, execution: Execution): void {
  if (server) {
    const { principals: logins, clock, random } = execution.instance;
    if (logins.find(name) !== undefined) throw principalExists(name);
    logins.add({
      name,
      sid: random.bytes(16),
      type: 'R',
      hash: undefined,
      disabled: false,
      created: clock.now(),
      modified: clock.now(),
      defaultDatabase: 'master',
      defaultLanguage: 'us_english',
      checkPolicy: false,
      checkExpiration: false,
      mustChange: false,
      roles: [],
      fixed: false,
    });
    return;
  }
  if (findPrincipal(principals(execution), name) !== undefined) throw userExists(name);
  change(execution, catalog => {
    const id = newPrincipalId(catalog);
    return putPrincipal(catalog, {
      id,
      name,
      type: 'R',
      sid: withoutLoginSid(execution.instance.random.bytes(16)),
      roles: [],
      fixed: false,
    });
  });
}

/** DROP ROLE and DROP SERVER ROLE. */
export function dropRole({ name, server, ifExists }: RoleStatement, execution: Execution): void {
  const hasMembers = () =>
    new SqlError(15144, 'The role has members. It must be empty before it can be dropped.');
  if (server) {
    const { principals: logins } = execution.instance;
    const role = logins.find(name);
    if (role === undefined || role.type !== 'R') throw cannot('drop', 'server role', name);
    if (role.fixed) throw new SqlError(15150, `Cannot drop the server role '${name}'.`);
    if (logins.all().some(each => each.roles.some(own => own.toLowerCase() === name.toLowerCase())))
      throw hasMembers();
    logins.drop(role.id);
    return;
  }
  const catalog = principals(execution);
  const role = findPrincipal(catalog, name);
  if (role === undefined && ifExists) return;
  if (role === undefined || role.type !== 'R') throw cannot('drop', 'role', name);
  if (role.fixed || role.id === 0) throw new SqlError(15150, `Cannot drop the role '${name}'.`);
  if ([...catalog.principals.values()].some(each => each.roles.includes(role.id))) throw hasMembers();
  requireOwnsNothing(catalog, role);
  change(execution, before => dropPrincipal(before, role.id));
}

/** ALTER ROLE … ADD|DROP MEMBER, of the database or of the server. */
export function alterRole(statement: MemberStatement, execution: Execution): void {
  if (statement.server) alterServerRole(statement, execution);
  else alterDatabaseRole(statement, execution);
}

function alterServerRole({ role, action, member }: MemberStatement, { instance }: Execution): void {
  const found = instance.principals.find(role);
  if (found === undefined || found.type !== 'R' || found.name === 'public')
    throw cannot('alter', 'server role', role);
  const principal = instance.principals.find(member);
  if (principal === undefined || principal.fixed) throw cannot(action, 'server principal', member);
  if (principal.id === 1) throw specialPrincipal(member);
  const name = found.name.toLowerCase();
  const others = principal.roles.filter(each => each.toLowerCase() !== name);
  instance.principals.change(principal.id, { roles: action === 'add' ? [...others, name] : others });
}

function alterDatabaseRole({ role, action, member }: MemberStatement, execution: Execution): void {
  const catalog = principals(execution);
  const found = findPrincipal(catalog, role);
  if (found === undefined || found.type !== 'R' || found.id === 0) throw cannot('alter', 'role', role);
  const principal = findPrincipal(catalog, member);
  if (principal === undefined || principal.fixed) throw cannot(action, 'principal', member);
  if (principal.id < 5) throw specialPrincipal(member);
  const others = principal.roles.filter(each => each !== found.id);
  change(execution, before =>
    putPrincipal(before, { ...principal, roles: action === 'add' ? [...others, found.id] : others }),
  );
}
