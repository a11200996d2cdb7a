import { createRequire } from 'node:module';
import { PassThrough, Writable } from 'node:stream';
import { setTimeout as elapsed, setImmediate as nextTurn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { type Instance, type RenderOptions, render } from 'ink';
import type { ReactNode } from 'react';
import { strokes } from './terminal-keys.ts';
import { createScreen, type Screen } from './terminal-screen.ts';

export { type OpenPty, openPty, type PtyOptions } from './terminal-pty.ts';
export type { Cell, Condition, Flicker, Screen } from './terminal-screen.ts';

export interface TerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
  /** Whether styles are written as colours. Ink's styling knows one answer per process: mixed ones are refused. */
  readonly colour?: boolean;
  /** False: as if output went into a pipe. */
  readonly isTty?: boolean;
}

/** What Ink's `render` wants to be given; a program that mounts its own tree takes these. */
export interface TerminalStreams {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

export interface OpenTerminal {
  readonly screen: Screen;
  readonly streams: TerminalStreams;
  /** Renders a tree as landfall does (alternate screen, no patched console, Ctrl-C is a key) and settles. */
  mount(tree: ReactNode, options?: RenderOptions): Promise<Instance>;
  /**
   * Resolves when React, Ink and the terminal have nothing left to do: what is on the screen is current. Also for a
   * program that was given the streams and calls Ink's `render` itself.
   */
  settle(): Promise<void>;
  /** Presses key after key, each as a stroke of its own, then settles. */
  press(...keys: string[]): Promise<void>;
  /** Sends keys in one piece, as a slow line does, then settles. */
  send(bytes: string): Promise<void>;
  /** Sends text in one piece, as a paste arrives; bracketed when the program asked for that. */
  paste(text: string): Promise<void>;
  resize(columns: number, rows: number): Promise<void>;
  readonly isRaw: boolean;
  /** Everything that was written to the terminal. */
  raw(): string;
  /** Everything that was written to standard error. */
  stderr(): string;
  /** Unmounts what was mounted; safe to call twice. */
  close(): Promise<void>;
}

/** Ink holds back a lone escape for as long, because it may be the start of a sequence. */
const ESCAPE_HELD_MS = 20;

/** A terminal in memory: Ink draws into it, tests read cells and press keys. */
export async function openTerminal(options: TerminalOptions = {}): Promise<OpenTerminal> {
  const { columns = 120, rows = 40, colour = false, isTty = true } = options;
  await inkInColour(colour);
  const screen = createScreen({ columns, rows, convertEol: true });
  let raw = '';
  let errors = '';
  const running = await inkInstances();

  const stdin = new Keyboard(isTty);
  const stdout = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      const text = String(chunk);
      raw += text;
      void screen.write(text).then(() => done());
    },
  });
  const stderr = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      errors += String(chunk);
      done();
    },
  });
  for (const stream of [stdout, stderr]) {
    Object.defineProperties(stream, {
      isTTY: { value: isTty },
      columns: { get: () => screen.columns },
      rows: { get: () => screen.rows },
    });
  }
  const streams: TerminalStreams = {
    // Of these three streams Ink uses what the classes above have: bytes, size, isTTY, raw mode, 'resize', 'readable'.
    stdin: stdin as unknown as NodeJS.ReadStream,
    stdout: stdout as unknown as NodeJS.WriteStream,
    stderr: stderr as unknown as NodeJS.WriteStream,
  };

  const settle = async (): Promise<void> => {
    // An effect of one frame may ask for the next, as the first frame after a resize does.
    for (let seen = -1, turn = 0; seen !== raw.length; turn += 1) {
      if (turn === 100) throw new Error('the program draws without end and never comes to rest');
      seen = raw.length;
      await running.get(stdout)?.waitUntilRenderFlush();
      await screen.drained();
    }
  };
  const send = async (bytes: string): Promise<void> => {
    await stdin.type(bytes);
    // Ink's timer was set while the key was read, and timers of one length fire in the order in which they were set.
    if (bytes === '\u001B') await elapsed(ESCAPE_HELD_MS);
    await settle();
  };

  return {
    screen,
    streams,
    async mount(tree, inkOptions = {}) {
      const instance = render(tree, {
        ...streams,
        interactive: isTty,
        alternateScreen: true,
        patchConsole: false,
        exitOnCtrlC: false,
        ...inkOptions,
      });
      await settle();
      return instance;
    },
    settle,
    async press(...keys) {
      for (const bytes of strokes(keys)) await send(bytes);
    },
    send,
    async paste(text) {
      await send(screen.isBracketedPaste ? `\u001B[200~${text}\u001B[201~` : text);
    },
    async resize(nextColumns, nextRows) {
      screen.resize(nextColumns, nextRows);
      stdout.emit('resize');
      await settle();
    },
    get isRaw() {
      return stdin.isRaw;
    },
    raw: () => raw,
    stderr: () => errors,
    async close() {
      running.get(stdout)?.unmount();
      await screen.drained();
    },
  };
}

class Keyboard extends PassThrough {
  readonly isTTY: boolean;
  isRaw = false;

  constructor(isTty: boolean) {
    super();
    this.isTTY = isTty;
  }

  setRawMode(isRaw: boolean): this {
    this.isRaw = isRaw;
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  /** Resolves when the program has read these bytes; a program that does not listen to keys is a failure. */
  async type(bytes: string): Promise<void> {
    this.write(bytes);
    for (let turn = 0; this.readableLength > 0; turn += 1) {
      if (turn === 1000) throw new Error(`nobody reads the keyboard: ${JSON.stringify(bytes)} was not taken`);
      await nextTurn();
    }
  }
}

interface Flushable {
  waitUntilRenderFlush(): Promise<void>;
  unmount(): void;
}

/** Ink's own register of what it draws, by stream: a program need not hand out what it rendered. */
async function inkInstances(): Promise<{ get(stdout: Writable): Flushable | undefined }> {
  const module: unknown = await import(new URL('instances.js', import.meta.resolve('ink')).href);
  const map =
    typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined;
  if (!(map instanceof WeakMap)) throw new Error('the register of Ink was not found where it used to be');
  return {
    get(stdout) {
      const found: unknown = map.get(stdout);
      return isFlushable(found) ? found : undefined;
    },
  };
}

function isFlushable(value: unknown): value is Flushable {
  return typeof value === 'object' && value !== null && 'waitUntilRenderFlush' in value && 'unmount' in value;
}

interface Styling {
  level: 0 | 1 | 2 | 3;
}

/** Ink styles text with the one chalk that it imports, whose level is decided when the process starts. */
async function inkInColour(colour: boolean): Promise<void> {
  const fromInk = createRequire(import.meta.resolve('ink'));
  const module: unknown = await import(pathToFileURL(fromInk.resolve('chalk')).href);
  const chalk =
    typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined;
  if (!isStyling(chalk)) throw new Error('the styling of Ink was not found where it used to be');
  chalk.level = colour ? 3 : 0;
}

function isStyling(value: unknown): value is Styling {
  return typeof value === 'function' && 'level' in value && typeof value.level === 'number';
}
