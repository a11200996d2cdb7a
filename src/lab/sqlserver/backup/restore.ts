import { SqlError, unsupported } from '../errors.ts';
import type { Execution, StatementResult } from '../flow/execution.ts';
import type { RestoreStatement } from './information.ts';
import { forbidTransactions, hasOption, refuseConflicts, refuseOthers } from './options.ts';
import { recover } from './recover.ts';
import { restoreDatabase } from './restore-database.ts';
import { restoreLog } from './restore-log.ts';

const KNOWN: ReadonlySet<string> = new Set([
  ...['MOVE', 'NORECOVERY', 'RECOVERY', 'STANDBY', 'REPLACE', 'STATS', 'CHECKSUM', 'NO_CHECKSUM', 'FILE'],
  ...['KEEP_REPLICATION', 'MAXTRANSFERSIZE', 'BUFFERCOUNT', 'BLOCKSIZE', 'STOPAT', 'RESTART'],
  ...['NOUNLOAD', 'UNLOAD', 'NOREWIND', 'REWIND', 'STOP_ON_ERROR', 'RESTRICTED_USER'],
]);

const CONFLICTS = [
  ['RECOVERY', 'NORECOVERY'],
  ['RECOVERY', 'STANDBY'],
  ['NORECOVERY', 'STANDBY'],
  ['KEEP_REPLICATION', 'NORECOVERY'],
  ['CHECKSUM', 'NO_CHECKSUM'],
] as const;

/**
 * RESTORE DATABASE and RESTORE LOG, and RESTORE DATABASE … WITH RECOVERY without a backup.
 *
 * @throws SqlError 3013 after the reason: 3031, 3101, 3102, 3117, 3118, 3135, 3154, 3159, 3169, 3234, 4305, 4326, 4330, 1834 …
 */
export async function restore(statement: RestoreStatement, execution: Execution): Promise<StatementResult> {
  const { options, what, from, line } = statement;
  refuseOthers(options, KNOWN);
  if (hasOption(options, 'STOPAT') && what !== 'log') throw unsupported('RESTORE DATABASE … STOPAT', line);
  try {
    forbidTransactions(execution);
    refuseConflicts(options, CONFLICTS);
    if (from.length === 0) await recover(statement, execution);
    else if (what === 'log') await restoreLog(statement, execution);
    else await restoreDatabase(statement, execution);
    return { count: undefined };
  } catch (error) {
    if (!(error instanceof SqlError) || error.number === 40517 || error.number === 3021) throw error;
    throw new SqlError(3013, `RESTORE ${what.toUpperCase()} is terminating abnormally.`, {
      preceding: [...error.preceding, error],
    });
  }
}
