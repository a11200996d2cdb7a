import { unsupported } from '../errors.ts';
import type { Execution } from '../flow/execution.ts';
import type { DefinitionStatement } from '../syntax/definitions.ts';
import { createTable } from './create-table.ts';

export { tableFromColumns, tableFromShape } from './create-table.ts';

/** Runs a statement that defines objects, in the transaction of the database it names. */
export async function define(statement: DefinitionStatement, execution: Execution): Promise<void> {
  switch (statement.statement) {
    case 'create-table':
      return createTable(statement, execution);
    default:
      throw unsupported(statement.statement.toUpperCase(), statement.line);
  }
}
