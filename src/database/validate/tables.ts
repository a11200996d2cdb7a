import type { DatabaseTable } from '../../journal/database-facts.ts';
import { fullName } from '../catalog/types.ts';
import type { Scene } from '../stage.ts';

export type Kind = 'live' | 'exact';

/** What the newest order limits the validation to, and whether it repairs. */
export const orderOf = ({ state }: Pick<Scene, 'state'>) => state.ordered['validate'];

/**
 * Tables that have to be equal, all or those that an order names. While writers run those that follow row by row; frozen,
 * also those that were loaded whole.
 */
export function tablesToCompare(
  { state }: Pick<Scene, 'state'>,
  kind: Kind,
  order: Pick<NonNullable<ReturnType<typeof orderOf>>, 'tables'> | undefined,
): readonly DatabaseTable[] {
  const wanted = order?.tables?.map(name => name.toLowerCase());
  return (state.assessed?.tables ?? []).filter(
    table =>
      (wanted === undefined || wanted.includes(fullName(table).toLowerCase())) &&
      (kind === 'live'
        ? table.key.length > 0 && (table.carriedBy === 'replication' || table.carriedBy === 'change-tracking')
        : table.carriedBy !== 'none'),
  );
}
