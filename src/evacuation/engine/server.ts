import { createServer, type Socket } from 'node:net';
import type { Clock } from '../../foundation/clock.ts';
import { asLandfallError, type LandfallError } from '../../foundation/errors.ts';
import { harmless } from '../../foundation/text.ts';
import type { Event } from '../../journal/events.ts';
import type { CommandRecord } from '../../remote/host.ts';
import type { Sample } from '../../step/step.ts';
import { shownRecord } from '../script-words.ts';
import type { Hello } from './client-line.ts';
import type { Command, Reply } from './command.ts';
import { Connection, encode } from './connection.ts';
import { PROTOCOL_VERSION } from './protocol.ts';
import { SampleHub } from './samples.ts';
import type { EngineFacts, Presence } from './session.ts';
import { listenIn, type SocketPlace } from './socket-place.ts';

/** Who gives an order or looks on. */
export interface Client {
  /** `dana@jump1`: the author of what this client orders. */
  readonly by: string;
  readonly kind: 'ui' | 'cli';
}

export interface ServerOptions {
  /** The evacuation's directory, whose lock the caller holds. */
  readonly directory: string;
  readonly evacuation: string;
  readonly engine: EngineFacts;
  readonly clock: Clock;
  readonly onAttached: (client: Client) => Promise<void>;
  readonly onLeft: (client: Client) => Promise<void>;
  readonly onCommand: (command: Command, client: Client) => Promise<Reply>;
  /** Something went wrong beside the evacuation; serving goes on. */
  readonly onTrouble: (error: LandfallError) => void;
}

/** How long a client may take to read the last words. */
const FAREWELL_MS = 2000;

/**
 * Shows clients what the engine hears anyway (events, samples, commands on hosts) and hands their orders on. Nothing
 * that a client does or leaves undone reaches the engine in another way.
 */
export class EngineServer {
  readonly #options: ServerOptions;
  readonly #server = createServer(socket => this.#accept(socket));
  readonly #connections = new Map<Connection, Promise<void>>();
  readonly #present = new Map<
    Connection,
    { readonly client: Client; readonly presence: Omit<Presence, 'self'> }
  >();
  readonly #samples: SampleHub;
  #place: SocketPlace | undefined;
  #lastId = 0;
  #isEnding = false;

  private constructor(options: ServerOptions) {
    this.#options = options;
    this.#samples = new SampleHub(options.clock, sample =>
      this.#tell(encode({ v: PROTOCOL_VERSION, type: 'sample', sample }), { needless: true }),
    );
  }

  /** Listens on `engine.sock` in the directory; throws `engine.not-started`. */
  static async open(options: ServerOptions): Promise<EngineServer> {
    const server = new EngineServer(options);
    server.#place = await listenIn(server.#server, options.directory);
    // From now on: descriptors that run out, a client that is gone before it is accepted.
    server.#server.on('error', error => options.onTrouble(asLandfallError(error)));
    return server;
  }

  event(event: Event): void {
    if (this.#present.size > 0) this.#tell(encode({ v: PROTOCOL_VERSION, type: 'event', event }));
  }

  sample(sample: Sample): void {
    this.#samples.add(sample);
  }

  /** A step runs no more. */
  over(step: string): void {
    if (this.#samples.over(step)) this.#tell(encode({ v: PROTOCOL_VERSION, type: 'sample-over', step }));
  }

  /** A command that was run on a host, redacted already. */
  ran(record: CommandRecord): void {
    if (this.#present.size === 0) return;
    this.#tell(encode({ v: PROTOCOL_VERSION, type: 'ran', record: shownRecord(record) }), { needless: true });
  }

  /** Nobody attaches any more, and who is attached is journalled as gone; they hear on until `close`. */
  async dismiss(): Promise<void> {
    if (this.#isEnding) return;
    this.#isEnding = true;
    for (const { client } of [...this.#present.values()]) await this.#options.onLeft(client);
  }

  /** Says good-bye, waits a moment until it is read, and takes the socket away. */
  async close(outcome: string): Promise<void> {
    this.#isEnding = true;
    this.#samples.close();
    this.#tell(encode({ v: PROTOCOL_VERSION, type: 'bye', outcome }));
    for (const connection of this.#connections.keys()) {
      if (this.#present.has(connection)) connection.end();
      else connection.destroy();
    }
    const left = this.#place?.leave();
    const read = new AbortController();
    const tooLong = this.#options.clock.sleep(FAREWELL_MS, read.signal).then(
      () => {
        for (const connection of this.#connections.keys()) connection.destroy();
      },
      // Everybody has gone in time.
      () => undefined,
    );
    await left;
    await Promise.all(this.#connections.values());
    read.abort();
    await tooLong;
  }

  #accept(socket: Socket): void {
    const connection = new Connection(socket, {
      clock: this.#options.clock,
      onHello: (hello, greeted) => this.#welcome(hello, greeted),
      onCommand: (command, from) => this.#order(command, from),
    });
    if (this.#isEnding) {
      connection.destroy();
      return;
    }
    const gone = Promise.withResolvers<void>();
    socket.once('close', () => gone.resolve());
    const served = connection
      .serve()
      .catch((thrown: unknown) => {
        connection.destroy();
        this.#options.onTrouble(asLandfallError(thrown));
      })
      .then(() => gone.promise)
      .then(() => this.#left(connection));
    this.#connections.set(connection, served);
  }

  /** False where nobody is welcomed any more. */
  async #welcome(hello: Hello, connection: Connection): Promise<boolean> {
    if (this.#isEnding) return false;
    const { clock, evacuation, engine } = this.#options;
    const who = harmless(hello.who);
    const host = harmless(hello.host);
    const client: Client = { by: authorOf(who, host), kind: hello.client };
    this.#lastId += 1;
    const presence = { id: `c${this.#lastId}`, who, host, client: hello.client, since: clock.now() };
    this.#present.set(connection, { client, presence });
    const clients = this.#clients();
    const samples = [...this.#samples.newest];
    connection.send(
      encode({
        v: PROTOCOL_VERSION,
        type: 'welcome',
        evacuation,
        you: presence.id,
        engine,
        clients,
        samples,
      }),
    );
    this.#tellPresence(connection);
    await this.#options.onAttached(client);
    return true;
  }

  #order(command: Command, connection: Connection): Promise<Reply> {
    const from = this.#present.get(connection);
    if (from === undefined) throw new RangeError('a connection handed on a command before its hello');
    return this.#options.onCommand(command, from.client);
  }

  async #left(connection: Connection): Promise<void> {
    this.#connections.delete(connection);
    const from = this.#present.get(connection);
    if (from === undefined) return;
    this.#present.delete(connection);
    if (this.#isEnding) return;
    this.#tellPresence();
    await this.#options
      .onLeft(from.client)
      .catch((thrown: unknown) => this.#options.onTrouble(asLandfallError(thrown)));
  }

  #clients(): Omit<Presence, 'self'>[] {
    return [...this.#present.values()].map(({ presence }) => presence);
  }

  #tellPresence(except?: Connection): void {
    const message = encode({ v: PROTOCOL_VERSION, type: 'clients', clients: this.#clients() });
    for (const connection of this.#present.keys()) if (connection !== except) connection.send(message);
  }

  #tell(message: Buffer, how?: { readonly needless: boolean }): void {
    for (const connection of this.#present.keys()) connection.send(message, how);
  }
}

/** A name that ends in `:4711` is that of a process, whose deeds nobody counts as orders of an engineer. */
function authorOf(who: string, host: string): string {
  return (host === '' ? who : `${who}@${host}`).replace(/:(?=\d+$)/, '.');
}
