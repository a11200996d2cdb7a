import type { Execution, StatementResult } from '../flow/execution.ts';
import { type BackupStatement, backup } from './backup.ts';
import { type RestoreStatement, restoreInformation } from './information.ts';
import { restore } from './restore.ts';

/** BACKUP and RESTORE in all their forms. */
export function backupOrRestore(
  statement: BackupStatement | RestoreStatement,
  execution: Execution,
): Promise<StatementResult> {
  if (statement.statement === 'backup') return backup(statement, execution);
  if (statement.what === 'database' || statement.what === 'log') return restore(statement, execution);
  return restoreInformation(statement, execution);
}
