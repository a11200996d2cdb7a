import { resolve } from 'node:path';
import type { Clock } from '../../foundation/clock.ts';
import { type EvacuationDirectory, openEvacuationDirectory } from '../../journal/directory.ts';
import type { Event } from '../../journal/events.ts';
import { glanceAt } from '../../journal/glance.ts';
import { readState } from '../../journal/read-state.ts';
import type { State } from '../../journal/state.ts';
import type { CommandRecord } from '../../remote/host.ts';
import type { Sample } from '../../step/step.ts';
import type { Command, Reply } from './command.ts';
import { lastCommands } from './command-log.ts';
import { engineAbsent } from './dial.ts';
import { goneWithoutAWord } from './gone.ts';
import { Picture } from './picture.ts';
import { planInForce } from './plan-in-force.ts';
import type { Session, Snapshot } from './session.ts';
import { openWire, refused, type Told, type Wire, type WireEnd } from './wire.ts';

export interface AttachOptions {
  /** The directory of all evacuations. */
  readonly root: string;
  readonly name: string;
  /** The engineer, the host they sit at, and how they look on: the journal keeps all three. */
  readonly who: string;
  readonly host: string;
  readonly client: 'ui' | 'cli';
  readonly landfall: string;
  readonly clock: Clock;
  /** Leaves when it fires, as `close` does. */
  readonly signal?: AbortSignal;
  /** For those who tell every event, such as a stream of lines: all after this number, in order, each once. */
  readonly after?: number;
  readonly onEvent?: (event: Event, state: State) => void;
  readonly onSample?: (sample: Sample) => void;
  /** The engine said that it ends; not called where it was merely lost. */
  readonly onBye?: (outcome: string) => void;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Joins the clients of a running engine. Throws `engine.absent`, `engine.unreachable` and `engine.protocol` where that
 * is not possible, and whatever reading the journal may throw. From then on nothing throws: an engine that is lost, or
 * that has ended, is looked for until it or its successor answers.
 */
export async function attach(options: AttachOptions): Promise<Session> {
  const directory = await openEvacuationDirectory(resolve(options.root), options.name);
  const session = new AttachedSession(options, directory);
  await session.begin();
  return session;
}

class AttachedSession implements Session {
  readonly name: string;
  readonly #options: AttachOptions;
  readonly #directory: EvacuationDirectory;
  readonly #picture: Picture;
  readonly #leaving = new AbortController();
  #wire: Wire | undefined;
  #planHash: string | undefined;
  /** What comes while the journal is being read; undefined while there is no need to wait. */
  #held: Told[] | undefined;
  /** Events up to this number are not told to `onEvent`. */
  #toldUpTo: number;

  constructor(options: AttachOptions, directory: EvacuationDirectory) {
    this.name = options.name;
    this.#options = options;
    this.#directory = directory;
    this.#toldUpTo = options.after ?? Number.POSITIVE_INFINITY;
    this.#picture = new Picture({
      name: options.name,
      directory: directory.path,
      ...(options.client === 'ui' ? { who: options.who } : {}),
    });
  }

  snapshot(): Snapshot {
    return this.#picture.snapshot();
  }

  subscribe(listener: () => void): () => void {
    return this.#picture.subscribe(listener);
  }

  async send(command: Command): Promise<Reply> {
    if (this.#wire !== undefined) return this.#wire.order(command);
    return refused(engineAbsent(this.name, this.#picture.state.evacuation?.lab));
  }

  close(): Promise<void> {
    this.#leaving.abort();
    this.#wire?.close();
    this.#wire = undefined;
    return Promise.resolve();
  }

  async begin(): Promise<void> {
    const { signal, after } = this.#options;
    signal?.throwIfAborted();
    signal?.addEventListener('abort', () => void this.close(), { once: true });
    await this.#join(() => {
      if (after === undefined) this.#toldUpTo = this.#picture.lastSeq;
    });
    this.#picture.noteAway();
  }

  /** Connects first and reads the journal then, so that nothing falls in between. */
  async #join(wasRead = (): void => {}): Promise<void> {
    const { client, clock, host, landfall, name, who } = this.#options;
    this.#held = [];
    let end: WireEnd | undefined;
    let joined: Wire | undefined;
    const wire = await openWire({
      ...{ client, clock, host, landfall, name, who },
      directory: this.#directory.path,
      signal: this.#leaving.signal,
      onTold: told => this.#hear(told),
      onEnd: how => {
        end = how;
        if (joined !== undefined && this.#wire === joined) this.#ended(how);
      },
    });
    try {
      await this.#read();
      wasRead();
    } catch (error) {
      wire.close();
      throw error;
    }
    if (this.#leaving.signal.aborted) return wire.close();
    joined = wire;
    this.#wire = wire;
    this.#picture.live(wire.welcome);
    this.#picture.setClients(wire.welcome.clients, wire.welcome.you);
    this.#release();
    // It may have ended while the journal was being read.
    if (end !== undefined) this.#ended(end);
  }

  async #read(): Promise<void> {
    const { name, root, clock } = this.#options;
    await readState(root, name, event => void this.#fold(event));
    const hash = this.#picture.planHash;
    if (this.#picture.plan === undefined || hash !== this.#planHash) {
      this.#picture.setPlan(await planInForce(this.#directory, hash, clock.now()));
      this.#planHash = hash;
    }
    this.#picture.setCommands(await lastCommands(this.#directory.path));
  }

  /** False where events before this one are missing. */
  #fold(event: Event): boolean {
    const isNew = event.seq > this.#picture.lastSeq;
    const fits = this.#picture.event(event);
    if (isNew && fits && event.seq > this.#toldUpTo) this.#options.onEvent?.(event, this.#picture.state);
    return fits;
  }

  #hear(told: Told): void {
    // What was under way when this client left is nobody's business any more: somebody may read on in the journal.
    if (this.#leaving.signal.aborted) return;
    if (this.#held !== undefined) this.#held.push(told);
    else this.#take(told);
  }

  #take(told: Told): void {
    if (told.type === 'clients') {
      const you = this.#wire?.welcome.you;
      if (you !== undefined) this.#picture.setClients(told.clients, you);
    } else if (told.type !== 'event') {
      this.#picture.told(told);
      if (told.type === 'sample') this.#options.onSample?.(told.sample);
    } else if (!this.#fold(told.event)) {
      void this.#readAgain(told);
    } else if (told.event.type === 'plan.accepted') {
      void this.#readAgain();
    }
  }

  /** Something is missing: the journal has it. What comes meanwhile waits. */
  async #readAgain(...first: Told[]): Promise<void> {
    this.#held = first;
    try {
      await this.#read();
      this.#release();
    } catch {
      // Whatever it was, the whole way is gone again until it succeeds, and the screen says that the engine is lost.
      this.#wire?.close();
      this.#ended({ how: 'lost' });
    }
  }

  #release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    const known = new Set(this.#picture.commands.map(sameRun));
    held.forEach((told, index) => {
      if (this.#held !== undefined) this.#held.push(...held.slice(index, index + 1));
      else if (told.type !== 'ran' || !known.has(sameRun(told.record))) this.#take(told);
    });
  }

  #ended(end: WireEnd): void {
    this.#wire = undefined;
    this.#held = undefined;
    if (end.how === 'lost') this.#picture.quiet('lost');
    void this.#lookFor(end);
  }

  /** Until this client leaves: the engine that was lost, or the one that follows it. */
  async #lookFor(end: WireEnd): Promise<void> {
    const { clock } = this.#options;
    let isOver = end.how === 'bye';
    if (end.how === 'bye') {
      // The last words may have been cut off with the connection; the journal has them.
      if (this.#picture.state.evacuation?.phase === 'running') await this.#read().catch(() => undefined);
      this.#over(end.outcome);
    }
    for (
      let pause = FIRST_PAUSE_MS;
      this.#wire === undefined;
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
    ) {
      try {
        await clock.sleep(pause, this.#leaving.signal);
        await this.#join();
      } catch {
        if (this.#leaving.signal.aborted) return;
        if (isOver) continue;
        const outcome = await this.#outcomeMeanwhile();
        if (outcome === undefined) await this.#lookForItsEnd();
        else {
          isOver = true;
          this.#over(outcome);
        }
      }
    }
  }

  /** An engine that was lost may have had a successor that came and ended between two looks: only the journal tells. */
  async #outcomeMeanwhile(): Promise<string | undefined> {
    try {
      const glance = await glanceAt(this.#directory.journalPath);
      if (glance?.last.seq !== this.#picture.lastSeq) await this.#read();
    } catch {
      return undefined;
    }
    const { phase, outcome } = this.#picture.state.evacuation ?? {};
    return phase === 'ended' ? outcome : undefined;
  }

  /** On the host where it ran the lock tells whether it died; elsewhere nobody can know, and it is looked for. */
  async #lookForItsEnd(): Promise<void> {
    const before = this.#picture.snapshot();
    if (before.gone !== undefined) return;
    const gone = await goneWithoutAWord(this.#directory, before.state).catch(() => undefined);
    if (gone !== undefined) this.#picture.gone(gone);
  }

  #over(outcome: string): void {
    this.#picture.quiet('none');
    this.#options.onBye?.(outcome);
  }
}

/** One run of a command, told live and found in the log. */
const sameRun = ({ at, host, ms, code }: CommandRecord): string => `${at} ${host} ${ms} ${code}`;
