import type { FunctionContext, ScalarFunction } from '../../functions/function.ts';
import type { Evaluation } from '../../query/bound.ts';
import type { View } from '../../storage/store.ts';
import { trackingOf } from '../../tracking/change-table.ts';
import { BIGINT, BIT } from '../../values/types.ts';
import { catalogOf } from '../catalog-facts.ts';
import { metadata } from '../define-function.ts';

const isEvaluation = (context: FunctionContext): context is Evaluation => 'view' in context;

/** SNAPSHOT isolation asks for the versions of its own moment. */
const viewOf = (context: FunctionContext): View | undefined =>
  isEvaluation(context) ? context.view(context.database) : undefined;

export const TRACKING_FUNCTIONS: readonly ScalarFunction[] = [
  metadata('change_tracking_current_version', [0, 0], BIGINT, (_given, context) => {
    const { database } = context;
    const tracking = trackingOf(database);
    if (database.options.changeTracking === undefined || tracking === undefined) return null;
    return tracking.currentVersion(viewOf(context));
  }),
  metadata('change_tracking_min_valid_version', [1, 1], BIGINT, (given, context) => {
    const { database } = context;
    const table = catalogOf(context, database).tables.get(given.integer(0) ?? 0);
    const tracking = trackingOf(database);
    if (table?.changeTracking === undefined || tracking === undefined) return null;
    return tracking.minimumValidVersion(table, viewOf(context));
  }),
  metadata('change_tracking_is_column_in_mask', [2, 2], BIT, given => {
    const [column, mask] = [given.integer(0), given.bytes(1)];
    if (column === null) return null;
    return mask === null ? 1 : Number(columnsInMask(mask).includes(column));
  }),
];

/** SYS_CHANGE_COLUMNS: four bytes of head, then a column_id in four bytes each, little-endian. */
export function columnsInMask(mask: Uint8Array): readonly number[] {
  const bytes = new DataView(mask.buffer, mask.byteOffset, mask.byteLength);
  const columns: number[] = [];
  for (let place = 4; place + 4 <= mask.length; place += 4) columns.push(bytes.getInt32(place, true));
  return columns;
}
