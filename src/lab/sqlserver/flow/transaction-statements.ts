import { SqlError } from '../errors.ts';
import type { Expression } from '../syntax/expressions.ts';
import type { TransactionStatement } from '../syntax/statements.ts';
import { nvarchar } from '../values/types.ts';
import { valueAs } from './expressions.ts';
import type { Runtime } from './runtime.ts';
import type { SessionState } from './state.ts';
import { requireHealthy } from './statement-execution.ts';

export async function runTransactionStatement(
  runtime: Runtime,
  statement: TransactionStatement,
): Promise<void> {
  const name = await nameOf(runtime, statement.name);
  const { state } = runtime;
  switch (statement.statement) {
    case 'begin-transaction':
      begin(state, name);
      break;
    case 'commit':
      commit(state);
      break;
    case 'rollback':
      rollback(state, name);
      break;
    case 'save-transaction':
      save(state, name);
      break;
  }
}

/** Names of transactions are compared by their first 32 characters. */
async function nameOf(runtime: Runtime, name: string | Expression | undefined): Promise<string> {
  if (name === undefined) return '';
  const text =
    typeof name === 'string' ? name : String((await valueAs(runtime, name, nvarchar('max'))) ?? '');
  return text.slice(0, 32);
}

export function begin(state: SessionState, name: string): void {
  const { transaction } = state;
  requireHealthy(transaction.doomed);
  const first = transaction.count === 0;
  transaction.begin(name, state.options.isolation === 'snapshot');
  if (first) state.output.environment({ kind: 'begin', transaction: transaction.descriptor });
}

/** @throws SqlError 3902, 3930 */
export function commit(state: SessionState): void {
  const { transaction } = state;
  if (transaction.count === 0)
    throw new SqlError(3902, 'The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION.');
  requireHealthy(transaction.doomed);
  if (transaction.count > 1) {
    transaction.count -= 1;
    return;
  }
  if (state.capturing)
    throw new SqlError(
      3916,
      'Cannot use the COMMIT statement within an INSERT-EXEC statement unless BEGIN TRANSACTION is used first.',
      { state: 0 },
    );
  const { descriptor } = transaction;
  try {
    transaction.commit();
  } catch (error) {
    tell(state, 'rollback', descriptor);
    throw error;
  }
  tell(state, 'commit', descriptor);
}

/** @throws SqlError 3903, 6401 */
export function rollback(state: SessionState, name: string): void {
  const { transaction } = state;
  if (transaction.count === 0)
    throw new SqlError(3903, 'The ROLLBACK TRANSACTION request has no corresponding BEGIN TRANSACTION.');
  if (name === '' || name.toLowerCase() === transaction.name.toLowerCase()) {
    if (state.capturing)
      throw new SqlError(3915, 'Cannot use the ROLLBACK statement within an INSERT-EXEC statement.', {
        state: 0,
      });
    rollbackAll(state);
    return;
  }
  if (transaction.doomed)
    throw new SqlError(
      3931,
      'The current transaction cannot be committed and cannot be rolled back to a savepoint. Roll back the entire transaction.',
    );
  transaction.rollbackToSavepoint(name);
}

/** Rolls back whatever is open and tells the client. */
export function rollbackAll(state: SessionState): void {
  const { transaction } = state;
  const { count, descriptor } = transaction;
  transaction.rollback();
  if (count > 0) tell(state, 'rollback', descriptor);
}

/** The client knows of transactions that it or its batch has begun, not of those of single statements. */
function tell(state: SessionState, kind: 'commit' | 'rollback', descriptor: bigint): void {
  if (descriptor > 0n) state.output.environment({ kind, transaction: descriptor });
}

/** @throws SqlError 628 */
export function save(state: SessionState, name: string): void {
  const { transaction } = state;
  if (transaction.count === 0)
    throw new SqlError(628, 'Cannot issue SAVE TRANSACTION when there is no active transaction.', {
      severity: 16,
      state: 0,
    });
  requireHealthy(transaction.doomed);
  transaction.save(name);
}
