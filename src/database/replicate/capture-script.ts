import type { Script } from '../../remote/sql/statement.ts';
import type { Scene } from '../stage.ts';
import { articleDeed, articlesOf } from './articles.ts';
import { distributorDeeds, logReaderDeed, publishDeed, textSizeDeed } from './distributor.ts';
import { foundDeed, recordDeed } from './made.ts';
import { accessDeeds, capturedDeed, markerDeed, publicationDeeds, snapshotAgentDeed } from './publication.ts';
import { refuseWhereClosed } from './refusals.ts';

/** The lane that a script is for; before one is chosen it is shown as the clone's. */
export const laneOf = ({ state, plan }: Pick<Scene, 'state' | 'plan'>): string =>
  state.lane?.lane ?? (plan.lane === 'auto' ? 'clone' : plan.lane);

/** What is there before anything else: landfall's schema in production, and how everything was. */
export const recordScript = (scene: Scene): Script => ({
  title: `How production of ${scene.name} was, before anything is changed`,
  deeds: [recordDeed('publisher', scene.ref.source), foundDeed(scene)],
});

/**
 * Distributor, log reader, publication, articles: from the last article on every committed change is kept for the copy,
 * whether it is there yet or not. Capture comes first, the copy second, delivery last (facts: mssql 0.3, 1.1).
 *
 * @throws LandfallError database.blocked where an edition or a version cannot do it
 */
export function captureScript(scene: Scene): Script {
  refuseWhereClosed(scene);
  const lane = laneOf(scene);
  return {
    title: `Capture: every change of ${scene.name} is kept from now on (lane ${lane})`,
    deeds: [
      ...recordScript(scene).deeds,
      textSizeDeed(scene),
      ...distributorDeeds(scene),
      publishDeed(scene),
      logReaderDeed(scene),
      markerDeed('publisher', scene.ref.source),
      ...publicationDeeds(scene),
      ...(lane === 'snapshot' ? [snapshotAgentDeed(scene)] : []),
      ...accessDeeds(scene),
      ...articlesOf(scene).map(article => articleDeed(scene, article, lane)),
    ],
  };
}

/** What follows once the first marker was seen at the distributor. */
export const capturedScript = (scene: Scene): Script => ({
  title: `Captured: the first marker of ${scene.name} was seen at the distributor`,
  deeds: [capturedDeed(scene)],
});
