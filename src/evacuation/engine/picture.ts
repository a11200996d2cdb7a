import type { Event } from '../../journal/events.ts';
import { Folding } from '../../journal/fold.ts';
import type { State } from '../../journal/state.ts';
import type { Plan } from '../../plan/schema.ts';
import type { CommandRecord } from '../../remote/host.ts';
import type { Sample } from '../../step/step.ts';
import { type AwayTally, missedBy, NOBODY_LOOKED, tallyAway } from './away.ts';
import { Ring } from './ring.ts';
import {
  type Connection,
  type EngineFacts,
  type EngineGone,
  KEPT,
  type Presence,
  type Snapshot,
} from './session.ts';
import type { Told, Welcome } from './wire.ts';

export interface PictureOf {
  readonly name: string;
  readonly directory: string;
  /** The engineer who looks, for what they missed. */
  readonly who?: string | undefined;
}

/** What a client keeps of an evacuation: cheap to add to, made into a snapshot only when somebody looks. */
export class Picture {
  readonly #of: PictureOf;
  readonly #events = new Ring<Event>(KEPT.events);
  readonly #commands = new Ring<CommandRecord>(KEPT.commands);
  readonly #samples = new Map<string, Sample>();
  readonly #listeners = new Set<() => void>();
  #plan: Plan | undefined;
  readonly #folding = new Folding();
  #tally: AwayTally = NOBODY_LOOKED;
  #away: Snapshot['away'];
  #connection: Connection = 'none';
  #engine: EngineFacts | undefined;
  #gone: EngineGone | undefined;
  #clients: readonly Presence[] = [];
  #tornBytes = 0;
  #snapshot: Snapshot | undefined;
  #isTelling = false;

  constructor(of: PictureOf) {
    this.#of = of;
  }

  get state(): State {
    return this.#folding.state;
  }

  /** These two cost nothing; taking the whole state makes the next event copy what it changes. */
  get lastSeq(): number {
    return this.#folding.lastSeq;
  }

  get planHash(): string | undefined {
    return this.#folding.planHash;
  }

  get commands(): readonly CommandRecord[] {
    return this.#commands.items;
  }

  get plan(): Plan | undefined {
    return this.#plan;
  }

  /** The same object until something changed. Only after a plan was set. */
  snapshot(): Snapshot {
    if (this.#plan === undefined)
      throw new RangeError('a snapshot was asked for before the journal was read');
    this.#snapshot ??= {
      name: this.#of.name,
      directory: this.#of.directory,
      plan: this.#plan,
      state: this.#folding.state,
      connection: this.#connection,
      ...(this.#engine === undefined ? {} : { engine: this.#engine }),
      ...(this.#gone === undefined ? {} : { gone: this.#gone }),
      samples: Object.fromEntries(this.#samples),
      clients: this.#clients,
      events: this.#events.items,
      commands: this.#commands.items,
      ...(this.#away === undefined ? {} : { away: this.#away }),
      tornBytes: this.#tornBytes,
    };
    return this.#snapshot;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** An event in order; one that is known already changes nothing. False where events before it are missing. */
  event(event: Event): boolean {
    if (event.seq <= this.#folding.lastSeq) return true;
    if (event.seq !== this.#folding.lastSeq + 1) return false;
    this.#folding.add(event);
    if (this.#of.who !== undefined) this.#tally = tallyAway(this.#tally, event, this.#of.who);
    this.#events.push(event);
    this.#changed();
    return true;
  }

  /** Everything that is no event. */
  told(told: Exclude<Told, { type: 'event' | 'clients' }>): void {
    if (told.type === 'sample') this.#samples.set(told.sample.step, told.sample);
    else if (told.type === 'sample-over') this.#samples.delete(told.step);
    else this.#commands.push(told.record);
    this.#changed();
  }

  setPlan(plan: Plan): void {
    this.#plan = plan;
    this.#changed();
  }

  setTornBytes(bytes: number): void {
    this.#tornBytes = bytes;
    this.#changed();
  }

  setCommands(commands: readonly CommandRecord[]): void {
    this.#commands.clear();
    for (const command of commands) this.#commands.push(command);
    this.#changed();
  }

  setClients(clients: Welcome['clients'], you: string): void {
    this.#clients = clients.map(client => ({ ...client, self: client.id === you }));
    this.#changed();
  }

  /** An engine has welcomed this client. */
  live({ engine, samples }: Welcome): void {
    this.#connection = 'live';
    this.#engine = engine;
    this.#gone = undefined;
    this.#samples.clear();
    for (const sample of samples) this.#samples.set(sample.step, sample);
    this.#tornBytes = 0;
    this.#changed();
  }

  /** What runs now, and who looks on, is not known any more. */
  quiet(connection: 'lost' | 'none'): void {
    this.#connection = connection;
    this.#samples.clear();
    this.#clients = [];
    if (connection === 'none') this.#engine = undefined;
    this.#changed();
  }

  /** Nobody steers any more, and nobody said so. */
  gone(gone: EngineGone): void {
    this.#gone = gone;
    this.quiet('none');
  }

  /** Fixes what this engineer missed; once, when a client has attached. */
  noteAway(): void {
    const others = this.#clients.filter(c => !c.self && c.client === 'ui' && c.who === this.#of.who).length;
    this.#away = missedBy(this.#tally, others);
    this.#changed();
  }

  #changed(): void {
    this.#snapshot = undefined;
    if (this.#isTelling || this.#listeners.size === 0) return;
    this.#isTelling = true;
    // Many lines come in one chunk: whoever draws hears of them once.
    setImmediate(() => {
      this.#isTelling = false;
      for (const listener of this.#listeners) listener();
    });
  }
}
