import type { DatabaseState } from '../journal/state.ts';

/** Without an observation for so long replication is not known to work: silence is red. */
export const OBSERVATION_MAX_AGE_MS = 5 * 60e3;

/**
 * What would be lost if production died now, ms of work: the age of the newest commit that is proven to be in the copy,
 * by the publisher's clock when it was looked at, and the time that has passed since by ours. Undefined where nothing is
 * proven. `now` in epoch ms.
 */
export function databaseExposureMs(
  database: Pick<DatabaseState, 'observed'> | undefined,
  now: number,
): number | undefined {
  const observed = database?.observed;
  if (observed?.sample.exposureMs === undefined) return undefined;
  return observed.sample.exposureMs + Math.max(0, now - observed.at);
}
