import type { LockWait } from '../storage/store.ts';
import type { SessionState } from './state.ts';

/** Shows a session as blocked (sys.dm_exec_requests) for as long as it waits for a lock. */
export async function showWaiting(
  state: SessionState,
  wait: LockWait,
  waiting: () => Promise<void>,
): Promise<void> {
  const { request } = state;
  if (request)
    state.request = {
      ...request,
      blockedBy: blocker(state, wait),
      waitType: wait.mode === 'S' ? 'LCK_M_S' : wait.mode === 'X' ? 'LCK_M_X' : 'LCK_M_SCH_M',
    };
  try {
    await waiting();
  } finally {
    state.request = request;
  }
}

/** Session of the transaction that holds the lock; 0 where it is gone. */
function blocker(state: SessionState, wait: LockWait): number {
  for (const database of state.instance.databases.values())
    for (const each of database.store?.log.active() ?? []) if (each.id === wait.owner) return each.session;
  return 0;
}
