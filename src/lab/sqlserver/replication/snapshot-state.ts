import { SqlError } from '../errors.ts';
import type { ProcedureContext } from '../system/procedure.ts';

/**
 * A change that the snapshot of an immediate_sync publication does not show: it is made only where the caller says that the
 * snapshot is worth nothing from then on.
 *
 * @throws SqlError 20607
 */
export async function invalidateSnapshot(
  context: ProcedureContext,
  publication: number,
  forced: boolean,
): Promise<void> {
  const [row] = await context.query(
    context.database.name,
    `SELECT immediate_sync_ready FROM dbo.syspublications WHERE pubid = ${publication}`,
  );
  if (row?.['immediate_sync_ready'] !== 1) return;
  if (!forced)
    throw new SqlError(
      20607,
      'Cannot make the change because a snapshot is already generated. Set @force_invalidate_snapshot to 1 to force the change and invalidate the existing snapshot.',
    );
  await context.query(
    context.database.name,
    `UPDATE dbo.syspublications SET immediate_sync_ready = 0 WHERE pubid = ${publication}`,
  );
  context.message(
    'Invalidated the existing snapshot of the publication. Run the Snapshot Agent again to generate a new snapshot.',
    { number: 20605, severity: 10 },
  );
}
