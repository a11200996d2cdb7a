import { unsupported } from '../errors.ts';
import type { Execution } from '../flow/execution.ts';
import { replicateAlter, requireReplicable } from '../replication/schema-changes.ts';
import type { DefinitionStatement, TableAction } from '../syntax/definitions.ts';
import { addToTable } from './add-to-table.ts';
import { alterColumn } from './alter-column.ts';
import { type Altered, altered } from './altered.ts';
import { changeTracking } from './change-tracking.ts';
import { dropFromTable } from './drop-from-table.ts';
import { noTable } from './faults.ts';
import { toggleConstraints } from './toggle-constraints.ts';
import { toggleTriggersOf } from './toggle-triggers.ts';

type AlterTable = Extract<DefinitionStatement, { readonly statement: 'alter-table' }>;

/** ALTER TABLE in all its forms. @throws SqlError 4902 */
export async function alterTable(statement: AlterTable, execution: Execution): Promise<void> {
  const { action, line } = statement;
  const target = altered(statement.name, execution, line, name => noTable(name, line));
  const before = target.table;
  requireReplicable(before, action, line);
  await alter(target, action, line);
  replicateAlter(target, before, action, statement.text);
}

async function alter(target: Altered, action: TableAction, line: number): Promise<void> {
  switch (action.kind) {
    case 'add':
      return addToTable(target, action, line);
    case 'alter-column':
      return alterColumn(target, action, line);
    case 'drop':
      return dropFromTable(target, action, line);
    case 'check':
      return toggleConstraints(target, action, line);
    case 'trigger':
      return toggleTriggersOf(target, action.names, action.enable, line);
    case 'change-tracking':
      return changeTracking(target, action, line);
    case 'rebuild':
      return;
    case 'set':
      if (action.options.every(option => /^LOCK_ESCALATION\b/i.test(option))) return;
      throw unsupported(`ALTER TABLE SET (${action.options.join(', ')})`, line);
  }
}
