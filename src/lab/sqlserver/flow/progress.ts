import type { SessionState } from './state.ts';

/** How far a long statement is, for sys.dm_exec_requests: 0 to 100, and the command it is shown as. */
export function showProgress(state: SessionState, percent: number, command?: string): void {
  const { request } = state;
  if (!request) return;
  const elapsed = state.instance.clock.now() - request.started;
  state.request = {
    ...request,
    ...(command === undefined ? {} : { command }),
    percentComplete: percent,
    estimatedCompletionMs: percent > 0 ? Math.round((elapsed * (100 - percent)) / percent) : 0,
  };
}
