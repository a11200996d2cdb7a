import { bulkInsert } from '../dml/index.ts';
import { SqlError } from '../errors.ts';
import type { BulkRows } from '../server/requests.ts';
import { LockWait } from '../storage/store.ts';
import type { DataStatement } from '../syntax/statements.ts';
import { resolveType } from '../values/index.ts';
import type { SqlType } from '../values/types.ts';
import { drive, waitForLock } from './driver.ts';
import type { Runtime } from './runtime.ts';

type BulkStatement = Extract<DataStatement, { statement: 'insert-bulk' }>;

export interface AnnouncedBulk {
  readonly statement: BulkStatement;
  readonly columns: readonly { readonly name: string; readonly type: SqlType }[];
}

/** INSERT BULK: the rows come with the next message. What does not fit the table is refused now. */
export async function announceBulk(runtime: Runtime, statement: BulkStatement): Promise<void> {
  const columns = statement.columns.map(({ name, type, collation }) => {
    const found = resolveType(type, collation ?? runtime.scope.database.collation);
    if (!found)
      throw new SqlError(
        2715,
        `Column, parameter, or variable "${name}": Cannot find data type ${type.name.join('.')}.`,
        { state: 6, endsBatch: true },
      );
    return { name, type: found };
  });
  await drive(runtime, true, ({ execution }) => {
    bulkInsert(statement.table, columns, statement.options, execution);
  });
  runtime.state.bulk = { statement, columns };
}

/** The rows of a bulk message; all of them or none. */
export async function takeBulk(runtime: Runtime, { columns: sent, rows }: BulkRows): Promise<number> {
  const { state } = runtime;
  const { bulk } = state;
  state.bulk = undefined;
  if (!bulk)
    throw new SqlError(
      4002,
      'The incoming tabular data stream (TDS) protocol stream is incorrect. The stream ended unexpectedly.',
      { endsBatch: true },
    );
  const { statement, columns } = bulk;
  const typed = columns.map((column, place) => ({ ...column, type: sent[place]?.type ?? column.type }));
  const { transaction } = state;
  const own = transaction.count === 0;
  const start = own ? undefined : transaction.mark();
  const evaluation = runtime.evaluation();
  try {
    const target = bulkInsert(statement.table, typed, statement.options, runtime.execution(evaluation));
    for await (const block of rows) {
      await retrying(runtime, () => target.add(block));
      await runtime.turn();
      state.signal.throwIfAborted();
    }
    const count = await target.finish();
    if (own) transaction.commit();
    return count;
  } catch (error) {
    if (own) transaction.rollback();
    else if (start) transaction.undo(start);
    throw error;
  } finally {
    evaluation.close();
  }
}

async function retrying({ state }: Runtime, add: () => void): Promise<void> {
  for (;;) {
    const marks = state.transaction.mark();
    try {
      add();
      return;
    } catch (error) {
      if (!(error instanceof LockWait)) throw error;
      state.transaction.undo(marks);
      await waitForLock(state, error, state.transaction.parts().values().next().value);
    }
  }
}
