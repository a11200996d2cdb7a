import { LandfallError } from '../../foundation/errors.ts';
import type { Script } from '../../remote/sql/statement.ts';
import type { Scene, Stage } from '../stage.ts';

export { articlesOf } from './articles.ts';
export { captureStage } from './capture.ts';
export { captureScript } from './capture-script.ts';
export { catchUpScript, catchUpStage } from './catch-up.ts';
export { type SetUpFault, setUpFault } from './classified.ts';
export { MADE_TABLE, MARKER_ARTICLE, MARKER_NAME, MARKER_TABLE, MARKER_TEXT } from './marker.ts';
export { releaseStage } from './release.ts';
export { releaseScript } from './release-script.ts';

const unwritten = (what: string): never => {
  throw new LandfallError('bug', { what: `${what} is not written yet`, next: ['wait'] });
};

const unwrittenStage = (id: string): Stage => ({
  id,
  title: () => id,
  preview: () => unwritten(id),
  done: async () => unwritten(id),
  run: async () => unwritten(id),
});

/** Drops the subscription at publisher and distributor alone. */
export const dropSubscriptionScript = (_scene: Scene): Script => unwritten('dropSubscriptionScript');
/** Removes what replication left in the copy: procedures, tables, marks. Needs the subscriber alone. */
export const cleanSubscriberScript = (_scene: Scene): Script => unwritten('cleanSubscriberScript');
/** Production as it was found; `dark`: the publisher is gone, the subscriber alone is cleaned. */
export const teardownScript = (_scene: Scene, _options?: { readonly dark?: boolean }): Script =>
  unwritten('teardownScript');

export const teardownStage: Stage = unwrittenStage('teardown');
