import { SqlError } from '../errors.ts';
import type { Message } from '../server/replies.ts';
import { isCancellation, sqlErrorOf } from './driver.ts';
import { faultOf, terminates } from './faults.ts';
import { insideTry } from './frame.ts';
import type { Runtime } from './runtime.ts';
import { rollbackAll } from './transaction-statements.ts';
import { Transfer } from './transfer.ts';

export interface RaiseOptions {
  /** RAISERROR: it neither ends the batch nor heeds XACT_ABORT. */
  readonly byStatement?: boolean;
  /** The statement changes data: 3621 follows. */
  readonly changes?: boolean;
}

/**
 * What becomes of a failed statement: its error goes to the nearest CATCH (a Transfer is thrown), or to the client, and then
 * the next statement follows or everything ends.
 */
export function raise(runtime: Runtime, failure: unknown, options: RaiseOptions = {}): void {
  const { state, frame } = runtime;
  if (failure instanceof Transfer) throw failure;
  if (isCancellation(state, failure)) throw new Transfer('cancelled');
  const error = sqlErrorOf(failure);
  error.line ??= frame.line;
  error.procedure ??= frame.procedureName;
  if (error.severity <= 10) {
    state.output.message(messageOf(error));
    return;
  }
  const fault = options.byStatement && error.severity < 20 ? 'statement' : faultOf(error);
  state.lastError = error.number;
  state.rowCount = 0;
  const { transaction } = state;
  const strict = state.options.xactAbort && !options.byStatement;
  if (fault !== 'connection' && fault !== 'refusal') {
    const beyond = fault === 'scope' ? frame : undefined;
    if (insideTry(frame, beyond)) {
      if (transaction.count > 0 && (fault === 'transaction' || strict)) transaction.doomed = true;
      throw new Transfer('catch', error, beyond);
    }
  }
  for (const each of [...error.preceding, error]) {
    each.line ??= error.line;
    each.procedure ??= error.procedure;
    state.output.message(messageOf(each));
  }
  if (fault === 'connection') throw new Transfer('connection', error);
  if (fault === 'refusal') throw new Transfer('batch', error);
  if (fault === 'transaction' || strict) rollbackAll(state);
  if (fault === 'scope' && !strict) throw new Transfer('scope', error);
  if (fault !== 'statement' || strict) throw new Transfer('batch', error);
  if (options.changes && terminates(error))
    state.output.message({
      ...messageOf(new SqlError(3621, 'The statement has been terminated.', { severity: 0 })),
      procedure: frame.procedureName,
      line: error.line,
    });
}

export const messageOf = (error: SqlError): Message => ({
  number: error.number,
  state: error.state,
  severity: error.severity,
  text: error.message,
  procedure: error.procedure ?? '',
  line: error.line ?? 1,
  now: false,
});
