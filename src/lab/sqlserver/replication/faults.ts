import { SqlError } from '../errors.ts';
import { rolesOf, userOf } from '../server/permissions.ts';
import type { ProcedureContext } from '../system/procedure.ts';

/** The refusals that several replication procedures share, with SQL Server's numbers. */

export const outsideTransactions = (context: ProcedureContext, procedure: string): void => {
  if (context.transaction === undefined && context.session.transactionCount === 0) return;
  throw new SqlError(15002, `The procedure 'sys.${procedure}' cannot be executed within a transaction.`);
};

export const needsSysadmin = (context: ProcedureContext): void => {
  if (isSysadmin(context)) return;
  throw new SqlError(21089, 'Only members of the sysadmin fixed server role can perform this operation.');
};

export const isSysadmin = ({ instance, session }: ProcedureContext): boolean =>
  instance.principals.find(session.login)?.roles.includes('sysadmin') ?? false;

/** A sysadmin, or a db_owner of the database that the procedure runs in. */
export function isOwner(context: ProcedureContext): boolean {
  const principal = context.instance.principals.find(context.session.login);
  const user = principal && userOf(principal, context.database);
  return user !== undefined && (user.id === 1 || rolesOf(user, context.database.catalog).has(DB_OWNER));
}

const DB_OWNER = 16384;

/** Of `sp_replicationdboption`. */
export const noDistributor = (): SqlError =>
  new SqlError(
    20028,
    'The Distributor has not been installed correctly. Could not enable database for publishing.',
  );

export const notADistributor = (server: string): SqlError =>
  new SqlError(14114, `The server '${server}' is not configured as a Distributor.`);

/** A procedure of one database, called in another. */
export const elsewhere = (procedure: string, database: string): SqlError =>
  new SqlError(21482, `${procedure} can only be executed in the "${database}" database.`);

export const notPublished = (database: string): SqlError =>
  new SqlError(
    18757,
    `Unable to execute procedure. The database '${database}' is not published. Execute the procedure in a database that is published for replication.`,
  );

export const noPublication = (publication: string): SqlError =>
  new SqlError(20026, `The publication '${publication}' does not exist.`);

export const noArticle = (article: string): SqlError =>
  new SqlError(20027, `The article '${article}' does not exist.`);

export const noSubscription = (): SqlError => new SqlError(14055, 'The subscription does not exist.');

/** A parameter whose value is none of the allowed ones, where SQL Server has no text of its own for it. */
export const wrongValue = (parameter: string, procedure: string): SqlError =>
  new SqlError(20587, `Invalid '${parameter}' value for stored procedure '${procedure}'.`);

/** @publisher is for Publishers of other makers alone. */
export const foreignPublisher = (publisher: string): SqlError =>
  new SqlError(
    21600,
    `Non-SQL Server Publisher [${publisher}] cannot be found. Execute sp_helpdistpublishers to view a list of available Publishers.`,
  );

/** A database that does not publish, to all procedures but those of the log. */
export const notEnabled = (): SqlError =>
  new SqlError(14013, 'This database is not enabled for publication.');

/** Of all procedures at a publisher whose distributor is not there, or does not know it. */
export const distributorNotFound = (): SqlError =>
  new SqlError(
    14071,
    'Could not find the Distributor or the distribution database for the local server. The Distributor may not be installed, or the local server may not be configured as a Publisher at the Distributor.',
  );
