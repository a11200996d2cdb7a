import { putPrincipal, putSchema } from '../catalog/edit.ts';
import { findSchema } from '../catalog/find.ts';
import { SqlError, unsupported } from '../errors.ts';
import type { Execution } from '../flow/execution.ts';
import type { Database } from '../server/instance.ts';
import type { AdministrativeStatement } from '../syntax/administration.ts';
import { cannot } from './faults.ts';
import { findPrincipal } from './users.ts';

type AuthorizationStatement = Extract<AdministrativeStatement, { readonly statement: 'alter-authorization' }>;

/** ALTER AUTHORIZATION ON DATABASE:: and SCHEMA::. */
export function alterAuthorization(statement: AuthorizationStatement, execution: Execution): void {
  const name = statement.name.at(-1) ?? '';
  if (statement.class === 'DATABASE') {
    const database = execution.instance.databases.get(name.toLowerCase());
    if (database === undefined) throw cannot('find', 'database', name);
    changeOwner(execution, database, statement.owner);
    return;
  }
  if (statement.class !== 'SCHEMA')
    throw unsupported(`ALTER AUTHORIZATION ON ${statement.class}`, statement.line);
  const { database } = execution.scope;
  const catalog = execution.scope.catalogOf(database);
  const schema = findSchema(catalog, name);
  if (schema === undefined) throw cannot('find', 'schema', name);
  const owner = findPrincipal(catalog, statement.owner);
  if (owner === undefined) throw cannot('find', 'principal', statement.owner);
  if (schema.id < 5 || schema.id >= 16_384) throw new SqlError(15150, `Cannot alter the schema '${name}'.`);
  execution.transaction(database).define(before => putSchema(before, { ...schema, owner: owner.id }));
}

/** The owner of a database is dbo in it; sp_changedbowner does the same. */
export function changeOwner(execution: Execution, database: Database, owner: string): void {
  const login = execution.instance.principals.find(owner);
  if (login === undefined || login.type === 'R' || login.type === 'G')
    throw cannot('find', 'principal', owner);
  const catalog = execution.scope.catalogOf(database);
  for (const user of catalog.principals.values())
    if (user.id !== 1 && user.type !== 'R' && user.sid && Buffer.compare(user.sid, login.sid) === 0)
      throw new SqlError(
        15110,
        'The proposed new database owner is already a user or aliased in the database.',
      );
  const dbo = catalog.principals.get(1);
  if (dbo !== undefined && database.store !== undefined)
    execution.transaction(database).define(before => putPrincipal(before, { ...dbo, sid: login.sid }));
  database.options.owner = login.sid;
}
