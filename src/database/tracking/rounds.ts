import type { Statement } from '../../remote/sql/statement.ts';
import { holdStatements } from '../reconcile/hold-statements.ts';
import { progressName } from '../reconcile/names.ts';
import type { Scene, Work } from '../stage.ts';
import { copyTable } from './copy.ts';
import { copiedTables, copyStatements } from './copy-statements.ts';
import { oneRound, type TrackingRound } from './round.ts';
import { roundStatements } from './statements.ts';

/** Every statement that writes and that `trackingRound` may send. */
export const followStatements = (scene: Scene): Statement[] => [
  ...holdStatements(scene),
  ...roundStatements(scene),
  ...copyStatements(scene).slice(holdStatements(scene).length),
];

/**
 * One round, and then the tables that have to be copied again before they can follow; they are with the next round. What
 * it answers is the round: tables that were copied again are in `again`, for their rows are of the next one.
 *
 * @throws LandfallError identity.mismatch where production was restored; database.not-captured where it is not tracked
 */
export async function trackingRound(work: Work): Promise<TrackingRound> {
  const round = await oneRound(work);
  const again = new Set(round.again);
  let bytes = round.bytes;
  for (const numbered of copiedTables(work)) {
    if (!again.has(progressName(numbered.table))) continue;
    const copied = await copyTable(work, numbered, work.state.reconcile?.run ?? 0, () => undefined);
    bytes += copied.bytes;
  }
  return { ...round, bytes };
}
