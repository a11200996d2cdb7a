import { LockWait, type Store, type Transaction } from '../storage/store.ts';

/** Runs `work` and commits it; where it meets a lock it waits and begins again. */
export async function inTransaction(
  store: Store,
  signal: AbortSignal,
  work: (transaction: Transaction) => void,
  timeoutMs = -1,
): Promise<void> {
  for (;;) {
    const transaction = store.begin(0, { snapshot: false });
    let wait: LockWait;
    try {
      work(transaction);
      transaction.commit();
      return;
    } catch (error) {
      transaction.rollback();
      if (!(error instanceof LockWait)) throw error;
      wait = error;
    }
    await store.locks.wait(transaction, wait, timeoutMs, signal);
  }
}
