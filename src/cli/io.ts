import type { Clock, Random } from '../foundation/clock.ts';

/** The outside as a command sees it. Only main.ts makes one from the real process; tests make their own. */
export interface Io {
  /** Results: what a pipe wants to read. */
  out(text: string): void;
  /** Talk: progress, warnings, errors. */
  err(text: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Where landfall keeps things by default: the XDG state directory. */
  readonly stateHome: string;
  readonly columns: number;
  readonly unicode: boolean;
  /** Whether text on stdout may carry colour. */
  readonly colour: boolean;
  /** Both ends are a terminal that can redraw: spinners and live lists make sense. */
  readonly canAnimate: boolean;
  /** Somebody can answer a question. Not the same as canAnimate: CI can have a terminal and nobody at it. */
  readonly canPrompt: boolean;
  /** Fires on Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly random: Random;
  readonly process: { readonly pid: number; readonly host: string; readonly user: string };
  /** How to start another landfall or one of its helpers: the Node binary that runs this one, and its options. */
  readonly node: string;
  readonly execArgv: readonly string[];
  /** Absolute path of the bin. */
  readonly entry: string;
  /** The terminal itself, for the screens; absent where there is none on both sides. */
  readonly terminal?: {
    readonly streams: {
      readonly stdin: NodeJS.ReadStream;
      readonly stdout: NodeJS.WriteStream;
      readonly stderr: NodeJS.WriteStream;
    };
    /** Stops this process as Ctrl-Z does; resolves when it goes on. */
    stop(): Promise<void>;
  };
  /** What is said when Ctrl-C comes, for commands that do not end what they show. */
  sayOnInterrupt(text: string): void;
}
