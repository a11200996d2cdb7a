import type { EvacuationDirectory } from '../../journal/directory.ts';
import { inspectLock } from '../../journal/lock.ts';
import type { State } from '../../journal/state.ts';
import type { EngineGone } from './session.ts';

/**
 * Who steered an evacuation that runs by its journal, and is provably gone: its lock is left behind, and its process is
 * not there. Undefined where it lives, where it ended in good order, and where the lock was taken on a host that cannot
 * be seen from here. Throws `state.damaged` where the lock cannot be read.
 */
export async function goneWithoutAWord(
  { lockPath }: Pick<EvacuationDirectory, 'lockPath'>,
  { evacuation, lastAt }: State,
): Promise<EngineGone | undefined> {
  if (evacuation?.phase !== 'running') return undefined;
  const held = await inspectLock(lockPath);
  if (held?.record === undefined || held.verdict.holder !== 'ended') return undefined;
  const { pid, host, user } = held.record;
  return { pid, host, user, lastAt, why: held.verdict.reason };
}
