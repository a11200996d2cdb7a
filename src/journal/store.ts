import type { Event, EventBody } from './events.ts';

/** A torn last line that was cut off; its bytes are kept beside the journal. */
export interface Mended {
  readonly cutBytes: number;
  readonly atByte: number;
  /** The file that holds the cut bytes. */
  readonly keptAs: string;
}

export interface Replayed {
  readonly lastSeq: number;
  readonly mended?: Mended;
}

/**
 * Where events live. One writer, many readers; a file by default, a table of the same events for fleets that are
 * steered from several control machines.
 */
export interface JournalStore {
  /**
   * Hands every stored event to `visit`, oldest first, and mends a torn end. Once, before the first append. Streams:
   * memory does not grow with the journal. Throws `state.damaged` and `state.newer`.
   */
  replay(visit: (event: Event) => void): Promise<Replayed>;
  /**
   * Stores the bodies as consecutive events and resolves when they are durable. Order of calls is order of numbers.
   * `by` is whoever ordered it, where that is not the process itself. After the first failure (`state.unwritable`) every further call fails too: there are no gaps.
   */
  append(bodies: readonly EventBody[], by?: string): Promise<Event[]>;
  /** Waits for what was appended, then lets go of the store. */
  close(): Promise<void>;
}
