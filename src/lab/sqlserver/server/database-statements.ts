import { SqlError } from '../errors.ts';
import type { Execution, StatementResult } from '../flow/execution.ts';
import type { AdministrativeStatement } from '../syntax/administration.ts';
import { alterDatabase } from './alter-database.ts';
import { createDatabase } from './create-database.ts';
import { findDatabase, serverOf } from './database-names.ts';
import type { ServerDatabase } from './database-state.ts';
import { requireUnused } from './database-users.ts';

/** CREATE, ALTER and DROP DATABASE; the driver brings them here and all other administrative statements to `administer`. */
export type DatabaseStatement = Extract<
  AdministrativeStatement,
  { readonly statement: 'create-database' | 'alter-database' | 'drop-database' }
>;

export async function changeDatabase(
  statement: DatabaseStatement,
  execution: Execution,
): Promise<StatementResult> {
  switch (statement.statement) {
    case 'create-database':
      createDatabase(statement, execution);
      break;
    case 'alter-database':
      await alterDatabase(statement, execution);
      break;
    case 'drop-database':
      for (const name of statement.names) dropDatabase(name, statement.ifExists, execution);
      break;
  }
  return { count: undefined };
}

const SYSTEM: ReadonlySet<string> = new Set(['master', 'tempdb', 'model', 'msdb']);

/** @throws SqlError 3701, 3708, 3709, 3724, 3702 */
function dropDatabase(name: string, ifExists: boolean, execution: Execution): void {
  const server = serverOf(execution);
  const database = findDatabase(execution, name);
  if (!database) {
    if (ifExists) return;
    throw new SqlError(
      3701,
      `Cannot drop the database '${name}', because it does not exist or you do not have permission.`,
      { severity: 11 },
    );
  }
  if (SYSTEM.has(name.toLowerCase()))
    throw new SqlError(3708, `Cannot drop the database '${name}' because it is a system database.`);
  requireDroppable(database, server.databases.values());
  requireUnused(database, execution, 'drop');
  server.store.drop(database);
}

function requireDroppable(database: ServerDatabase, all: Iterable<ServerDatabase>): void {
  const { name, options } = database;
  for (const other of all)
    if (other.snapshotOf === database)
      throw new SqlError(
        3709,
        `Cannot drop the database while the database snapshot "${other.name}" refers to it. Drop that database first.`,
      );
  if (database.snapshotOf) return;
  if (options.published || options.distributor)
    throw new SqlError(3724, `Cannot drop the database '${name}' because it is being used for replication.`, {
      state: options.distributor ? 2 : 3,
    });
}
