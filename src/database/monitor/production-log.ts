import { formatBytes } from '../../foundation/units.ts';
import type { ReplicationTrouble } from '../../journal/database-facts.ts';
import { identifier, literal } from '../../remote/sql/quote.ts';
import type { DatabaseRef } from '../names.ts';
import type { Scene } from '../stage.ts';
import { known, type Observation } from './observation.ts';

const DAY = 24 * 3_600_000;
/** Less time between two looks says nothing of a rate: a marker alone would fill the log by tomorrow. */
const LEAST_MS = 60_000;
/** Less than this share of the limit is an ordinary day. */
const ORDINARY = 0.1;

/** What keeps production's log from being used again, where it is landfall's doing. */
const OURS: Readonly<Record<string, string>> = { REPLICATION: 'the log reader has not read it' };

/**
 * What waits in the log counts, not the size of its file: that was what its owner made it. True from the limit of the
 * plan on, where nothing but replication keeps it.
 */
export function proposesDrop({ plan }: Scene, observation: Observation): boolean {
  const production = known(observation.production);
  return (
    production?.log_used != null &&
    production.log_used >= plan.production.log_limit &&
    OURS[production.reuse_wait ?? ''] !== undefined
  );
}

/** Ms until the log has reached the limit, as fast as it grew since the last look; undefined where it does not grow. */
export function reachesLimitIn(scene: Scene, observation: Observation): number | undefined {
  const used = known(observation.production)?.log_used;
  const before = scene.state.observed;
  if (used == null || before?.sample.logUsedBytes === undefined || observation.now - before.at < LEAST_MS)
    return undefined;
  if (used < scene.plan.production.log_limit * ORDINARY) return undefined;
  const grown = used - before.sample.logUsedBytes;
  if (grown <= 0) return undefined;
  return Math.max(0, ((scene.plan.production.log_limit - used) * (observation.now - before.at)) / grown);
}

/** Lifts the hold on production's log: without articles nothing waits for the log reader. */
export const dropCommands = (ref: DatabaseRef): string =>
  `EXEC ${identifier(ref.source)}.sys.sp_dropsubscription @publication = ${literal(ref.publication)}, @article = N'all', @subscriber = ${literal(ref.subscriber)}; EXEC ${identifier(ref.source)}.sys.sp_droppublication @publication = ${literal(ref.publication)}`;

export function logTroubles(scene: Scene, observation: Observation): ReplicationTrouble[] {
  const production = known(observation.production);
  const why = OURS[production?.reuse_wait ?? ''];
  if (production?.log_used == null || why === undefined) return [];
  const limit = scene.plan.production.log_limit;
  const evidence = [
    `${formatBytes(production.log_used)} wait, of ${formatBytes(production.log_bytes ?? 0)}; the plan allows ${formatBytes(limit)}`,
    `log_reuse_wait_desc ${production.reuse_wait}`,
  ];
  if (proposesDrop(scene, observation))
    return [
      {
        code: 'log-limit',
        severity: 'blocker',
        what: `production's log has reached the limit of the plan: ${why}`,
        remedy: `landfall proposes to drop the publication: landfall database teardown ${scene.name} --confirm ${scene.name}; by hand on production: ${dropCommands(scene.ref)}`,
        evidence,
      },
    ];
  const in_ = reachesLimitIn(scene, observation);
  if (production.log_used < limit / 2 && (in_ === undefined || in_ > DAY)) return [];
  return [
    {
      code: 'log-growing',
      severity: 'warning',
      what: `production's log grows, because ${why}${in_ === undefined ? '' : `; at this rate it reaches the limit in ${Math.max(1, Math.round(in_ / 3_600_000))} h`}`,
      remedy:
        'get the log reader going, or give the log more room; at the limit landfall proposes to drop the publication',
      evidence,
    },
  ];
}
