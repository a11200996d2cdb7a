import type { Socket } from 'node:net';
import type { Clock } from '../../foundation/clock.ts';
import type { LandfallError } from '../../foundation/errors.ts';
import { createLineSplitter } from '../../journal/lines.ts';
import { type Hello, hear, helloFirst, MAX_LINE_BYTES, tooLong } from './client-line.ts';
import type { Command, Reply } from './command.ts';
import { type EngineMessage, PROTOCOL_VERSION } from './protocol.ts';
import { refused } from './wire.ts';

/** A client that leaves more than this unread is hung up on: it can come back and read the journal. */
export const MAX_UNREAD_BYTES = 8 * 1024 * 1024;
const HELLO_MS = 10_000;
/** The id of a refusal that answers no command. */
const NO_COMMAND = '-';

export interface ConnectionHandlers {
  readonly clock: Clock;
  /** The client said who it is; false where it is not welcome. */
  readonly onHello: (hello: Hello, connection: Connection) => Promise<boolean>;
  readonly onCommand: (command: Command, connection: Connection) => Promise<Reply>;
}

export const encode = (message: EngineMessage): Buffer => Buffer.from(`${JSON.stringify(message)}\n`);

/**
 * One client's connection. Its lines are worked off one after the other, and no further ones are read meanwhile:
 * commands are answered in order, and memory stays bounded whatever is sent.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #handlers: ConnectionHandlers;
  #isGreeted = false;

  constructor(socket: Socket, handlers: ConnectionHandlers) {
    this.#socket = socket;
    this.#handlers = handlers;
    // A client that vanishes is no trouble of ours; `serve` ends with the close that follows.
    socket.on('error', () => socket.destroy());
  }

  /** Sends a message, encoded once for all clients. What is `needless` is dropped while the client reads slowly. */
  send(message: Buffer, how: { readonly needless: boolean } = { needless: false }): void {
    const socket = this.#socket;
    if (!socket.writable || (how.needless && socket.writableNeedDrain)) return;
    if (socket.writableLength > MAX_UNREAD_BYTES) socket.destroy();
    else socket.write(message);
  }

  /** Ends the connection after what was sent before. */
  end(): void {
    // What comes in unread would otherwise cut off what goes out.
    this.#socket.resume();
    this.#socket.destroySoon();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Works off what the client says until it leaves. Rejects where a handler does. */
  async serve(): Promise<void> {
    const patience = new AbortController();
    this.#handlers.clock.sleep(HELLO_MS, patience.signal).then(
      () => (this.#isGreeted ? undefined : this.destroy()),
      () => undefined,
    );
    const splitter = createLineSplitter();
    try {
      // A refusal still has to go out when reading ends.
      const chunks: AsyncIterable<Buffer> = this.#socket.iterator({ destroyOnReturn: false });
      for await (const chunk of chunks) {
        const lines: Buffer[] = [];
        splitter.push(chunk, line => lines.push(Buffer.from(line)));
        for (const line of lines) if (!(await this.#answer(line))) return this.end();
        if (splitter.openBytes > MAX_LINE_BYTES) {
          this.#refuse(NO_COMMAND, tooLong());
          return this.end();
        }
      }
    } catch (thrown) {
      // A connection that broke has ended; anything else is a fault of ours.
      if (!this.#socket.destroyed) throw thrown;
    } finally {
      patience.abort();
    }
  }

  /** False where the connection has to end. */
  async #answer(line: Buffer): Promise<boolean> {
    const heard = line.length > MAX_LINE_BYTES ? { kind: 'garbled' as const, error: tooLong() } : hear(line);
    if (heard.kind === 'garbled') {
      this.#refuse(NO_COMMAND, heard.error);
      return false;
    }
    if ((heard.kind === 'hello') === this.#isGreeted) {
      this.#refuse(heard.kind === 'hello' ? NO_COMMAND : heard.id, helloFirst());
      return false;
    }
    if (heard.kind === 'hello') {
      this.#isGreeted = true;
      return this.#handlers.onHello(heard.hello, this);
    }
    if (heard.kind === 'refused') this.#refuse(heard.id, heard.error);
    else this.#reply(heard.id, await this.#handlers.onCommand(heard.command, this));
    return true;
  }

  #refuse(id: string, error: LandfallError): void {
    this.#reply(id, refused(error));
  }

  #reply(id: string, reply: Reply): void {
    this.send(encode({ v: PROTOCOL_VERSION, type: 'reply', id, reply }));
  }
}
