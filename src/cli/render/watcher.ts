import type { Event } from '../../journal/events.ts';
import type { State } from '../../journal/state.ts';
import type { Sample } from '../../step/step.ts';

/** Somebody who looks on while an evacuation runs: it hears durable events and passing samples, and decides nothing. */
export interface Watcher {
  event(event: Event, state: State): void;
  sample(sample: Sample): void;
  /** Called once, after the last event; resolves when everything is on the screen. */
  end(): Promise<void>;
}
