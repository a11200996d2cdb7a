import { SqlError } from '../errors.ts';
import type { Execution, StatementResult } from '../flow/execution.ts';
import { othersIn } from '../server/database-users.ts';
import type { Database } from '../server/instance.ts';
import { requireOnline } from '../server/online.ts';
import type { Store } from '../storage/store.ts';
import type { AdministrativeStatement } from '../syntax/administration.ts';
import { CHAIN } from './chain.ts';
import { backUpDatabase, backUpLog } from './contents.ts';
import { recordBackup } from './history.ts';
import {
  type DeviceFile,
  databaseName,
  deviceFiles,
  forbidTransactions,
  hasOption,
  refuseConflicts,
  refuseOthers,
  tellProcessed,
} from './options.ts';

export type BackupStatement = Extract<AdministrativeStatement, { readonly statement: 'backup' }>;

/** One BACKUP while it runs. */
export interface BackupWork {
  readonly statement: BackupStatement;
  readonly execution: Execution;
  readonly database: Database;
  readonly store: Store;
  readonly devices: readonly DeviceFile[];
  /** Milliseconds since the epoch. */
  readonly began: number;
}

const KNOWN: ReadonlySet<string> = new Set([
  ...['COPY_ONLY', 'COMPRESSION', 'NO_COMPRESSION', 'CHECKSUM', 'NO_CHECKSUM'],
  ...['INIT', 'NOINIT', 'FORMAT', 'NOFORMAT', 'SKIP', 'NOSKIP', 'NAME', 'DESCRIPTION'],
  ...['STATS', 'MAXTRANSFERSIZE', 'BUFFERCOUNT', 'BLOCKSIZE', 'NORECOVERY', 'NO_TRUNCATE'],
  ...['CONTINUE_AFTER_ERROR', 'STOP_ON_ERROR', 'MEDIANAME', 'MEDIADESCRIPTION'],
  ...['REWIND', 'NOREWIND', 'UNLOAD', 'NOUNLOAD'],
]);

const CONFLICTS = [
  ['INIT', 'NOINIT'],
  ['FORMAT', 'NOFORMAT'],
  ['FORMAT', 'NOINIT'],
  ['COMPRESSION', 'NO_COMPRESSION'],
  ['CHECKSUM', 'NO_CHECKSUM'],
  ['COPY_ONLY', 'NORECOVERY'],
] as const;

/**
 * BACKUP DATABASE and BACKUP LOG. Writers go on meanwhile; a full backup has what was committed when it began, and a log backup
 * what was committed since the last one.
 *
 * @throws SqlError 3013 after the reason: 911, 927, 1844, 3021, 3031, 3101, 3147, 3231, 4208, 4214 …
 */
export async function backup(statement: BackupStatement, execution: Execution): Promise<StatementResult> {
  refuseOthers(statement.options, KNOWN);
  try {
    await backUp(statement, execution);
    return { count: undefined };
  } catch (error) {
    if (!(error instanceof SqlError) || error.number === 40517 || error.number === 3021) throw error;
    throw new SqlError(3013, `BACKUP ${statement.what.toUpperCase()} is terminating abnormally.`, {
      preceding: [...error.preceding, error],
    });
  }
}

async function backUp(statement: BackupStatement, execution: Execution): Promise<void> {
  const { instance } = execution;
  const { options, what } = statement;
  forbidTransactions(execution);
  refuseConflicts(options, CONFLICTS);
  const database = databaseOf(statement, execution);
  const { store } = database;
  if (store === undefined || database.snapshotOf !== undefined)
    throw new SqlError(3002, 'Cannot BACKUP or RESTORE a database snapshot.');
  if (hasOption(options, 'COMPRESSION') && !instance.product.backupCompression)
    throw new SqlError(
      1844,
      `BACKUP ${what.toUpperCase()} WITH COMPRESSION is not supported on ${instance.product.edition}.`,
    );
  const devices = deviceFiles(execution, statement.to, statement.line);
  const work: BackupWork = {
    ...{ statement, execution, database, store, devices },
    began: instance.clock.now(),
  };
  if (what === 'database') await finish(work, await backUpDatabase(work));
  else await log(work);
}

function databaseOf(statement: BackupStatement, execution: Execution): Database {
  const name = databaseName(execution, statement.database);
  const database = execution.instance.databases.get(name.toLowerCase());
  if (database === undefined)
    throw new SqlError(
      911,
      `Database '${name}' does not exist. Make sure that the name is entered correctly.`,
      { line: statement.line },
    );
  if (name.toLowerCase() === 'tempdb')
    throw new SqlError(3147, 'Backup and restore operations are not allowed on database tempdb.');
  requireOnline(database);
  return database;
}

async function finish(work: BackupWork, written: Awaited<ReturnType<typeof backUpDatabase>>): Promise<void> {
  const { execution, database, began, statement } = work;
  tellProcessed(execution, `BACKUP ${statement.what.toUpperCase()}`, {
    ...{ database: database.name, files: database.files },
    ...{ position: written.position, bytes: written.header.size, began },
  });
  await recordBackup(work, written);
}

/** @throws SqlError 4208, 4214, 3101 */
async function log(work: BackupWork): Promise<void> {
  const { statement, execution, database } = work;
  const { options } = database;
  if (options.recovery === 'SIMPLE')
    throw new SqlError(
      4208,
      'The statement BACKUP LOG is not allowed while the recovery model is SIMPLE. Use BACKUP DATABASE or change the recovery model using ALTER DATABASE.',
    );
  if (!options.others.has(CHAIN.log))
    throw new SqlError(4214, 'BACKUP LOG cannot be performed because there is no current database backup.');
  if (!hasOption(statement.options, 'NORECOVERY')) {
    await finish(work, await backUpLog(work, false));
    return;
  }
  if (execution.scope.database === database || othersIn(database, execution).length > 0)
    throw new SqlError(3101, 'Exclusive access could not be obtained because the database is in use.');
  // From here on nobody comes in, so that this is the tail of the log.
  options.state = 'RESTORING';
  try {
    const written = await backUpLog(work, true);
    options.others.set(CHAIN.restored, written.header.lastLsn);
    execution.instance.restoring?.shut(database);
    await finish(work, written);
  } catch (error) {
    if (database.store !== undefined) options.state = 'ONLINE';
    throw error;
  }
}
