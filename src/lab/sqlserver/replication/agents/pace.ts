import type { Instance } from '../../server/instance.ts';

/** Milliseconds between two looks of an agent that found nothing, where the lab does not say. */
const POLLING_MS = 1000;

/** Waits until the agent looks again; ends early when it is to stop. */
export async function rest(instance: Instance, signal: AbortSignal): Promise<void> {
  try {
    await instance.clock.sleep(instance.pace?.pollingMs ?? POLLING_MS, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
