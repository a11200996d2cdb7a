import type { DatabaseTable } from '../../journal/database-facts.ts';
import type { Scene } from '../stage.ts';

type Seen = Pick<Scene, 'state' | 'plan'>;

const tablesOf = ({ state }: Seen): readonly DatabaseTable[] => state.assessed?.tables ?? [];

const isLane = ({ state, plan }: Seen): boolean =>
  (state.released?.lane ?? state.lane?.lane ?? plan.lane) === 'change-tracking';

/**
 * Tables that change tracking carries: in its own lane whatever has a key; in the lanes of replication those that have
 * a key and cannot be an article.
 */
export const trackedTables = (scene: Seen): readonly DatabaseTable[] =>
  tablesOf(scene).filter(
    ({ carriedBy, key }) =>
      key.length > 0 && (carriedBy === 'change-tracking' || (carriedBy === 'replication' && isLane(scene))),
  );

/** Tables that nothing can follow: copied whole when nobody writes any more. */
export const reloadedTables = (scene: Seen): readonly DatabaseTable[] =>
  tablesOf(scene).filter(
    ({ carriedBy, key }) => carriedBy === 'reload' || (carriedBy === 'change-tracking' && key.length === 0),
  );
