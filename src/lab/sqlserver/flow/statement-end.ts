import { SqlError } from '../errors.ts';
import type { StatementResult } from './execution.ts';
import type { Runtime } from './runtime.ts';
import { begin } from './transaction-statements.ts';

/** SET IMPLICIT_TRANSACTIONS ON: what touches a table begins a transaction. */
export function beginImplicitly(runtime: Runtime): void {
  const { state } = runtime;
  if (state.options.implicitTransactions && state.transaction.count === 0) begin(state, '');
}

/** @throws SqlError 226 */
export function forbidTransaction(runtime: Runtime, statement: string): void {
  if (runtime.state.transaction.count === 0) return;
  const name = statement.replaceAll('-', ' ').toUpperCase();
  throw new SqlError(226, `${name} statement not allowed within multi-statement transaction.`, {
    state: 6,
    endsBatch: true,
  });
}

/** Sends what a statement answered and keeps its count. */
export async function finish(runtime: Runtime, result: StatementResult): Promise<void> {
  const { state } = runtime;
  state.rowCount = result.count ?? 0;
  if (result.columns) {
    state.output.columns(result.columns);
    if (result.rows && result.rows.length > 0) state.output.rows(result.rows);
  }
  done(runtime, result.count, result.columns !== undefined);
  await state.output.ready();
}

/** The end of a statement for the client: with its count unless NOCOUNT is on, and always behind rows. */
export function done(runtime: Runtime, count: number | undefined, result: boolean): void {
  const { state } = runtime;
  const told = state.options.nocount ? undefined : count;
  if (told === undefined && !result) return;
  state.output.done(told, { result, inProcedure: runtime.inProcedure });
}
