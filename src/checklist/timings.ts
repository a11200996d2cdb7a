import type { State } from '../journal/state.ts';
import type { Timing, Timings } from './types.ts';

/** `quiet/web1` and `quiet/db1` are compared with themselves, `no-return` with every no-return: the key of Timings. */
export const itemKey = (id: string): string => id;

/** How long each item of the newest cutover took that landfall ran; what people ticked has no beginning. */
export function timingsOf(state: State): Timings {
  const { cutover, evacuation } = state;
  if (cutover === undefined) return {};
  const rehearsal = cutover.rehearse || evacuation?.rehearsal === true || evacuation?.lab === true;
  return Object.fromEntries(
    Object.entries(cutover.items).flatMap(([id, { outcome, how, startedAt, at }]): [string, Timing[]][] =>
      outcome !== 'done' || how !== 'ran' || startedAt === undefined || !(at >= startedAt)
        ? []
        : [[itemKey(id), [{ ms: at - startedAt, at, evacuation: evacuation?.name ?? '', rehearsal }]]],
    ),
  );
}

/** What several evacuations tell, each item oldest first. */
export function mergeTimings(all: readonly Timings[]): Timings {
  const merged = new Map<string, Timing[]>();
  for (const timings of all)
    for (const [key, each] of Object.entries(timings)) {
      const known = merged.get(key);
      if (known === undefined) merged.set(key, [...each]);
      else known.push(...each);
    }
  return Object.fromEntries([...merged].map(([key, each]) => [key, each.sort((a, b) => a.at - b.at)]));
}
