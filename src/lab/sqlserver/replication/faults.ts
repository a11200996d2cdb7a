import { SqlError } from '../errors.ts';
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

export const noDistributor = (server: string): SqlError =>
  new SqlError(
    20028,
    `The Distributor has not been installed correctly. Could not enable database for publishing. (${server})`,
  );

export const notADistributor = (server: string): SqlError =>
  new SqlError(14114, `The server '${server}' is not configured as a Distributor.`);

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

/** A parameter whose value is none of the allowed ones. */
export const wrongValue = (parameter: string, allowed: readonly string[]): SqlError =>
  new SqlError(
    21402,
    `The value of the ${parameter} parameter must be one of: ${allowed.map(each => `'${each}'`).join(', ')}.`,
  );
