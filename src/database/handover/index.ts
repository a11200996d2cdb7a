import { LandfallError } from '../../foundation/errors.ts';
import type { Script } from '../../remote/sql/statement.ts';
import type { Scene, Stage } from '../stage.ts';

const notYet = (): never => {
  throw new LandfallError('bug', { what: 'the hand-over room is not furnished yet' });
};

/** Freeze, prove, sever, open: the copy becomes production. Needs the typed name in `ordered.handover.confirmed`. */
export const handoverStage: Stage = {
  id: 'handover',
  title: ({ name }) => `hand ${name} over to the copy`,
  preview: notYet,
  done: notYet,
  run: notYet,
};

/** Puts production back as it was before the freeze; possible until the point of no return. */
export const thawStage: Stage = {
  id: 'thaw',
  title: ({ name }) => `give up the hand-over of ${name}: production as it was`,
  preview: notYet,
  done: notYet,
  run: notYet,
};

/** The copy publishes to the old production: prepared for failback, kept, never executed by landfall. */
export const reverseScript: (scene: Scene) => Script = notYet;
