import { unsupported } from '../errors.ts';
import type { Execution, StatementResult } from '../flow/execution.ts';
import type { AdministrativeStatement } from '../syntax/administration.ts';

export type BackupStatement = Extract<AdministrativeStatement, { readonly statement: 'backup' | 'restore' }>;

/** Where `backup/` plugs in: BACKUP and RESTORE. */
export function backupOrRestore(statement: BackupStatement, _execution: Execution): Promise<StatementResult> {
  return Promise.reject(unsupported(statement.statement.toUpperCase(), statement.line));
}
