import { LandfallError } from '../../foundation/errors.ts';
import { numbersOf } from '../../remote/sql/faults.ts';
import { laneOf } from '../replicate/capture-script.ts';
import type { Scene, Stage, Work } from '../stage.ts';
import { movesFor, placeFor, refuseForeignBackup } from './decide.ts';
import { type Header, readFiles, readHeader, readSource, readTarget } from './facts.ts';
import { carryError } from './files.ts';
import { withProgress } from './progress.ts';
import { fullFile, fullFileRead, MOVES, removeReplication, restoreFull } from './statements.ts';

const ends = (scene: Scene): readonly string[] =>
  laneOf(scene) === 'log-shipping' ? ['RESTORING', 'STANDBY'] : ['ONLINE'];

/** The backup as the copy: opened in the lane that publishes, ready for logs in the other. */
export const restoreStage: Stage = {
  id: 'restore',
  title: ({ ref }) => `restore the backup as ${ref.copy} on ${ref.subscriber}`,
  preview: scene => [restoreFull(scene), removeReplication(scene)],
  async done(work) {
    const { state, device } = await readTarget(work);
    // Once it was handed over it is open, and stays the copy.
    const isOpened = state === 'ONLINE' && work.state.handover !== undefined;
    return device === fullFileRead(work) && state !== null && (ends(work).includes(state) || isOpened);
  },
  async run(work) {
    const { servers, signal } = work;
    const file = fullFileRead(work);
    const header = await readable(work, file);
    refuseForeignBackup(work, file, header, await readSource(work));
    const target = await readTarget(work);
    const place = placeFor(work, target);
    const moves = movesFor(work, await readFiles(work, file), target);
    const value = `${place === 'replace' ? 'REPLACE, ' : ''}${moves}`;
    await withProgress(work, restoreFull(work), work.state.assessed?.publisher.database?.dataBytes, {
      [MOVES]: { type: 'nvarchar', value },
    });
    const after = await readTarget(work);
    if (after.published === true) await servers.subscriber.run(removeReplication(work), { signal });
  },
};

/** 3201: the file is not there, or its service may not read it. */
async function readable(work: Work, file: string): Promise<Header | undefined> {
  try {
    return await readHeader(work, file);
  } catch (error) {
    if (error instanceof LandfallError && numbersOf(error).includes(3201))
      throw carryError(work, fullFile(work), file, error);
    throw error;
  }
}
