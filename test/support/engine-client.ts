import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Command, Reply } from '../../src/evacuation/engine/command.ts';
import { type EngineMessage, engineMessage } from '../../src/evacuation/engine/protocol.ts';

type Of<T extends EngineMessage['type']> = Extract<EngineMessage, { type: T }>;

/** A client that speaks the engine's protocol with its bare hands, so that the server is not tested with its own mirror. */
export class EngineClient implements Disposable {
  readonly messages: EngineMessage[] = [];
  readonly socket: Socket;
  readonly closed: Promise<unknown>;
  readonly #waiting = new Set<() => void>();
  #isClosed = false;
  #lastId = 0;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.closed = new Promise(resolve => {
      socket.once('close', resolve);
    }).then(() => {
      this.#isClosed = true;
      this.#wake();
    });
    socket.on('error', () => socket.destroy());
    createInterface({ input: socket }).on('line', line => {
      const parsed: unknown = JSON.parse(line);
      engineMessage.parse(parsed);
      // Checked by the schema just now.
      this.messages.push(parsed as EngineMessage);
      this.#wake();
    });
  }

  static async connect(path: string): Promise<EngineClient> {
    const socket = connect(path);
    await once(socket, 'connect');
    return new EngineClient(socket);
  }

  static async attach(path: string, who = 'dana', host = 'jump1'): Promise<EngineClient> {
    const client = await EngineClient.connect(path);
    client.say({ v: 1, type: 'hello', who, host, client: 'ui', landfall: '0.0.0' });
    await client.next('welcome');
    return client;
  }

  say(message: unknown): void {
    this.socket.write(`${JSON.stringify(message)}\n`);
  }

  /** The first message of a type that has come or will come, and that fits. */
  async next<T extends EngineMessage['type']>(
    type: T,
    fits: (message: Of<T>) => boolean = () => true,
  ): Promise<Of<T>> {
    for (;;) {
      // What is told apart by its type is of that type.
      const found = this.messages.find(each => each.type === type && fits(each as Of<T>));
      if (found !== undefined) return found as Of<T>;
      if (this.#isClosed) throw new Error(`the engine hung up before ${type} came`);
      await new Promise<void>(resolve => this.#waiting.add(resolve));
    }
  }

  /** Waits for an event of the journal. */
  async event(
    type: string,
    fits: (event: Readonly<Record<string, unknown>>) => boolean = () => true,
  ): Promise<Readonly<Record<string, unknown>>> {
    const { event } = await this.next(
      'event',
      message => message.event.type === type && fits({ ...message.event }),
    );
    return { ...event };
  }

  async order(command: Command): Promise<Reply> {
    this.#lastId += 1;
    const id = String(this.#lastId);
    this.say({ v: 1, type: 'command', id, command });
    return (await this.next('reply', reply => reply.id === id)).reply;
  }

  /** The sentence with which an order was accepted. */
  async ordered(command: Command): Promise<string> {
    const reply = await this.order(command);
    if (!reply.ok) throw new Error(`refused: ${reply.error.what}`);
    return reply.said;
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
