import { putIn, replicaVolumes } from '../build/index.ts';
import type { Host } from '../remote/host.ts';
import type { StepContext } from '../step/step.ts';
import { type Deeds, deedsOf } from './deeds.ts';
import { clearings, leftover } from './leftovers.ts';
import { differences, type Fingerprint, fingerprints } from './replica-evidence.ts';

/** What was found of the replica after a proof; undefined where it could not be looked at. */
export interface PutBack {
  readonly touched: readonly string[] | undefined;
}

/**
 * The end of every proof, however it went: nothing that it made is left, and the replica is in its receiver again,
 * mounted. One thing that does not go stops none of the others; what remains is told in the end (`prove.leftover`). Not
 * to be cancelled: an engineer who ends landfall waits for it.
 */
export async function putBack(
  context: StepContext,
  host: Host,
  machine: string,
  before: readonly Fingerprint[] | undefined,
): Promise<PutBack> {
  const { signal } = new AbortController();
  const deeds = deedsOf(context, machine);
  const failures: unknown[] = [];
  const attempt = async (work: () => Promise<void>): Promise<boolean> => {
    try {
      await work();
      return true;
    } catch (thrown) {
      failures.push(thrown);
      return false;
    }
  };
  context.sample({ text: 'clearing away, putting the replica back' });
  const clear = clearings(context, host, deeds, machine);
  await attempt(() => clear.domain(signal));
  const isOut = await attempt(() => clear.receiver(signal));
  await attempt(() => clear.overlays(signal));
  await attempt(() => clear.island(signal));
  await attempt(() => clear.files(signal));
  let touched: string[] | undefined;
  if (isOut && before !== undefined)
    await attempt(async () => {
      touched = differences(before, await fingerprints(host, context, machine, signal));
    });
  await attempt(() => replicaIn(context, host, deeds, machine, isOut, signal));
  if (failures.length > 0) throw leftover(failures[0], machine);
  return { touched };
}

/** Whatever else is in the receiver goes out first, once more where it did not go the first time. */
async function replicaIn(
  context: StepContext,
  host: Host,
  deeds: Deeds,
  machine: string,
  isOut: boolean,
  signal: AbortSignal,
): Promise<void> {
  if (!isOut) await clearings(context, host, deeds, machine).receiver(signal);
  await putIn(context, machine, replicaVolumes(context, machine) ?? [], signal);
}
