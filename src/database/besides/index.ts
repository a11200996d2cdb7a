import { LandfallError } from '../../foundation/errors.ts';
import type { Stage } from '../stage.ts';

const notYet = (): never => {
  throw new LandfallError('bug', { what: 'the besides room is not furnished yet' });
};

/** What replication does not bring: compared, scripted, and applied where that is safe before the hand-over. */
export const besidesStage: Stage = {
  id: 'besides',
  title: ({ name }) => `compare and script what replication does not bring for ${name}`,
  preview: notYet,
  done: notYet,
  run: notYet,
};
