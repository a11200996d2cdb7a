import type { Clock } from '../../foundation/clock.ts';
import type { Sample } from '../../step/step.ts';

/** At most four samples of a step leave in a second. */
export const SAMPLE_WINDOW_MS = 250;

/**
 * Thins out samples: the first goes at once and opens a window; of what comes while it is open, the newest of each
 * step goes when it closes.
 */
export class SampleHub {
  readonly #clock: Clock;
  readonly #send: (sample: Sample) => void;
  readonly #newest = new Map<string, Sample>();
  readonly #late = new Set<string>();
  readonly #closed = new AbortController();
  #isOpen = false;

  constructor(clock: Clock, send: (sample: Sample) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  /** The newest sample of every step that runs. */
  get newest(): readonly Sample[] {
    return [...this.#newest.values()];
  }

  add(sample: Sample): void {
    if (this.#closed.signal.aborted) return;
    this.#newest.set(sample.step, sample);
    if (this.#isOpen) {
      this.#late.add(sample.step);
      return;
    }
    this.#send(sample);
    this.#openWindow();
  }

  /** Forgets a step that runs no more; false where nothing was said about it. */
  over(step: string): boolean {
    this.#late.delete(step);
    return this.#newest.delete(step);
  }

  close(): void {
    this.#closed.abort();
  }

  #openWindow(): void {
    this.#isOpen = true;
    this.#clock.sleep(SAMPLE_WINDOW_MS, this.#closed.signal).then(
      () => this.#closeWindow(),
      // Closed meanwhile: nobody listens any more.
      () => undefined,
    );
  }

  #closeWindow(): void {
    this.#isOpen = false;
    if (this.#late.size === 0) return;
    for (const step of this.#late) {
      const sample = this.#newest.get(step);
      if (sample !== undefined) this.#send(sample);
    }
    this.#late.clear();
    this.#openWindow();
  }
}
