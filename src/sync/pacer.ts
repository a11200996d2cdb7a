import { formatRate } from '../foundation/units.ts';
import type { RemoteJob } from '../remote/host.ts';
import type { StepContext, View } from '../step/step.ts';
import type { Pace } from './pass-actions.ts';
import { createRateWatch, type RateWatch, rateOf } from './rate.ts';

/** How often the rate is looked at while a copy runs: an engineer who throttles the link sees it happen. */
const LOOK_MS = 2000;

/**
 * Keeps the copy of one machine at the rate that holds now. rsync cannot be told another one while it runs: it is ended
 * in good order and started again, the same pass, with what has arrived kept. What was sent by then is counted from what
 * the ended part has left on its host.
 */
export class Pacer {
  readonly #machine: string;
  readonly #parts = new Map<string, number>();
  readonly #running = new Map<string, Pick<RemoteJob, 'id' | 'stop'>>();
  readonly #stopped = new Set<string>();
  #rate: number | undefined;
  #watch: RateWatch;

  /** `view` says at what rate the pass would begin now. */
  constructor(machine: string, view: View) {
    this.#machine = machine;
    this.#rate = rateOf(view, machine, view.state.lastAt);
    this.#watch = createRateWatch(machine, view, view.state.lastAt);
  }

  get pace(): Pace {
    return { rate: this.#rate, parts: this.#parts };
  }

  /** Jobs that start from now on go at the rate of this moment. */
  settle(view: View, now: number): void {
    if (this.#running.size > 0) return;
    this.#watch = createRateWatch(this.#machine, view, now);
    this.#rate = rateOf(view, this.#machine, now);
  }

  /** A job that an earlier process started goes at the rate of then. */
  adopted(rate: number | undefined): void {
    this.#rate = rate;
    this.#watch.began(rate);
  }

  partOf(stream: string): number {
    return this.#parts.get(stream) ?? 1;
  }

  goOnWith(stream: string, part: number): void {
    this.#parts.set(stream, part);
  }

  started(stream: string, job: Pick<RemoteJob, 'id' | 'stop'>): void {
    // Some copies go on under the same name: that an earlier one was ended says nothing of this one's end.
    this.#stopped.delete(job.id);
    this.#running.set(stream, job);
  }

  ended(stream: string): void {
    this.#running.delete(stream);
  }

  /** True where the job was ended for the sake of the rate: another part follows. */
  hasStopped(job: Pick<RemoteJob, 'id'>): boolean {
    return this.#stopped.has(job.id);
  }

  /** Watches until the signal fires; never fails. */
  async watch(
    context: Pick<StepContext, 'plan' | 'state' | 'clock' | 'sample'>,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock } = context;
    while (!signal.aborted) {
      try {
        await clock.sleep(LOOK_MS, signal);
      } catch {
        return;
      }
      if (this.#running.size === 0 || !this.#watch.look(context, clock.now())) continue;
      const rate = rateOf(context, this.#machine, clock.now());
      // The next part may begin before the stop below has returned.
      this.#rate = rate;
      this.#watch.began(rate);
      const text = `goes on at ${rate === undefined ? 'the full rate of the link' : formatRate(rate)}; what has arrived is kept`;
      context.sample({ text });
      await Promise.all([...this.#running.values()].map(job => this.#stop(job)));
    }
  }

  async #stop(job: Pick<RemoteJob, 'id' | 'stop'>): Promise<void> {
    this.#stopped.add(job.id);
    try {
      await job.stop();
    } catch {
      // The host is out of reach: the copy goes on as it was, and its follower says so.
      this.#stopped.delete(job.id);
    }
  }
}
