import type { Socket } from 'node:net';
import type { Clock } from '../../foundation/clock.ts';
import { asLandfallError, LandfallError, recordOf } from '../../foundation/errors.ts';
import { eventFrom } from '../../journal/codec.ts';
import type { Event } from '../../journal/events.ts';
import { createLineSplitter } from '../../journal/lines.ts';
import type { CommandRecord } from '../../remote/host.ts';
import type { Sample } from '../../step/step.ts';
import type { Command, Reply } from './command.ts';
import { dial } from './dial.ts';
import { type ClientMessage, engineMessage, MAX_MESSAGE_BYTES, PROTOCOL_VERSION } from './protocol.ts';
import type { EngineFacts, Presence } from './session.ts';

/** One connection to an engine: says hello, hands on what the engine tells, and pairs commands with their replies. */
export interface Wire {
  readonly welcome: Welcome;
  /** Never throws: what cannot be answered is a refusal. */
  order(command: Command): Promise<Reply>;
  close(): void;
}

export interface Welcome {
  readonly you: string;
  readonly engine: EngineFacts;
  readonly clients: readonly Omit<Presence, 'self'>[];
  readonly samples: readonly Sample[];
}

/** What the engine tells after its welcome. */
export type Told =
  | { readonly type: 'event'; readonly event: Event }
  | { readonly type: 'sample'; readonly sample: Sample }
  | { readonly type: 'sample-over'; readonly step: string }
  | { readonly type: 'ran'; readonly record: CommandRecord }
  | { readonly type: 'clients'; readonly clients: Welcome['clients'] };

/** How a connection ended: the engine said that it ends, or it was lost. */
export type WireEnd = { readonly how: 'bye'; readonly outcome: string } | { readonly how: 'lost' };

export interface WireOptions {
  /** The evacuation's directory and name. */
  readonly directory: string;
  readonly name: string;
  readonly who: string;
  readonly host: string;
  readonly client: 'ui' | 'cli';
  readonly landfall: string;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  readonly onTold: (told: Told) => void;
  /** Called once, after the welcome, unless `close` was. */
  readonly onEnd: (end: WireEnd) => void;
}

/** An engine that accepts but stays silent is broken or stopped; a client must be able to say so. */
const WELCOME_MS = 10_000;
/** The journal's disk may be slow; an order is answered when it is durable. */
const REPLY_MS = 60_000;

/** Connects and waits for the welcome. Throws `engine.absent`, `engine.unreachable`, `engine.protocol`. */
export async function openWire(options: WireOptions): Promise<Wire> {
  const socket = await dial(options.directory, options.name);
  const wire = new OpenWire(socket, options);
  try {
    await wire.greeted();
    return wire;
  } catch (error) {
    wire.close();
    throw error;
  }
}

class OpenWire implements Wire {
  readonly #socket: Socket;
  readonly #options: WireOptions;
  readonly #waiting = new Map<string, (reply: Reply) => void>();
  readonly #greeting = Promise.withResolvers<Welcome>();
  #welcome: Welcome | undefined;
  #lastId = 0;
  #bye: string | undefined;
  #isClosed = false;

  constructor(socket: Socket, options: WireOptions) {
    this.#socket = socket;
    this.#options = options;
    // Somebody awaits it in `greeted`; a connection that ends later must not count as unhandled.
    this.#greeting.promise.catch(() => undefined);
    const lines = createLineSplitter();
    socket.on('data', chunk => {
      try {
        lines.push(chunk, line => this.#hear(line));
        if (lines.openBytes > MAX_MESSAGE_BYTES) throw this.#garbled('a message that never ends');
      } catch (error) {
        this.#greeting.reject(error);
        socket.destroy();
      }
    });
    // The close that follows says the same.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#ended());
    const { who, host, client, landfall } = options;
    this.#say({ v: PROTOCOL_VERSION, type: 'hello', who, host, client, landfall });
  }

  get welcome(): Welcome {
    if (this.#welcome === undefined) throw new RangeError('the engine has not answered yet');
    return this.#welcome;
  }

  async greeted(): Promise<void> {
    const { clock, signal, name } = this.#options;
    const patience = new AbortController();
    const gone = signal === undefined ? patience.signal : AbortSignal.any([patience.signal, signal]);
    const tooLong = clock.sleep(WELCOME_MS, gone).then(() => {
      throw new LandfallError('engine.unreachable', {
        what: `the engine of ${name} accepts connections but does not answer`,
        next: [`see whether its process hangs: landfall list`, `see the journal: landfall status ${name}`],
      });
    });
    try {
      await Promise.race([this.#greeting.promise, tooLong]);
    } finally {
      patience.abort();
      tooLong.catch(() => undefined);
    }
  }

  async order(command: Command): Promise<Reply> {
    if (this.#isClosed) return unanswered(this.#options.name);
    this.#lastId += 1;
    const id = String(this.#lastId);
    const { promise, resolve } = Promise.withResolvers<Reply>();
    this.#waiting.set(id, resolve);
    this.#say({ v: PROTOCOL_VERSION, type: 'command', id, command });
    const patience = new AbortController();
    const tooLong = this.#options.clock.sleep(REPLY_MS, patience.signal).then(
      () => resolve(unanswered(this.#options.name)),
      () => undefined,
    );
    const reply = await promise;
    this.#waiting.delete(id);
    patience.abort();
    await tooLong;
    return reply;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#settleAll();
    // An engine that reads slowly still gets what was said before.
    this.#socket.destroySoon();
  }

  #say(message: ClientMessage): void {
    this.#socket.write(`${JSON.stringify(message)}\n`);
  }

  #ended(): void {
    this.#greeting.reject(
      new LandfallError('engine.unreachable', {
        what: `the engine of ${this.#options.name} closed the connection before it answered`,
        next: [
          'try again: it may be starting or ending',
          `see the journal: landfall status ${this.#options.name}`,
        ],
      }),
    );
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#settleAll();
    if (this.#welcome === undefined) return;
    this.#options.onEnd(this.#bye === undefined ? { how: 'lost' } : { how: 'bye', outcome: this.#bye });
  }

  #settleAll(): void {
    for (const resolve of this.#waiting.values()) resolve(unanswered(this.#options.name));
  }

  #hear(line: Uint8Array): void {
    const parsed = parseJson(line);
    const checked = engineMessage.safeParse(parsed);
    if (!checked.success) {
      if (isNewer(parsed)) return;
      throw this.#garbled(checked.error.issues[0]?.message ?? 'no message');
    }
    const message = checked.data;
    // Not before the welcome: an engine refuses an old client by a reply, and then hangs up.
    switch (message.type) {
      case 'welcome': {
        const { you, engine, clients, samples } = message;
        this.#welcome = { you, engine, clients, samples: samples.map(plainSample) };
        this.#greeting.resolve(this.#welcome);
        return;
      }
      case 'reply': {
        const { id, reply } = message;
        const answered: Reply = reply.ok ? reply : { ok: false, error: plain(reply.error) };
        const waiting = this.#waiting.get(id);
        if (waiting !== undefined) waiting(answered);
        else if (!answered.ok && this.#welcome === undefined)
          this.#greeting.reject(refusalOf(answered.error));
        return;
      }
      case 'bye':
        this.#bye = message.outcome;
        return;
      case 'event': {
        const decoded = eventFrom(message.event);
        if (!decoded.ok) throw this.#garbled(decoded.reason);
        this.#options.onTold({ type: 'event', event: decoded.event });
        return;
      }
      case 'sample':
        this.#options.onTold({ type: 'sample', sample: plainSample(message.sample) });
        return;
      case 'sample-over':
        this.#options.onTold({ type: 'sample-over', step: message.step });
        return;
      case 'ran':
        this.#options.onTold({ type: 'ran', record: message.record });
        return;
      case 'clients':
        this.#options.onTold({ type: 'clients', clients: message.clients });
        return;
    }
  }

  #garbled(reason: string): LandfallError {
    return new LandfallError('engine.protocol', {
      what: `the engine of ${this.#options.name} said something that this landfall does not understand: ${reason}`,
      why: 'an engine and its clients should be of one version',
      next: ['use the landfall that started the engine: landfall list shows its version'],
    });
  }
}

const KNOWN_TYPES: ReadonlySet<unknown> = new Set(
  engineMessage.options.flatMap(option => [...option.shape.type.values]),
);

/** A type that this version does not know, in the version of the protocol that it does: skipped. */
function isNewer(parsed: unknown): boolean {
  if (typeof parsed !== 'object' || parsed === null || !('type' in parsed)) return false;
  return typeof parsed.type === 'string' && !KNOWN_TYPES.has(parsed.type);
}

function parseJson(line: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(line).toString('utf8'));
  } catch {
    return undefined;
  }
}

type Defined<T> = { [Key in keyof T]: Exclude<T[Key], undefined> };

/** zod says `number | undefined` for what JSON either holds or lacks; landfall's own types say which. */
function plain<T extends object>(value: T): Defined<T> {
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  // What was undefined is gone, which is all that Defined says.
  return Object.fromEntries(entries) as Defined<T>;
}

const plainSample = (sample: Parameters<typeof plain>[0] & Loose): Sample => plain(sample);

interface Loose {
  step: string;
  subject: string;
  at: number;
  text: string;
  fraction?: number | undefined;
  bytes?: number | undefined;
  bytesPerSecond?: number | undefined;
  etaMs?: number | undefined;
}

function refusalOf(error: { what: string; why?: string | undefined; next: string[] }): LandfallError {
  const { what, why, next } = error;
  return new LandfallError('engine.protocol', { what, next, ...(why === undefined ? {} : { why }) });
}

function unanswered(name: string): Reply {
  return refused(
    new LandfallError('engine.unreachable', {
      what: `the engine of ${name} was lost before it answered`,
      why: 'whether the order was carried out is not known',
      next: [`see whether it is in the journal: landfall status ${name}`, 'then give the order again'],
    }),
  );
}

/** An error as the answer to a command. */
export function refused(thrown: unknown): Reply {
  const { code, family, what, why, next, evidence } = recordOf(asLandfallError(thrown));
  return {
    ok: false,
    error: {
      code,
      family,
      what,
      next: [...next],
      ...(why === undefined ? {} : { why }),
      ...(evidence === undefined ? {} : { evidence: [...evidence] }),
    },
  };
}
