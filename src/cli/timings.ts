import { mergeTimings, type Timings, timingsOf } from '../checklist/index.ts';
import { LandfallError } from '../foundation/errors.ts';
import { listEvacuations } from '../journal/directory.ts';
import { readState } from '../journal/read-state.ts';

/**
 * How long items took in the evacuations that are kept here, but for one; a journal that cannot be read tells nothing.
 */
export async function timingsKept(root: string, besides?: string): Promise<Timings> {
  const all: Timings[] = [];
  for (const name of await listEvacuations(root)) {
    if (name === besides) continue;
    try {
      all.push(timingsOf((await readState(root, name)).state));
    } catch (thrown) {
      if (!(thrown instanceof LandfallError)) throw thrown;
    }
  }
  return mergeTimings(all);
}

/** When the newest rehearsal of a cutover was closed, epoch ms; absent where these timings know of none. */
export function rehearsedAt(timings: Timings): { readonly rehearsedAt?: number } {
  const ends = (timings['close'] ?? []).filter(({ rehearsal }) => rehearsal).map(({ at }) => at);
  return ends.length === 0 ? {} : { rehearsedAt: Math.max(...ends) };
}
