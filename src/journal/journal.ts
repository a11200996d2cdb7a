import type { Clock } from '../foundation/clock.ts';
import type { LandfallError } from '../foundation/errors.ts';
import type { Redactor } from '../foundation/redact.ts';
import type { EvacuationDirectory } from './directory.ts';
import type { Event, EventBody } from './events.ts';
import { openFileJournal } from './file-store.ts';
import { apply, Folding } from './fold.ts';
import { acquireLock, type Lock, type LockOwner, type TakenOver } from './lock.ts';
import type { ProcessProbe } from './process-probe.ts';
import type { State } from './state.ts';
import type { JournalStore, Mended } from './store.ts';

export { type ReadState, readState } from './read-state.ts';

export interface OpenJournalOptions {
  readonly directory: Pick<EvacuationDirectory, 'journalPath' | 'lockPath'>;
  readonly owner: LockOwner;
  /** Author of the events: `engine@jump1:4711`. */
  readonly by: string;
  readonly clock: Clock;
  readonly redactor: Redactor;
  readonly probe?: ProcessProbe;
  /** Take the lock from a holder that cannot be seen from here. */
  readonly takeOver?: boolean;
  readonly heartbeatMs?: number;
  /** Hears every event from the first one on, the repairs that opening had to journal included. */
  readonly onEvent?: JournalListener;
  /** The lock went to somebody else: from then on every append is refused with this error. */
  readonly onLockLost?: (error: LandfallError) => void;
}

export type JournalListener = (event: Event, state: State) => void;

/** The one writer of an evacuation: what it returns, folds and announces is on the disk. */
export interface Journal {
  /** The fold of everything that is durable. */
  readonly state: State;
  /** What opening had to mend; both are journalled already. */
  readonly mended?: Mended;
  readonly takenOver?: TakenOver;
  /**
   * Resolves when the events are durable, folded and announced; `by` is the engineer who ordered them, by default this
   * process. Throws `state.unwritable`, `state.locked`.
   */
  append(bodies: EventBody | readonly EventBody[], by?: string): Promise<Event[]>;
  /**
   * Calls `listener` for every event from now on, in order, with the state just after it. A listener that throws does
   * not disturb the journal; its error is left uncaught. Returns the way to stop.
   */
  onEvent(listener: JournalListener): () => void;
  close(): Promise<void>;
}

/** Locks, reads, mends and folds the journal of an evacuation. */
export async function openJournal(options: OpenJournalOptions): Promise<Journal> {
  const guard: Guard = {};
  const lock = await lockFor(options, guard);
  let store: JournalStore | undefined;
  try {
    store = await openFileJournal({ ...options, path: options.directory.journalPath });
    const folding = new Folding();
    const { mended } = await store.replay(event => folding.add(event));
    const journal = new OpenJournal(store, lock, guard, folding.state, mended);
    if (options.onEvent !== undefined) journal.onEvent(options.onEvent);
    const repairs = repairsOf(mended, lock.takenOver);
    if (repairs.length > 0) await journal.append(repairs);
    return journal;
  } catch (error) {
    await store?.close();
    await lock.release();
    throw error;
  }
}

/** Set when the lock is lost; read before every append. */
interface Guard {
  lost?: LandfallError;
}

function lockFor(options: OpenJournalOptions, guard: Guard): Promise<Lock> {
  return acquireLock({
    path: options.directory.lockPath,
    owner: options.owner,
    clock: options.clock,
    ...(options.probe === undefined ? {} : { probe: options.probe }),
    ...(options.heartbeatMs === undefined ? {} : { heartbeatMs: options.heartbeatMs }),
    force: options.takeOver === true,
    onLost: error => {
      guard.lost = error;
      options.onLockLost?.(error);
    },
  });
}

function repairsOf(mended: Mended | undefined, takenOver: TakenOver | undefined): EventBody[] {
  const repairs: EventBody[] = [];
  if (takenOver !== undefined) repairs.push({ type: 'lock.taken-over', ...takenOver });
  if (mended !== undefined) {
    repairs.push({ type: 'journal.mended', cutBytes: mended.cutBytes, atByte: mended.atByte });
  }
  return repairs;
}

class OpenJournal implements Journal {
  readonly mended?: Mended;
  readonly takenOver?: TakenOver;
  readonly #store: JournalStore;
  readonly #lock: Lock;
  readonly #guard: Guard;
  readonly #listeners = new Set<JournalListener>();
  #state: State;
  /** Settles when every earlier append has been folded: announcements keep the order of the file. */
  #announced: Promise<unknown> = Promise.resolve();

  constructor(store: JournalStore, lock: Lock, guard: Guard, state: State, mended: Mended | undefined) {
    this.#store = store;
    this.#lock = lock;
    this.#guard = guard;
    this.#state = state;
    if (mended !== undefined) this.mended = mended;
    if (lock.takenOver !== undefined) this.takenOver = lock.takenOver;
  }

  get state(): State {
    return this.#state;
  }

  append(bodies: EventBody | readonly EventBody[], by?: string): Promise<Event[]> {
    if (this.#guard.lost !== undefined) return Promise.reject(this.#guard.lost);
    const durable = this.#store.append('type' in bodies ? [bodies] : bodies, by);
    const before = this.#announced;
    const done = durable.then(async events => {
      await before;
      for (const event of events) this.#announce(event);
      return events;
    });
    // Whoever called append hears of its failure; here only the order matters.
    this.#announced = done.catch(() => undefined);
    return done;
  }

  onEvent(listener: JournalListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    try {
      await this.#store.close();
      await this.#announced;
    } finally {
      await this.#lock.release();
    }
  }

  #announce(event: Event): void {
    this.#state = apply(this.#state, event);
    for (const listener of this.#listeners) {
      try {
        listener(event, this.#state);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
