import type { Deed, Script } from '../../remote/sql/statement.ts';
import type { Scene } from '../stage.ts';
import { laneOf } from './capture-script.ts';
import { foundCopyDeed, recordDeed } from './made.ts';
import { forgivingDeed, uniqueOffDeed } from './overlap.ts';
import { markerDeed } from './publication.ts';
import { refuseWhereClosed } from './refusals.ts';
import {
  type Beginning,
  cleanupOnDeed,
  identityDeeds,
  pushAgentDeed,
  subscriptionDeeds,
} from './subscription.ts';

/** How the subscription of a lane begins, where the server lets it. */
export function beginningOf(lane: string): Beginning {
  if (lane === 'backup') return 'initialize with backup';
  return lane === 'snapshot' ? 'automatic' : 'initialize from lsn';
}

/** What the copy needs before the first command arrives. */
export function copyScript(scene: Scene): Script {
  const lane = laneOf(scene);
  const { copy } = scene.ref;
  return {
    title: `The copy ${copy} is made ready for the agent`,
    deeds: [
      recordDeed('subscriber', copy),
      foundCopyDeed(scene),
      markerDeed('subscriber', copy),
      ...identityDeeds(scene),
      ...(lane === 'clone' ? [uniqueOffDeed(scene)] : []),
    ],
  };
}

/** The subscription, parked; then what the agent needs; then the agent. */
export function deliverScript(scene: Scene, beginning: Beginning): Script {
  const overlap: readonly Deed[] = laneOf(scene) === 'clone' ? [forgivingDeed(scene)] : [];
  return {
    title: `What was captured is delivered (${beginning})`,
    deeds: [...subscriptionDeeds(scene, beginning), cleanupOnDeed(scene), ...overlap, pushAgentDeed(scene)],
  };
}

/**
 * The subscription and its agent: from the end on what was captured is delivered.
 *
 * @throws LandfallError database.blocked where an edition or a version cannot do it
 */
export function releaseScript(scene: Scene): Script {
  refuseWhereClosed(scene);
  const lane = laneOf(scene);
  return {
    title: `Release: what was captured of ${scene.name} is delivered to ${scene.ref.copy} (lane ${lane})`,
    deeds: [...copyScript(scene).deeds, ...deliverScript(scene, beginningOf(lane)).deeds],
  };
}
