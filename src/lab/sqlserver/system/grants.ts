import { putPermissions } from '../catalog/edit.ts';
import { findObject, findSchema } from '../catalog/find.ts';
import type { Catalog, Permission } from '../catalog/schema.ts';
import { SqlError, unsupported } from '../errors.ts';
import type { Execution } from '../flow/execution.ts';
import type { ServerPermission } from '../server/principals.ts';
import type { AdministrativeStatement } from '../syntax/administration.ts';
import { systemObjectId } from './catalog-facts.ts';
import { cannot } from './faults.ts';
import { permissionCode } from './permission-types.ts';
import { findPrincipal } from './users.ts';

type GrantStatement = Extract<AdministrativeStatement, { readonly grantOption: boolean }>;

/** Permissions that are the server's own. */
const SERVER_SCOPE = new Set([
  'ALTER ANY CONNECTION',
  'ALTER ANY CREDENTIAL',
  'ALTER ANY DATABASE',
  'ALTER ANY ENDPOINT',
  'ALTER ANY LINKED SERVER',
  'ALTER ANY LOGIN',
  'ALTER ANY SERVER ROLE',
  'ALTER SERVER STATE',
  'ALTER SETTINGS',
  'ALTER TRACE',
  'AUTHENTICATE SERVER',
  'CONNECT ANY DATABASE',
  'CONNECT SQL',
  'CONTROL SERVER',
  'CREATE ANY DATABASE',
  'EXTERNAL ACCESS ASSEMBLY',
  'IMPERSONATE ANY LOGIN',
  'SELECT ALL USER SECURABLES',
  'SHUTDOWN',
  'UNSAFE ASSEMBLY',
  'VIEW ANY DATABASE',
  'VIEW ANY DEFINITION',
  'VIEW ANY PERFORMANCE DEFINITION',
  'VIEW ANY SECURITY DEFINITION',
  'VIEW SERVER PERFORMANCE STATE',
  'VIEW SERVER SECURITY STATE',
  'VIEW SERVER STATE',
]);

/** GRANT, DENY and REVOKE on the server, the database, a schema or an object. */
export function grant(statement: GrantStatement, execution: Execution): void {
  for (const permission of statement.permissions)
    if (permission !== 'ALL' && permissionCode(permission) === undefined)
      throw new SqlError(102, `Incorrect syntax near '${permission}'.`, {
        severity: 15,
        line: statement.line,
        endsBatch: true,
      });
  const server =
    ['LOGIN', 'SERVER', 'SERVER ROLE', 'ENDPOINT'].includes(statement.on?.class ?? '') ||
    (statement.on === undefined && statement.permissions.some(each => SERVER_SCOPE.has(each)));
  if (server) grantOnServer(statement, execution);
  else grantInDatabase(statement, execution);
}

const special = (): SqlError =>
  new SqlError(
    4624,
    'Cannot grant, deny, or revoke permissions to sa, dbo, entity owner, information_schema, sys, or yourself.',
  );

function stateOf(statement: GrantStatement): 'D' | 'G' | 'W' {
  return statement.statement === 'deny' ? 'D' : statement.grantOption ? 'W' : 'G';
}

function grantOnServer(statement: GrantStatement, { instance, scope }: Execution): void {
  if (scope.database.name.toLowerCase() !== 'master')
    throw new SqlError(
      4621,
      'Permissions at the server scope can only be granted when the current database is master',
    );
  const { principals } = instance;
  let target = { class: 100, majorId: 0 };
  if (statement.on?.class === 'LOGIN') {
    const login = principals.find(statement.on.name.at(-1) ?? '');
    if (login === undefined) throw cannot('find', 'login', statement.on.name.at(-1) ?? '');
    target = { class: 101, majorId: login.id };
  } else if (statement.on !== undefined && statement.on.class !== 'SERVER')
    throw unsupported(`permissions ON ${statement.on.class}`, statement.line);
  for (const name of statement.principals) {
    const login = principals.find(name);
    if (login === undefined) throw cannot('find', 'login', name);
    if (login.id === 1) throw special();
    for (const permission of statement.permissions) {
      const same = (each: ServerPermission) =>
        each.grantee === login.id &&
        each.class === target.class &&
        each.majorId === target.majorId &&
        each.permission === permission;
      const kept = principals.permissions.filter(each => !same(each));
      if (statement.statement !== 'revoke')
        kept.push({ ...target, grantee: login.id, grantor: 1, permission, state: stateOf(statement) });
      principals.permissions.splice(0, principals.permissions.length, ...kept);
    }
  }
}

interface Target {
  readonly class: number;
  readonly majorId: number;
  readonly all: readonly string[];
}

function targetOf(statement: GrantStatement, execution: Execution, catalog: Catalog): Target {
  const { on } = statement;
  if (on === undefined || on.class === 'DATABASE')
    return {
      class: 0,
      majorId: 0,
      all: [
        'BACKUP DATABASE',
        'BACKUP LOG',
        'CREATE FUNCTION',
        'CREATE PROCEDURE',
        'CREATE TABLE',
        'CREATE VIEW',
      ],
    };
  const name = on.name.at(-1) ?? '';
  if (on.class === 'SCHEMA') {
    const schema = findSchema(catalog, name);
    if (schema === undefined) throw cannot('find', 'schema', name);
    return { class: 3, majorId: schema.id, all: [] };
  }
  if (on.class === 'TYPE') {
    const type = [...catalog.types.values()].find(each => each.name.toLowerCase() === name.toLowerCase());
    if (type === undefined) throw cannot('find', 'type', name);
    return { class: 6, majorId: type.id, all: [] };
  }
  if (on.class === 'ROLE' || on.class === 'USER') {
    const principal = findPrincipal(catalog, name);
    if (principal === undefined) throw cannot('find', on.class.toLowerCase(), name);
    return { class: 4, majorId: principal.id, all: [] };
  }
  if (on.class !== 'OBJECT' && on.class !== '')
    throw unsupported(`permissions ON ${on.class}`, statement.line);
  const schema = on.name.at(-2);
  const object =
    schema === undefined || schema === ''
      ? (findObject(catalog, execution.scope.defaultSchema, name) ?? findObject(catalog, 'dbo', name))
      : findObject(catalog, schema, name);
  if (object === undefined && schema?.toLowerCase() === 'sys') {
    const views = [...execution.instance.system.views.values()];
    const view = views.find(each => each.schema === 'sys' && each.name === name.toLowerCase());
    if (view !== undefined) return { class: 1, majorId: systemObjectId('sys', view.name), all: ['SELECT'] };
  }
  if (object === undefined) throw cannot('find', 'object', name);
  const callable = object.kind === 'module' && ['P', 'FN'].includes(object.object.type);
  return {
    class: 1,
    majorId: object.object.id,
    all: callable ? ['EXECUTE'] : ['DELETE', 'INSERT', 'REFERENCES', 'SELECT', 'UPDATE'],
  };
}

function grantInDatabase(statement: GrantStatement, execution: Execution): void {
  const { database } = execution.scope;
  const catalog = execution.scope.catalogOf(database);
  const target = targetOf(statement, execution, catalog);
  const wanted = statement.permissions.flatMap(each => (each === 'ALL' ? target.all : [each]));
  const grantees = statement.principals.map(name => {
    const found = findPrincipal(catalog, name);
    if (found === undefined) throw cannot('find', 'user', name);
    if (found.id === 1 || found.id === 3 || found.id === 4) throw special();
    return found.id;
  });
  const concerned = (each: Permission) =>
    grantees.includes(each.grantee) &&
    each.class === target.class &&
    each.majorId === target.majorId &&
    each.minorId === 0 &&
    wanted.includes(each.permission);
  execution.transaction(database).define(before => {
    const kept = before.permissions.filter(each => !concerned(each));
    if (statement.statement !== 'revoke')
      for (const grantee of grantees)
        for (const permission of wanted)
          kept.push({
            class: target.class,
            majorId: target.majorId,
            minorId: 0,
            grantee,
            grantor: 1,
            permission,
            state: stateOf(statement),
          });
    return putPermissions(before, kept);
  });
}
