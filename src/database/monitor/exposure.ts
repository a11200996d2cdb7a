import type { Marker } from '../../journal/database-facts.ts';
import type { DatabaseState } from '../../journal/state.ts';
import { isNewer } from './marker.ts';
import { known, type Observation } from './observation.ts';

/** What was told last, as far as this look needs it. */
export type Before = DatabaseState['observed'];

/**
 * The newest marker that was seen at the copy. A copy that does not answer keeps what it has shown; one that answers
 * with an older marker was restored, and the older one is the truth.
 */
export function provenOf(observation: Observation, before: Before): Marker | undefined {
  const shipped = known(observation.shipped);
  if (shipped !== undefined) return { id: shipped.lastLsn, at: shipped.upTo };
  const { arrived } = observation;
  return arrived.answered ? arrived.value : before?.sample.proven;
}

/** True where the copy shows an older marker than it has shown before. */
export const wentBack = (proven: Marker | undefined, before: Marker | undefined): boolean =>
  proven !== undefined && before !== undefined && isNewer(before, proven);

/**
 * The publisher's now. Where it does not answer, its last known time goes on by the control machine's clock: exposure
 * keeps counting when the publisher is gone, and that is when it matters.
 */
export function publisherNow({ now, production }: Observation, before: Before): number {
  if (production.answered) return production.value.now;
  const { proven, exposureMs } = before?.sample ?? {};
  if (before === undefined || proven === undefined || exposureMs === undefined) return now;
  return proven.at + exposureMs + Math.max(0, now - before.at);
}

/** Milliseconds of commits that would be lost if the source died now; undefined where nothing has ever arrived. */
export function exposureOf(observation: Observation, before: Before): number | undefined {
  const proven = provenOf(observation, before);
  return proven === undefined ? undefined : Math.max(0, publisherNow(observation, before) - proven.at);
}
