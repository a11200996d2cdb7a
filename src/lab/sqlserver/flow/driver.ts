import { SqlError } from '../errors.ts';
import type { Evaluation } from '../query/bound.ts';
import type { Transaction } from '../storage/store.ts';
import { LockWait } from '../storage/store.ts';
import type { StatementEvaluation } from './evaluation.ts';
import type { Execution } from './execution.ts';
import type { Runtime } from './runtime.ts';
import type { SessionState } from './state.ts';
import { Transfer } from './transfer.ts';
import { showWaiting } from './waiting.ts';

/** What a statement's handler is given. */
export interface Statement {
  readonly evaluation: Evaluation;
  readonly execution: Execution;
}

/**
 * Runs one statement in the session's transaction, or in one of its own that is committed when it ends. Where it meets a
 * lock it is undone, waits and begins again; where it fails it is undone and the error goes on.
 *
 * @param writes whether it may have changed rows or definitions that are to be undone
 * @param begun whether the client has seen a part of the result: then what is read again is the same moment as before
 */
export async function drive<T>(
  runtime: Runtime,
  writes: boolean,
  handler: (statement: Statement) => T | Promise<T>,
  begun: () => boolean = () => false,
): Promise<T> {
  const { state } = runtime;
  const { transaction } = state;
  const own = transaction.count === 0;
  let kept: StatementEvaluation | undefined;
  for (;;) {
    const marks = !own && writes ? transaction.mark() : undefined;
    const evaluation = kept ?? runtime.evaluation();
    let failure: unknown;
    try {
      const result = await handler({ evaluation, execution: runtime.execution(evaluation) });
      evaluation.close();
      if (own && transaction.parts().size > 0) transaction.commit();
      return result;
    } catch (error) {
      failure = error;
    }
    kept = failure instanceof LockWait && begun() ? evaluation : undefined;
    if (kept) kept.again();
    else {
      evaluation.close();
      if (own) transaction.rollback();
      else if (marks) transaction.undo(marks);
    }
    if (!(failure instanceof LockWait)) throw failure;
    try {
      await waitForLock(state, failure);
    } catch (error) {
      kept?.close();
      if (own) transaction.rollback();
      throw error;
    }
  }
}

/**
 * Runs statements inside a statement (a trigger, INSERT … EXECUTE): where that one is a transaction of its own they are part
 * of it, and @@TRANCOUNT is 1.
 */
export async function nested<T>({ transaction }: SessionState, run: () => Promise<T>): Promise<T> {
  if (transaction.count > 0) return run();
  transaction.count = 1;
  try {
    return await run();
  } finally {
    if (transaction.count === 1 && transaction.descriptor === 0n) transaction.count = 0;
  }
}

/**
 * Waits for a lock in the store that its owner's transaction belongs to.
 *
 * @throws SqlError 1205, 1222
 */
export async function waitForLock(state: SessionState, wait: LockWait, own?: Transaction): Promise<void> {
  for (const database of state.instance.databases.values()) {
    const { store } = database;
    if (!store?.log.active().some(each => each.id === wait.owner)) continue;
    const part = own ?? (state.transaction.count > 0 ? state.transaction.part(database) : undefined);
    await showWaiting(state, wait, () =>
      store.locks.wait(part ?? state.login.id, wait, state.options.lockTimeout, state.signal),
    );
    return;
  }
  // Its owner has gone in the meantime: nothing to wait for.
}

/** What a handler threw, as an error of SQL Server. */
export function sqlErrorOf(failure: unknown): SqlError {
  if (failure instanceof SqlError) return failure;
  const text = failure instanceof Error ? (failure.stack ?? failure.message) : String(failure);
  return new SqlError(3624, `A system assertion check has failed: SQL Server double: ${text}`, {
    endsBatch: true,
    endsTransaction: true,
  });
}

/** Whether the client or KILL has ended the request. */
export function isCancellation(state: SessionState, failure: unknown): boolean {
  if (failure instanceof SqlError || failure instanceof Transfer) return false;
  return state.signal.aborted;
}
