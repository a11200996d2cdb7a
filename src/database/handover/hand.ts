import type { Lane } from '../../journal/database-facts.ts';
import type { Statement } from '../../remote/sql/statement.ts';
import type { Scene, Work } from '../stage.ts';

/** One part of a hand-over. Every part can be run again: it asks the servers what is left to do. */
export interface Hand {
  /** Stable, in the journal: `freeze`, `identities`. */
  readonly id: string;
  readonly title: string;
  /** Before the point of no return: from there on it is not repeated, for the publisher may not be what it was. */
  readonly before: boolean;
  /** Asks production's database itself, which nobody can once its tail of the log was taken. */
  readonly open?: true;
  /** Every statement that writes and that it may send. */
  preview(scene: Scene): readonly Statement[];
  /** Does it and answers what shows that it holds. Throws where it does not. */
  run(work: Work): Promise<Told>;
}

export interface Told {
  readonly evidence: readonly string[];
  /** There was nothing to do in this lane, and the evidence says why. */
  readonly skipped?: true;
}

/** The lane that the copy follows by. */
export const laneOf = ({ state, plan }: Pick<Scene, 'state' | 'plan'>): Lane | undefined =>
  state.lane?.lane ?? (plan.lane === 'auto' ? undefined : plan.lane);

export const isReplicated = (scene: Pick<Scene, 'state' | 'plan'>): boolean => {
  const lane = laneOf(scene);
  return lane === undefined || lane === 'backup' || lane === 'clone' || lane === 'snapshot';
};

/** Whether the publisher is gone: the engineer says so when ordering. */
export const isDark = ({ state }: Pick<Scene, 'state'>): boolean => state.ordered.handover?.dark === true;
