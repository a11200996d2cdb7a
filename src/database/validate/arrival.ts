import { LandfallError } from '../../foundation/errors.ts';
import type { Statement } from '../../remote/sql/statement.ts';
import { isNewer, laneOf, readMarker, writeMarker, writeMarkerStatement } from '../monitor/index.ts';
import type { Scene, Work } from '../stage.ts';
import { followStatements, trackingRound } from '../tracking/index.ts';

/** Between two looks whether the marker is there. */
const POLL_MS = 500;
/** An agent that has brought nothing for so long does not work. */
const PATIENCE_MS = 600_000;

/** What `everythingArrived` may write. */
export const arrivalStatements = (scene: Scene): readonly Statement[] =>
  laneOf(scene) === 'change-tracking' ? followStatements(scene) : [writeMarkerStatement(scene.ref)];

/**
 * Resolves when everything that was committed on the publisher before the call is at the copy: a marker row written now
 * has arrived, or a round of change tracking that began now has ended.
 *
 * @throws LandfallError database.agent where the marker does not come
 */
export async function everythingArrived(work: Work): Promise<void> {
  const { servers, ref, signal, clock } = work;
  if (laneOf(work) === 'change-tracking') {
    await trackingRound(work);
    return;
  }
  const written = await writeMarker(work, signal);
  const begun = clock.monotonic();
  for (;;) {
    const there = await readMarker(servers.subscriber, 'subscriber', ref.copy, signal);
    if (there !== undefined && !isNewer(written, there)) return;
    const waited = clock.monotonic() - begun;
    if (waited > PATIENCE_MS)
      throw new LandfallError('database.agent', {
        what: `the marker ${written.id} that was written on ${ref.source} has not come to ${ref.copy} for ${Math.round(PATIENCE_MS / 60_000)} minutes`,
        why: 'rows that differ cannot be told from rows that are on their way',
        next: ['landfall database status says which agent stands still and why', 'then validate again'],
      });
    work.sample({ text: `waiting for marker ${written.id} at ${ref.copy}` });
    await clock.sleep(POLL_MS, signal);
  }
}
