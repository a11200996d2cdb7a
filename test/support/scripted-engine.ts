import { rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

/** The other end of a client's socket, in the hands of the test: it may be slow, silent, gone, or talk rubbish. */
export class ScriptedEngine {
  readonly #path: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Everything that clients said, parsed. */
  readonly heard: Record<string, unknown>[] = [];
  /** Called with every line of a client; by default, hello is answered with a welcome. */
  onLine: (line: Record<string, unknown>, socket: Socket) => void = (line, socket) => {
    if (line['type'] === 'hello') this.welcome(socket);
  };

  private constructor(directory: string) {
    this.#path = join(directory, 'engine.sock');
    this.#server = createServer(socket => {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => this.#sockets.delete(socket));
      createInterface({ input: socket }).on('line', text => {
        const line: Record<string, unknown> = JSON.parse(text);
        this.heard.push(line);
        this.onLine(line, socket);
      });
    });
  }

  static async listen(directory: string): Promise<ScriptedEngine> {
    const engine = new ScriptedEngine(directory);
    await rm(engine.#path, { force: true });
    await new Promise<void>(resolve => engine.#server.listen(engine.#path, resolve));
    onTestFinished(() => engine.die());
    return engine;
  }

  welcome(socket: Socket, clients: readonly object[] = []): void {
    this.say(
      {
        type: 'welcome',
        evacuation: 'storm',
        you: 'c1',
        engine: { pid: 4711, host: 'jump1', landfall: '0', since: 1, until: 'stay' },
        clients: [{ id: 'c1', who: 'dana', host: 'jump1', client: 'ui', since: 1 }, ...clients],
        samples: [],
      },
      socket,
    );
  }

  say(message: object, socket?: Socket): void {
    const line = `${JSON.stringify({ v: 1, ...message })}\n`;
    for (const each of socket === undefined ? this.#sockets : [socket]) each.write(line);
  }

  /** Several messages in one write, to everybody. */
  tell(messages: readonly object[]): void {
    const lines = messages.map(message => `${JSON.stringify({ v: 1, ...message })}\n`).join('');
    for (const each of this.#sockets) each.write(lines);
  }

  /** Ends without a word, as kill -9 does; the socket file stays. */
  async die(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>(resolve => this.#server.close(() => resolve()));
  }
}
