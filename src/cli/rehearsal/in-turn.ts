import type { NextWhenIdle } from '../../evacuation/conductor.ts';
import type { State } from '../../journal/state.ts';
import type { Tale } from './cutting-over.ts';
import type { Halves } from './halves.ts';

/**
 * The halves of a rehearsal first, and when they are over the cutover; one that had begun before goes on at once. After
 * its end whoever looks on may go on to look.
 */
export function inTurn(
  halves: Halves,
  tale: Tale,
  before: State | undefined,
  stay: ((signal: AbortSignal) => Promise<void>) | undefined,
): NextWhenIdle {
  let isTelling = before?.cutover !== undefined;
  return async (outcome, state, signal) => {
    if (!isTelling) {
      const answer = await halves.nextWhenIdle(outcome, state, signal);
      if (answer !== 'end') return answer;
      if (!halves.reachedSecond) return 'end';
      isTelling = true;
    }
    const answer = await tale.next(outcome, state, signal);
    if (answer === 'end') await stay?.(signal);
    return answer;
  };
}
