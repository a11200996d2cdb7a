import { SqlError } from '../errors.ts';

/** 15151: `Cannot drop the login 'x', because it does not exist or you do not have permission.` */
export const cannot = (verb: string, kind: string, name: string): SqlError =>
  new SqlError(
    15151,
    `Cannot ${verb} the ${kind} '${name}', because it does not exist or you do not have permission.`,
  );

export const principalExists = (name: string): SqlError =>
  new SqlError(15025, `The server principal '${name}' already exists.`);

export const userExists = (name: string): SqlError =>
  new SqlError(15023, `User, group, or role '${name}' already exists in the current database.`);

export const noDatabase = (name: string): SqlError =>
  new SqlError(
    15010,
    `The database '${name}' does not exist. Supply a valid database name. To see available databases, use sys.databases.`,
  );

export const noServer = (name: string): SqlError =>
  new SqlError(15015, `The server '${name}' does not exist. Use sp_helpserver to show available servers.`);

export const noObject = (name: string, database: string): SqlError =>
  new SqlError(
    15009,
    `The object '${name}' does not exist in database '${database}' or is invalid for this operation.`,
  );

export const notPermitted = (): SqlError =>
  new SqlError(15247, 'User does not have permission to perform this action.');

export const specialPrincipal = (name: string): SqlError =>
  new SqlError(15405, `Cannot use the special principal '${name}'.`);

export const withinTransaction = (procedure: string): SqlError =>
  new SqlError(15002, `The procedure '${procedure}' cannot be executed within a transaction.`);
