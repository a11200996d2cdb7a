import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { removeTree } from '../../../src/foundation/remove-tree.ts';

/** A real browser, spoken to through its debugging protocol. */
export interface Browser {
  open(file: string): Promise<Page>;
  close(): Promise<void>;
}

export interface Page {
  /** Sends a command of the protocol. */
  send(method: string, params?: object): Promise<unknown>;
  /** Runs a function of the page and returns what it returns, as JSON. */
  ask(script: string): Promise<unknown>;
}

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Path of a browser on this machine; undefined where there is none. */
export const browserHere = (): string | undefined =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .flatMap(folder => NAMES.map(name => join(folder, name)))
    .find(path => existsSync(path));

const message = z.object({
  id: z.number().optional(),
  method: z.string().optional(),
  params: z.unknown().optional(),
  result: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional(),
});
const targets = z.array(z.object({ type: z.string(), webSocketDebuggerUrl: z.string() }));
const evaluated = z.object({
  result: z.object({ value: z.unknown().optional() }),
  exceptionDetails: z.object({ text: z.string() }).optional(),
});

export async function startBrowser(path: string): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'landfall-browser-'));
  const child = spawn(
    path,
    [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--disable-component-update',
      '--no-first-run',
      '--remote-debugging-port=0',
      `--user-data-dir=${profile}`,
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const base = await debuggingAddress(child);
  const answer = await fetch(`${base}/json/list`);
  const page = targets.parse(await answer.json()).find(each => each.type === 'page');
  if (page === undefined) throw new Error('the browser has no page');
  const connection = await connect(page.webSocketDebuggerUrl);
  return {
    async open(file) {
      const loaded = connection.next('Page.loadEventFired');
      await connection.send('Page.enable');
      await connection.send('Page.navigate', { url: `file://${file}` });
      await loaded;
      return {
        send: (method, params) => connection.send(method, params),
        ask: async script => {
          const value = evaluated.parse(
            await connection.send('Runtime.evaluate', { expression: script, returnByValue: true }),
          );
          if (value.exceptionDetails !== undefined) throw new Error(value.exceptionDetails.text);
          return value.result.value;
        },
      };
    },
    async close() {
      connection.close();
      const ended = new Promise(resolve => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
      await removeTree(profile, tmpdir());
    },
  };
}

async function debuggingAddress(child: ChildProcess): Promise<string> {
  if (child.stderr === null) throw new Error('the browser has no stderr');
  for await (const line of createInterface(child.stderr)) {
    const [, address] = /DevTools listening on ws:\/\/([^/]+)\//.exec(line) ?? [];
    if (address !== undefined) {
      child.stderr.resume();
      return `http://${address}`;
    }
  }
  throw new Error('the browser ended without a word');
}

interface Connection {
  send(method: string, params?: object): Promise<unknown>;
  next(event: string): Promise<void>;
  close(): void;
}

async function connect(url: string): Promise<Connection> {
  const socket = new WebSocket(url);
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true });
    socket.addEventListener('error', () => reject(new Error('no connection to the browser')), { once: true });
  });
  let id = 0;
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  const events = new Map<string, () => void>();
  socket.addEventListener('message', ({ data }) => {
    const told = message.parse(JSON.parse(String(data)));
    if (told.method !== undefined) {
      events.get(told.method)?.();
      events.delete(told.method);
    }
    const asked = told.id === undefined ? undefined : waiting.get(told.id);
    if (asked === undefined) return;
    if (told.error === undefined) asked.resolve(told.result);
    else asked.reject(new Error(told.error.message));
  });
  return {
    send(method, params = {}) {
      id += 1;
      const own = id;
      return new Promise((resolve, reject) => {
        waiting.set(own, { resolve, reject });
        socket.send(JSON.stringify({ id: own, method, params }));
      });
    },
    next: event => new Promise(resolve => events.set(event, () => resolve())),
    close: () => socket.close(),
  };
}
