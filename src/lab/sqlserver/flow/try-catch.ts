import type { SqlError } from '../errors.ts';
import type { Statement } from '../syntax/statements.ts';
import type { Caught } from './frame.ts';
import { runStatements, type Signal } from './interpreter.ts';
import type { Runtime } from './runtime.ts';
import { Transfer } from './transfer.ts';

/** BEGIN TRY … END TRY BEGIN CATCH … END CATCH. */
export async function runTry(
  runtime: Runtime,
  statement: Extract<Statement, { statement: 'try' }>,
): Promise<Signal> {
  const { state, frame } = runtime;
  frame.tries += 1;
  let caught: SqlError;
  try {
    return await runStatements(runtime, statement.body);
  } catch (failure) {
    if (!(failure instanceof Transfer) || failure.kind !== 'catch' || !failure.error) throw failure;
    if (failure.beyond === frame) throw failure;
    caught = failure.error;
  } finally {
    frame.tries -= 1;
  }
  // Frames that the error left on its way are gone.
  state.frame = frame;
  state.lastError = caught.number;
  frame.caught.push(factsOf(caught));
  try {
    return await runStatements(runtime, statement.handler);
  } finally {
    frame.caught.pop();
  }
}

const factsOf = (error: SqlError): Caught => ({
  number: error.number,
  severity: error.severity,
  state: error.state,
  line: error.line ?? 1,
  procedure: error.procedure ? error.procedure : null,
  message: error.message,
});
