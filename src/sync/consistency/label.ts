import type { Consistency } from '../../journal/events.ts';

/** How one file system of a pass was read. */
export interface Reading {
  /**
   * `snapshot`: from one that was whole to the end; `still`: live, and nothing in it changed between the beginning of
   * the pass and its end; `live`: file after file, while others wrote.
   */
  readonly from: 'snapshot' | 'still' | 'live';
  /** True where the hook had brought the machine to rest at the instant, or for all the time, of this reading. */
  readonly atRest: boolean;
}

export interface PassFacts {
  /** Everything that writes was stopped in good order before the pass began, and nothing was started since. */
  readonly quiet: boolean;
  readonly readings: readonly Reading[];
}

const STRENGTH: readonly Consistency[] = ['smeared', 'crash', 'filesystem', 'application'];

/**
 * What a files pass has caught: as much as the weakest of its file systems. Several snapshots are several instants, each
 * of one file system; a pass of which nothing is known has caught nothing.
 */
export function labelOf({ quiet, readings }: PassFacts): Consistency {
  if (quiet) return 'application';
  if (readings.length === 0) return 'smeared';
  return readings.map(ofOne).reduce((a, b) => (STRENGTH.indexOf(b) < STRENGTH.indexOf(a) ? b : a));
}

function ofOne({ from, atRest }: Reading): Consistency {
  if (atRest) return 'application';
  return from === 'live' ? 'smeared' : 'crash';
}
