import type { ReplicationSample } from '../../journal/database-facts.ts';
import type { Scene } from '../stage.ts';
import { exposureOf, provenOf } from './exposure.ts';
import { hopsOf } from './hops.ts';
import { known, type Observation } from './observation.ts';
import { proposesDrop } from './production-log.ts';
import { expiresInHours } from './queue.ts';
import { troublesOf } from './troubles.ts';

/** What is told of one look; pure. What was not answered is absent, never what it was before, but for the proven marker. */
export function sampleOf(scene: Scene, observation: Observation): ReplicationSample {
  const production = known(observation.production);
  const queue = known(observation.queue);
  const proven = provenOf(observation, scene.state.observed);
  const exposureMs = exposureOf(observation, scene.state.observed);
  const hours = queue === undefined ? undefined : expiresInHours(queue);
  const written = known(observation.written);
  const pending = known(observation.pending);
  return {
    hops: hopsOf(observation),
    ...(written === undefined ? {} : { written }),
    ...(proven === undefined ? {} : { proven }),
    ...(exposureMs === undefined ? {} : { exposureMs }),
    ...(pending === undefined ? {} : { pendingCommands: pending }),
    ...(production?.log_used == null ? {} : { logUsedBytes: production.log_used }),
    ...(production?.log_bytes == null ? {} : { logBytes: production.log_bytes }),
    ...(queue?.bytes == null ? {} : { distributionBytes: queue.bytes }),
    ...(hours === undefined ? {} : { expiresInHours: hours }),
    troubles: troublesOf(scene, observation),
    proposeDrop: proposesDrop(scene, observation),
  };
}
