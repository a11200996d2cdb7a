import type { Execution } from '../flow/execution.ts';
import type { DefinitionStatement } from '../syntax/definitions.ts';
import { alterTable } from './alter-table.ts';
import { createTable } from './create-table.ts';
import { drop } from './drop.ts';
import { alterIndex, createIndex, dropIndexes } from './indexes.ts';
import { createModule } from './modules.ts';
import { createSchema, createSynonym, createType, updateStatistics } from './others.ts';
import { alterSequence, createSequence } from './sequences.ts';
import { toggleTrigger } from './toggle-triggers.ts';

export { namedType, userType } from './columns.ts';
export { tableFromColumns, tableFromShape } from './create-table.ts';

/** Runs a statement that defines objects, in the transaction of the database it names. */
export async function define(statement: DefinitionStatement, execution: Execution): Promise<void> {
  switch (statement.statement) {
    case 'create-table':
      return createTable(statement, execution);
    case 'alter-table':
      return alterTable(statement, execution);
    case 'create-index':
      return createIndex(statement, execution);
    case 'alter-index':
      return alterIndex(statement, execution);
    case 'drop-index':
      return dropIndexes(statement, execution);
    case 'create-module':
      return createModule(statement, execution);
    case 'toggle-trigger':
      return toggleTrigger(statement, execution);
    case 'create-schema':
      return createSchema(statement, execution);
    case 'create-sequence':
      return createSequence(statement, execution);
    case 'alter-sequence':
      return alterSequence(statement, execution);
    case 'create-type':
      return createType(statement, execution);
    case 'create-synonym':
      return createSynonym(statement, execution);
    case 'update-statistics':
      return updateStatistics(statement, execution);
    case 'drop':
      return drop(statement, execution);
  }
}
