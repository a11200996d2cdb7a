import { type IPty, spawn } from '@lydell/node-pty';
import { strokes } from './terminal-keys.ts';
import { createScreen, type Screen } from './terminal-screen.ts';

export interface PtyOptions {
  readonly command: string;
  readonly args?: readonly string[];
  readonly columns?: number;
  readonly rows?: number;
  readonly cwd?: string;
  /** Added to this process's environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Sees every piece of output with the moment it came. */
  readonly onOutput?: (text: string) => void;
}

export interface PtyExit {
  readonly code: number;
  readonly signal: number | undefined;
}

export interface OpenPty {
  readonly screen: Screen;
  readonly pid: number;
  /** Everything the program wrote, with all escape sequences. */
  raw(): string;
  /** Sends key after key, each as a write of its own; wait for what they cause with `screen.waitFor`. */
  press(...keys: string[]): void;
  paste(text: string): void;
  resize(columns: number, rows: number): void;
  /** Sends a signal to the program that was started here, and to nothing else. */
  kill(signal: NodeJS.Signals): void;
  /** Takes the terminal away, as closing its window does: the kernel hangs up on whoever holds it. */
  hangUp(): void;
  /** Resolves when the program is gone and its last words are on the screen. */
  readonly exited: Promise<PtyExit>;
  /** Ends the program if it still runs; for afterEach. */
  close(): Promise<void>;
}

/** Runs a program in a terminal of its own; tests see its screen and press its keys. */
export function openPty(options: PtyOptions): OpenPty {
  const { command, args = [], columns = 120, rows = 40, cwd = process.cwd() } = options;
  const screen = createScreen({ columns, rows });
  const pty = spawn(command, [...args], {
    name: 'xterm-256color',
    cols: columns,
    rows,
    cwd,
    env: terminalEnvironment(options.env ?? {}),
  });
  let raw = '';
  let isGone = false;
  pty.onData(text => {
    raw += text;
    options.onOutput?.(text);
    void screen.write(text);
  });
  const exited = new Promise<PtyExit>(resolve => {
    pty.onExit(({ exitCode, signal }) => {
      isGone = true;
      void screen.drained().then(() => {
        screen.end(`the program ended with ${signal ? `signal ${signal}` : `code ${exitCode}`}`);
        resolve({ code: exitCode, signal: signal === 0 ? undefined : signal });
      });
    });
  });

  return {
    screen,
    pid: pty.pid,
    raw: () => raw,
    press(...keys) {
      for (const bytes of strokes(keys)) pty.write(bytes);
    },
    paste(text) {
      pty.write(screen.isBracketedPaste ? `\u001B[200~${text}\u001B[201~` : text);
    },
    resize(nextColumns, nextRows) {
      screen.resize(nextColumns, nextRows);
      pty.resize(nextColumns, nextRows);
    },
    kill(signal) {
      if (!isGone) process.kill(pty.pid, signal);
    },
    hangUp: () => closeMaster(pty),
    exited,
    async close() {
      if (!isGone) {
        process.kill(pty.pid, 'SIGKILL');
        closeMaster(pty);
        await exited;
      }
      screen.dispose();
    },
  };
}

/** The types leave out `destroy`, which closes the master side of the terminal. */
function closeMaster(pty: IPty): void {
  if ('destroy' in pty && typeof pty.destroy === 'function') pty.destroy();
  else throw new Error('the pty cannot be closed');
}

/**
 * A terminal of an ordinary person: colours, UTF-8, and no CI. A CI variable with any value, even 'false', would turn
 * colour off.
 */
function terminalEnvironment(added: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const wanted: Record<string, string | undefined> = {
    ...process.env,
    TERM: 'xterm-256color',
    COLORTERM: 'truecolor',
    LANG: 'C.UTF-8',
    LC_ALL: undefined,
    CI: undefined,
    NO_COLOR: undefined,
    FORCE_COLOR: undefined,
    NODE_ENV: undefined,
    VITEST: undefined,
    ...added,
  };
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(wanted)) {
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}
