import type { Execution, StatementResult } from '../flow/execution.ts';
import type { DataStatement } from '../syntax/statements.ts';
import { insert } from './insert.ts';
import { merge } from './merge.ts';
import { truncate } from './truncate.ts';
import { updateOrDelete } from './update.ts';

export { type BulkInsert, bulkInsert } from './bulk.ts';
export { selectInto } from './select-into.ts';

/** INSERT, UPDATE, DELETE, MERGE and TRUNCATE. */
export type ChangeStatement = Exclude<DataStatement, { readonly statement: 'select' | 'insert-bulk' }>;

export async function runData(statement: ChangeStatement, execution: Execution): Promise<StatementResult> {
  switch (statement.statement) {
    case 'insert':
      return insert(statement, execution);
    case 'update':
    case 'delete':
      return updateOrDelete(statement, execution);
    case 'merge':
      return merge(statement, execution);
    case 'truncate':
      return truncate(statement, execution);
  }
}
