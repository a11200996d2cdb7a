import { open } from 'node:fs/promises';
import { openEvacuationDirectory } from './directory.ts';
import type { Event } from './events.ts';
import { Folding } from './fold.ts';
import { scanJournal } from './scan.ts';
import { EMPTY_STATE, type State } from './state.ts';
import { errno, unreadable } from './troubles.ts';

export interface ReadState {
  readonly state: State;
  /** Bytes of a last line that is unfinished: being written right now, or torn by a crash. Nothing is repaired. */
  readonly tornBytes: number;
}

/**
 * The state of an evacuation for those who only look: takes no lock, changes nothing, and may run beside the writer.
 * `visit` sees every event on the way. Throws `state.absent`, `state.damaged`, `state.newer`.
 */
export async function readState(
  root: string,
  name: string,
  visit: (event: Event) => void = () => {},
): Promise<ReadState> {
  const { journalPath } = await openEvacuationDirectory(root, name);
  const handle = await open(journalPath, 'r').catch((error: unknown) => {
    if (errno(error) === 'ENOENT') return undefined;
    throw unreadable(journalPath, error);
  });
  if (handle === undefined) return { state: EMPTY_STATE, tornBytes: 0 };
  try {
    const folding = new Folding();
    const { tornBytes } = await scanJournal(handle, journalPath, event => {
      folding.add(event);
      visit(event);
    });
    return { state: folding.state, tornBytes };
  } catch (error) {
    throw errno(error) === undefined ? error : unreadable(journalPath, error);
  } finally {
    await handle.close();
  }
}
