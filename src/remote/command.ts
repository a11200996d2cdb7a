import type { Clock } from '../foundation/clock.ts';
import { cancelled } from '../foundation/errors.ts';
import type { Redactor } from '../foundation/redact.ts';
import type { ChannelEnd } from './channel.ts';
import { type CommandStory, commandErrors } from './command-errors.ts';
import type { CommandRecord, ExecOptions, ExecResult, HostArgv, StreamEnd, StreamSinks } from './host.ts';
import { commandLine, displayLine, messageLine, type ShellWord } from './quote.ts';
import type { RunOptions, Session } from './session.ts';

/** Commands on one host: quoting, sudo, bounds, time limits, the command log. */
export interface Commands {
  exec(argv: HostArgv, options?: ExecOptions): Promise<ExecResult>;
  stream(argv: HostArgv, sinks: StreamSinks): Promise<StreamEnd>;
}

export interface CommandContext {
  readonly id: string;
  readonly session: Session;
  readonly clock: Clock;
  readonly sudo: boolean;
  readonly onCommand?: ((record: CommandRecord) => void) | undefined;
  readonly redactor?: Redactor | undefined;
}

const TIMEOUT_MS = 60_000;
const MAX_BYTES = 16 * 1024 * 1024;
const TAIL_BYTES = 8 * 1024;

export function createCommands(context: CommandContext): Commands {
  const { clock, id, session } = context;

  /** Runs it, tells the command log, and hands back what is needed to judge the end. */
  const perform = async (
    argv: HostArgv,
    how: Omit<RunOptions, 'onStart'>,
    called: string | undefined,
    onStart?: () => void,
  ): Promise<{ end: ChannelEnd; story: CommandStory }> => {
    const words: readonly ShellWord[] = context.sudo ? ['sudo', '-n', '--', ...argv] : argv;
    const redact = (text: string): string => context.redactor?.text(text) ?? text;
    const command = redact(displayLine(words));
    // Redacted first: half a secret would not be known for one.
    const clean = words.map(word => (typeof word === 'string' ? redact(word) : word));
    const shown = called ?? redact(messageLine(clean));
    const at = clock.now();
    let began = clock.monotonic();
    let code: number | null = null;
    const started = (): void => {
      began = clock.monotonic();
      onStart?.();
    };
    try {
      const end = await session.run(commandLine(words), { ...how, onStart: started });
      code = end.how === 'exited' ? end.code : null;
      const ms = Math.round(clock.monotonic() - began);
      return { end, story: { host: id, program: argv[0], command: shown, called, ms, sudo: context.sudo } };
    } finally {
      const ms = Math.round(clock.monotonic() - began);
      context.onCommand?.({ at, host: id, command, code, ms });
    }
  };

  return {
    async exec(argv, options = {}) {
      const maxBytes = options.maxBytes ?? MAX_BYTES;
      const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
      const stdout = boundedBuffer(maxBytes);
      const stderr = boundedBuffer(maxBytes);
      const stop = new AbortController();
      let why: 'timeout' | 'overflow' | undefined;
      const stopFor = (reason: 'timeout' | 'overflow'): void => {
        why ??= reason;
        stop.abort();
      };
      const keep = (buffer: BoundedBuffer) => (chunk: Buffer) => {
        if (!buffer.add(chunk)) stopFor('overflow');
      };
      const onAbort = (): void => stop.abort();
      const finished = new AbortController();
      const startTimer = (): void => {
        clock.sleep(timeoutMs, finished.signal).then(
          () => stopFor('timeout'),
          // The command was faster.
          () => undefined,
        );
      };
      try {
        // Not AbortSignal.any(): it would keep memory for every command as long as the caller's signal lives.
        if (options.signal?.aborted) stop.abort();
        options.signal?.addEventListener('abort', onAbort, { once: true });
        const { end, story } = await perform(
          argv,
          {
            long: false,
            stdin: options.stdin,
            onStdout: keep(stdout),
            onStderr: keep(stderr),
            signal: stop.signal,
          },
          options.called,
          startTimer,
        );
        const errors = commandErrors(story, tail(stderr.bytes()), context.redactor);
        if (options.signal?.aborted && end.how === 'aborted') throw cancelled();
        if (why === 'timeout') throw errors.timeout(timeoutMs);
        if (why === 'overflow') throw errors.overflow(maxBytes);
        if (end.how !== 'exited') throw errors.ended(end);
        if (!(options.codes ?? [0]).includes(end.code)) throw errors.code(end.code);
        return { code: end.code, stdout: stdout.bytes(), stderr: stderr.bytes(), ms: story.ms };
      } finally {
        options.signal?.removeEventListener('abort', onAbort);
        finished.abort();
      }
    },

    async stream(argv, sinks) {
      const never = new AbortController();
      const signal = sinks.signal ?? never.signal;
      const { onStdout, onStderr } = sinks;
      const { end, story } = await perform(argv, { long: true, onStdout, onStderr, signal }, sinks.called);
      if (end.how === 'exited') return { code: end.code };
      if (end.how === 'signalled') return { code: null, signal: end.signal };
      if (end.how === 'silent') return { code: null };
      throw commandErrors(story, Buffer.alloc(0), context.redactor).ended(end);
    },
  };
}

interface BoundedBuffer {
  /** False once it holds more than its bound. */
  add(chunk: Buffer): boolean;
  bytes(): Buffer;
}

function boundedBuffer(maxBytes: number): BoundedBuffer {
  const chunks: Buffer[] = [];
  let length = 0;
  return {
    add(chunk) {
      length += chunk.length;
      if (length <= maxBytes) chunks.push(chunk);
      return length <= maxBytes;
    },
    bytes: () => Buffer.concat(chunks),
  };
}

const tail = (bytes: Buffer): Buffer => bytes.subarray(Math.max(0, bytes.length - TAIL_BYTES));
