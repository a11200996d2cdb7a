import type { Lane } from '../../journal/database-facts.ts';
import type { Scene } from '../stage.ts';

/** The lane that the copy follows by. */
export const laneOf = ({ state, plan }: Pick<Scene, 'state' | 'plan'>): Lane =>
  state.released?.lane ?? state.lane?.lane ?? (plan.lane === 'auto' ? 'backup' : plan.lane);
