import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SqlError } from '../errors.ts';
import type { Execution } from '../flow/execution.ts';
import { othersIn } from '../server/database-users.ts';
import { guidText } from '../server/guid.ts';
import type { Database, RestoreTarget } from '../server/instance.ts';
import { optionText } from '../system/statement-values.ts';
import { CHAIN, forksOf, keepForks, lsnOption } from './chain.ts';
import { deviceFile } from './device.ts';
import type { RestoreStatement } from './information.ts';
import { databaseName, hasOption } from './options.ts';

/** Is it being restored, or readable between two restores. */
export const isRestoring = ({ options }: Database): boolean =>
  options.state === 'RESTORING' || options.others.has(CHAIN.standby);

/** @throws SqlError 3102, 3101 where anybody is in it */
export function requireExclusive(execution: Execution, database: Database): void {
  if (execution.scope.database === database)
    throw new SqlError(
      3102,
      `RESTORE cannot process database '${database.name}' because it is in use by this session. It is recommended that the master database be used when performing this operation.`,
    );
  if (othersIn(database, execution).length > 0)
    throw new SqlError(3101, 'Exclusive access could not be obtained because the database is in use.');
}

/** How a RESTORE ends: NORECOVERY leaves the database as it is, STANDBY lets it be read, RECOVERY ends the restore. */
export async function endRestore(
  statement: RestoreStatement,
  execution: Execution,
  target: RestoreTarget,
): Promise<void> {
  const { options } = statement;
  if (hasOption(options, 'NORECOVERY')) return;
  const file = optionText(execution, options, 'STANDBY');
  if (file === undefined) {
    await online(execution, target, hasOption(options, 'KEEP_REPLICATION'));
    if (hasOption(options, 'RESTRICTED_USER')) target.options.access = 'RESTRICTED_USER';
    return;
  }
  const path = deviceFile(execution.instance, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, '');
  target.open();
  target.options.others.set(CHAIN.standby, file);
  target.options.state = 'ONLINE';
}

/** RESTORE DATABASE x WITH RECOVERY, or WITH STANDBY, without a backup. @throws SqlError 911, 3153, 4333, 3101 */
export async function recover(statement: RestoreStatement, execution: Execution): Promise<void> {
  const name = databaseName(execution, statement.database);
  const there = execution.instance.databases.get(name.toLowerCase());
  if (there === undefined)
    throw new SqlError(
      911,
      `Database '${name}' does not exist. Make sure that the name is entered correctly.`,
    );
  if (!isRestoring(there)) throw new SqlError(3153, 'The database is already fully recovered.');
  if (lsnOption(there.options, CHAIN.restored) === undefined)
    throw new SqlError(4333, 'The database cannot be recovered because the log was not restored.');
  requireExclusive(execution, there);
  const target = await beginRestore(execution, there.name);
  await endRestore(statement, execution, target);
  execution.message({
    ...{ number: 3014, severity: 0, state: 1 },
    text: 'RESTORE DATABASE successfully processed 0 pages in 0.001 seconds (0.000 MB/sec).',
  });
}

/** Shuts a database and lets nobody in; what STANDBY has undone is restored again. */
export async function beginRestore(execution: Execution, name: string): Promise<RestoreTarget> {
  const { instance } = execution;
  const target = instance.prepareRestore({ name });
  const standby = target.options.others.get(CHAIN.standby);
  if (standby !== undefined) {
    target.options.others.delete(CHAIN.standby);
    await rm(deviceFile(instance, String(standby)), { force: true });
  }
  return target;
}

/** From here on its history is its own: a new recovery fork, so that no later log of the source fits any more. */
async function online(execution: Execution, target: RestoreTarget, keepReplication: boolean): Promise<void> {
  const { instance } = execution;
  const { options } = target;
  const reached = lsnOption(options, CHAIN.restored) ?? 0n;
  const publisher = options.others.get(CHAIN.publisher);
  target.open();
  const { store } = target;
  if (store === undefined) throw new Error(`${target.name} has no store`);
  keepForks(options, [...forksOf(target), { fork: target.recoveryFork, until: String(reached) }]);
  target.recoveryFork = guidText(instance.random.bytes(16));
  store.log.backups.enable(options.recovery !== 'SIMPLE');
  if (options.recovery === 'SIMPLE') options.others.delete(CHAIN.log);
  else options.others.set(CHAIN.log, String(reached));
  options.others.delete(CHAIN.restored);
  options.others.delete(CHAIN.publisher);
  options.state = 'ONLINE';
  if (publisher === undefined) return;
  const own = `${instance.name}/${target.name}`.toLowerCase();
  options.published = true;
  if (keepReplication || publisher === own) store.log.capture(true);
  else {
    await instance.run(target.name, 'EXEC sys.sp_removedbreplication');
    store.log.distributed(store.log.current);
  }
}
