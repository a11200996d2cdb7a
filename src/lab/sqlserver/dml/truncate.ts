import { putTable } from '../catalog/edit.ts';
import { referencesTo } from '../catalog/find.ts';
import { SqlError } from '../errors.ts';
import type { Execution, StatementResult } from '../flow/execution.ts';
import { AT_COMMIT } from '../storage/change-tracking.ts';
import type { DataStatement } from '../syntax/statements.ts';
import { namedTarget } from './target.ts';

type TruncateStatement = Extract<DataStatement, { readonly statement: 'truncate' }>;

/**
 * An empty physical table in the place of the full one: no triggers, no rows in the log, the identity begins again.
 *
 * @throws SqlError 4701, 4708, 4711, 4712
 */
export function truncate(statement: TruncateStatement, execution: Execution): StatementResult {
  const { line } = statement;
  const written = statement.table.join('.');
  const { database, table } = truncated(statement, execution, written);
  execution.scope.permit('DELETE', database, table.id);
  if (table.published)
    throw new SqlError(
      4711,
      `Cannot truncate table '${written}' because it is published for replication or enabled for Change Data Capture.`,
      { line },
    );
  const transaction = execution.transaction(database);
  const { catalog } = transaction;
  if (referencesTo(catalog, table.id).some(reference => reference.table.id !== table.id))
    throw new SqlError(
      4712,
      `Cannot truncate table '${written}' because it is being referenced by a FOREIGN KEY constraint.`,
      { line },
    );
  database.store?.locks.take(transaction, table, undefined, 'Sch-M');
  const storeId = transaction.createPhysical(table);
  const { changeTracking } = table;
  // Nobody who has read changes up to now knows of the rows that go: all of them begin again.
  transaction.define(now =>
    putTable(now, {
      ...table,
      storeId,
      ...(changeTracking ? { changeTracking: { ...changeTracking, beginVersion: AT_COMMIT } } : {}),
    }),
  );
  const identity = database.store?.identity(table) ?? null;
  transaction.onUndo(() => database.store?.setIdentity(table, identity));
  database.store?.setIdentity(table, null);
  return { count: undefined };
}

function truncated(statement: TruncateStatement, execution: Execution, written: string) {
  const { line } = statement;
  let named: ReturnType<typeof namedTarget> | undefined;
  try {
    named = namedTarget(statement.table, execution, line);
  } catch (error) {
    if (!(error instanceof SqlError) || error.number !== 208) throw error;
  }
  if (named?.kind === 'table') return named;
  if (named)
    throw new SqlError(4708, `Could not truncate object '${written}' because it is not a table.`, { line });
  throw new SqlError(
    4701,
    `Cannot find the object "${written}" because it does not exist or you do not have permissions.`,
    { line },
  );
}
