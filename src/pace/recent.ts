import type { PassState } from '../journal/state.ts';

/** More passes than any round has, and than any forecast learns from. */
const RECENT = 200;

const kept = new WeakMap<readonly PassState[], readonly PassState[]>();

/**
 * The passes that judgements and forecasts look at: a standby of weeks has thousands, and both are asked after every event. The
 * newest full copy is always among them. Equal for equal input.
 */
export function recentOf(passes: readonly PassState[]): readonly PassState[] {
  if (passes.length <= RECENT) return passes;
  const known = kept.get(passes);
  if (known !== undefined) return known;
  const newest = passes.slice(-RECENT);
  const full = passes.findLast(({ kind, ended }) => kind === 'full' && ended !== undefined);
  const recent = full === undefined || newest.includes(full) ? newest : [full, ...newest];
  kept.set(passes, recent);
  return recent;
}
