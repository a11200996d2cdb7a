import { join } from 'node:path';
import type { Io } from '../../src/cli/io.ts';
import { runCli } from '../../src/cli/run.ts';
import { systemClock } from '../../src/foundation/clock.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The outside of a command in this process, with an environment of its own; what it says is dropped. */
export const ioOf = (overrides: Partial<Io> = {}): Io => ({
  out: () => {},
  err: () => {},
  env: {},
  cwd: process.cwd(),
  stateHome: '/nonexistent/landfall-test-state',
  columns: 80,
  unicode: true,
  colour: false,
  canAnimate: false,
  canPrompt: false,
  signal: new AbortController().signal,
  clock: systemClock,
  random: { next: () => 0.5, bytes: count => new Uint8Array(count).fill(7) },
  process: { pid: process.pid, host: 'jump1', user: 'dana' },
  node: process.execPath,
  execArgv: [],
  entry: join(import.meta.dirname, '../../src/cli/main.ts'),
  sayOnInterrupt: () => {},
  ...overrides,
});

/** Runs the command line in this process with captured streams and an environment of its own. */
export async function landfall(argv: readonly string[], overrides: Partial<Io> = {}): Promise<Ran> {
  let out = '';
  let err = '';
  const code = await runCli(
    argv,
    ioOf({
      out: text => {
        out += text;
      },
      err: text => {
        err += text;
      },
      ...overrides,
    }),
  );
  return { code, out, err };
}
