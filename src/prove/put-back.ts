import { putIn, replicaVolumes } from '../build/index.ts';
import type { Host } from '../remote/host.ts';
import { moverOf } from '../step/mover.ts';
import type { StepContext } from '../step/step.ts';
import { deedsOf } from './deeds.ts';
import { clearings, leftover } from './leftovers.ts';
import { differences, type Fingerprint, fingerprints } from './replica-evidence.ts';

/** What was found of the replica after a proof; undefined where it could not be looked at. */
export interface PutBack {
  readonly touched: readonly string[] | undefined;
}

/** Pauses before the second and the third round: a connection that was just lost may be back. */
const PAUSES_MS = [2_000, 10_000];

/**
 * The end of every proof, however it went: nothing that it made is left, and the replica is in its receiver again,
 * mounted, where it was before. Tried in rounds, each of which does what is still missing; what remains after the last is told
 * (`prove.leftover`). Not to be cancelled: an engineer who ends landfall waits for it.
 */
export async function putBack(
  context: StepContext,
  host: Host,
  machine: string,
  before: readonly Fingerprint[] | undefined,
): Promise<PutBack> {
  const { signal } = new AbortController();
  const found: { touched?: readonly string[] } = {};
  for (const pauseMs of [...PAUSES_MS, undefined]) {
    context.sample({ text: 'clearing away; the replica goes back where it was' });
    const failures = await round(context, host, machine, before, found, signal);
    if (failures.length === 0) return { touched: found.touched };
    if (pauseMs === undefined) throw leftover(failures[0], machine);
    await context.clock.sleep(pauseMs, signal);
  }
  return { touched: found.touched };
}

/** What did not work, in order; empty where everything is as it was. One thing that does not go stops no other. */
async function round(
  context: StepContext,
  host: Host,
  machine: string,
  before: readonly Fingerprint[] | undefined,
  found: { touched?: readonly string[] },
  signal: AbortSignal,
): Promise<unknown[]> {
  const failures: unknown[] = [];
  const attempt = async (work: () => Promise<unknown>): Promise<boolean> => {
    try {
      await work();
      return true;
    } catch (thrown) {
      failures.push(thrown);
      return false;
    }
  };
  const clear = clearings(context, host, deedsOf(context, machine), machine);
  // While the copy runs its disks are in use: nothing is pulled away from under it, and the replica stays out.
  if (!(await attempt(() => clear.domain(signal)))) return failures;
  const isOut = await attempt(() => clear.receiver(signal));
  if (isOut) await attempt(() => clear.overlays(signal));
  await attempt(() => clear.island(signal));
  await attempt(() => clear.files(signal));
  if (isOut && before !== undefined && found.touched === undefined)
    await attempt(async () => {
      found.touched = differences(before, await fingerprints(host, context, machine, signal));
    });
  // A replica that blocks fill belongs to no receiver.
  if (isOut && moverOf(context, machine) === 'files')
    await attempt(() => putIn(context, machine, replicaVolumes(context, machine) ?? [], signal));
  return failures;
}
