import { resolve } from 'node:path';
import type { Clock } from '../../foundation/clock.ts';
import { openEvacuationDirectory } from '../../journal/directory.ts';
import { readState } from '../../journal/read-state.ts';
import { lastCommands } from './command-log.ts';
import { engineAbsent } from './dial.ts';
import { goneWithoutAWord } from './gone.ts';
import { Picture } from './picture.ts';
import { planInForce } from './plan-in-force.ts';
import type { Session } from './session.ts';
import { refused } from './wire.ts';

export interface RecordedOptions {
  /** The directory of all evacuations. */
  readonly root: string;
  readonly name: string;
  readonly clock: Clock;
}

/**
 * An evacuation as its journal tells it, without an engine; takes no lock and changes nothing. Throws `state.absent`,
 * `state.damaged`, `state.newer`, and `plan.*` where the frozen plan cannot be read.
 */
export async function openRecorded({ root, name, clock }: RecordedOptions): Promise<Session> {
  const directory = await openEvacuationDirectory(resolve(root), name);
  const picture = new Picture({ name, directory: directory.path });
  const { tornBytes } = await readState(root, name, event => void picture.event(event));
  picture.setPlan(await planInForce(directory, picture.state.evacuation?.planHash, clock.now()));
  picture.setCommands(await lastCommands(directory.path));
  picture.setTornBytes(tornBytes);
  const gone = await goneWithoutAWord(directory, picture.state);
  if (gone !== undefined) picture.gone(gone);
  return {
    name,
    snapshot: () => picture.snapshot(),
    subscribe: listener => picture.subscribe(listener),
    send: () => Promise.resolve(refused(engineAbsent(name, picture.state.evacuation?.lab))),
    close: () => Promise.resolve(),
  };
}
