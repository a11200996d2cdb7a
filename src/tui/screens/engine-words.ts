import type { Snapshot } from '../../evacuation/engine/session.ts';

/**
 * How an engine that is not heard is spoken of, the same everywhere. `not reachable`: it was heard, and this client keeps
 * trying. `gone`: it ended without saying so, and nobody steers. Undefined where one is heard, or ended in order.
 */
export function engineWords({
  connection,
  state,
}: Pick<Snapshot, 'connection' | 'state'>): 'engine not reachable' | 'engine gone' | undefined {
  if (connection === 'lost') return 'engine not reachable';
  return connection === 'none' && state.evacuation?.phase === 'running' ? 'engine gone' : undefined;
}
