import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** A real process of its own, spoken to in lines of JSON; killed by its pid when the test ends. */
export interface Child {
  readonly pid: number;
  /** The next line that it prints; undefined at the end. */
  next(): Promise<Record<string, unknown> | undefined>;
  send(text: string): void;
  /** Ends its standard input. */
  finish(): void;
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>;
}

const programs = fileURLToPath(new URL('./programs/', import.meta.url));

export function start(program: string, ...args: string[]): Child {
  return speakTo(
    spawn(process.execPath, [programs + program, ...args], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
}

/** Starts it under a limit on file size, in blocks of 1 KiB as `ulimit -f` of bash, or 512 bytes as POSIX counts. */
export function startWithFileLimit(blocks: number, program: string, ...args: string[]): Child {
  const script = `ulimit -f ${blocks}; exec "$@"`;
  const argv = ['-c', script, 'sh', process.execPath, programs + program, ...args];
  return speakTo(spawn('sh', argv, { stdio: ['pipe', 'pipe', 'inherit'] }));
}

function speakTo(child: ChildProcessByStdio<Writable, Readable, null>): Child {
  const exited = once(child, 'exit');
  // A child that is killed breaks its pipe: that is what the tests are about.
  child.stdin.on('error', () => {});
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  onTestFinished(kill);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    pid: child.pid ?? 0,
    async next() {
      const { value, done } = await lines.next();
      return done === true ? undefined : JSON.parse(value);
    },
    send: text => child.stdin.write(text),
    finish: () => child.stdin.end(),
    kill,
  };
}
