import type { NextWhenIdle } from './conductor.ts';

export interface IdleOptions {
  readonly until: 'stay' | 'done';
  readonly nextWhenIdle?: NextWhenIdle | undefined;
}

/**
 * What an engine does when there is nothing to do: what it was told, except that it does not end before its time. One
 * that stays waits for orders; one that ends when done still waits where an engineer holds something back.
 */
export function idlePolicy({ until, nextWhenIdle }: IdleOptions): NextWhenIdle {
  return async (outcome, state, signal) => {
    const answer = (await nextWhenIdle?.(outcome, state, signal)) ?? 'end';
    if (answer !== 'end') return answer;
    // Once the copies are the machines, what is held back for the sources will never be let go.
    const isOver = state.cutover?.ended?.outcome === 'committed';
    return until === 'stay' || (outcome.held.length > 0 && !isOver) ? 'wait' : 'end';
  };
}
