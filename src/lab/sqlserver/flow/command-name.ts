/** `sys.dm_exec_requests.command` for a statement as the grammar calls it. */
export function commandName(statement: string): string {
  if (statement === '') return 'AWAITING COMMAND';
  return NAMES[statement] ?? statement.replaceAll('-', ' ').toUpperCase();
}

const NAMES: Readonly<Record<string, string>> = {
  if: 'CONDITIONAL',
  while: 'CONDITIONAL',
  'set-variable': 'ASSIGN',
  declare: 'DECLARE',
  'set-option': 'SET OPTION ON',
  'begin-transaction': 'BEGIN TRANSACTION',
  commit: 'COMMIT TRANSACTION',
  rollback: 'ROLLBACK TRANSACTION',
  truncate: 'TRUNCATE TABLE',
  'create-module': 'CREATE PROCEDURE',
  backup: 'BACKUP DATABASE',
  restore: 'RESTORE DATABASE',
  'insert-bulk': 'BULK INSERT',
};
