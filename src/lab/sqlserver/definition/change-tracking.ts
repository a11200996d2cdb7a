import { putTable } from '../catalog/edit.ts';
import type { TableAction } from '../syntax/definitions.ts';
import type { Altered } from './altered.ts';
import { fault } from './faults.ts';

type ChangeTracking = Extract<TableAction, { readonly kind: 'change-tracking' }>;

/** ENABLE and DISABLE CHANGE_TRACKING. @throws SqlError 4995 to 4998 */
export function changeTracking(target: Altered, action: ChangeTracking, line: number): void {
  const { draft, table, database, transaction } = target;
  const name = draft.shown;
  if (!action.enable) {
    if (!table.changeTracking) throw fault(4998, `Change tracking is not enabled on table '${name}'.`, line);
    const { changeTracking: _off, ...rest } = table;
    transaction.define(catalog => putTable(catalog, { ...rest, modified: target.building.now }));
    return;
  }
  if (!database.options.changeTracking)
    throw fault(
      4995,
      `Cannot enable change tracking on table '${name}'. Change tracking must be enabled on database '${database.name}' before it is enabled on a table.`,
      line,
    );
  if (table.changeTracking)
    throw fault(4996, `Change tracking is already enabled for table '${name}'.`, line);
  if (!draft.keys.some(key => key.primary))
    throw fault(
      4997,
      `Cannot enable change tracking on table '${name}'. Change tracking requires a primary key on the table. Create a primary key on the table before enabling change tracking.`,
      line,
    );
  const beginVersion = database.store?.tracking.currentVersion() ?? 0n;
  target.store({ changeTracking: { trackColumns: action.trackColumns, beginVersion } });
}
