import type { Clock } from '../../foundation/clock.ts';
import type { Event } from '../../journal/events.ts';

/** Who looks on, from the events of the engine that this process is. */
export class Attendance {
  #present = 0;
  #change = new AbortController();

  event(event: Event): void {
    if (event.type === 'engineer.attached') this.#present += 1;
    else if (event.type === 'engineer.left') this.#present -= 1;
    else return;
    const change = this.#change;
    this.#change = new AbortController();
    change.abort();
  }

  /** Resolves when nobody has been attached for so long; rejects with `cancelled` when the signal fires. */
  async deserted(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
    for (;;) {
      const change = this.#change.signal;
      const wait = this.#present > 0 ? Number.POSITIVE_INFINITY : ms;
      if (await passes(wait, clock, AbortSignal.any([change, signal]))) return;
      signal.throwIfAborted();
    }
  }
}

/** The longest that a timer of Node takes, about 24 days. */
const LONGEST_MS = 2 ** 31 - 1;

async function passes(ms: number, clock: Clock, signal: AbortSignal): Promise<boolean> {
  try {
    await clock.sleep(Math.min(ms, LONGEST_MS), signal);
    return ms <= LONGEST_MS;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}
