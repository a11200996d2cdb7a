import type { State } from '../journal/state.ts';
import { own, safeCopy } from '../readiness/copy.ts';
import type { Deed } from './deed.ts';

/** The end goes on record, with what is known to be lost. */
export const closeDeed = (): Deed => ({
  preview: () => [],
  done: async ({ state }) => state.cutover?.ended !== undefined,
  run: async () => ['every item before it is done or was skipped with a reason'],
});

/** What a cutover has lost, in words: nothing where the sources were quiet, everything after the last pass in the dark. */
export function lossOf({ cutover, machines, databases }: State): string[] {
  const rows = Object.values(databases).flatMap(({ name, handover }) =>
    (handover?.ended?.lost ?? []).map(each => `${name}: ${each}`),
  );
  if (cutover?.dark !== true) return rows;
  const files = Object.keys(cutover.machines).map(name => {
    const copy = safeCopy(own(machines, name));
    return copy.kind === 'none'
      ? `${name}: ${copy.why}; how much is missing cannot be said`
      : `${name}: what was written after ${new Date(copy.since).toISOString()}`;
  });
  return [...files, ...rows];
}
