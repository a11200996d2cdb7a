import { execa } from 'execa';
import { cancelled, LandfallError } from '../foundation/errors.ts';
import { tailLines } from '../foundation/text.ts';
import { formatDuration } from '../foundation/units.ts';
import { messageLine } from './quote.ts';

/** Environment variables handed in from the command line's edge; nothing here reads the process's own. */
export type LocalEnv = Readonly<Record<string, string | undefined>>;

export interface LocalOptions {
  /** Bytes for standard input; without it there is none. */
  readonly stdin?: Uint8Array | string | undefined;
  /** Exit codes that are answers rather than failures; default `[0]`. */
  readonly codes?: readonly number[] | undefined;
  /** Default 60 000 ms. */
  readonly timeoutMs?: number | undefined;
  /** Bound for each of stdout and stderr; default 16 MiB. */
  readonly maxBytes?: number | undefined;
  readonly cwd?: string | undefined;
  /** The whole environment of the child; without it the child inherits ours. `LC_ALL=C` is always set. */
  readonly env?: LocalEnv | undefined;
  /** Variables on top of the environment. */
  readonly set?: LocalEnv | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface LocalResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** Wall time in milliseconds. */
  readonly ms: number;
}

const GRACE_MS = 2000;

/**
 * Runs a program on the control machine, without a shell. Rejects with `local.command-missing`,
 * `local.command-failed` (code outside `codes`, signal, time-out, too much output) or `cancelled`.
 */
export async function runLocal(
  argv: readonly [program: string, ...args: string[]],
  options: LocalOptions = {},
): Promise<LocalResult> {
  const [program, ...args] = argv;
  const maxBytes = options.maxBytes ?? 16 * 1024 * 1024;
  const timeoutMs = options.timeoutMs ?? 60_000;
  const result = await execa(program, args, {
    reject: false,
    encoding: 'buffer',
    stripFinalNewline: false,
    maxBuffer: maxBytes,
    timeout: timeoutMs,
    forceKillAfterDelay: GRACE_MS,
    extendEnv: options.env === undefined,
    env: { ...options.env, ...options.set, LC_ALL: 'C' },
    ...(options.stdin === undefined ? { stdin: 'ignore' as const } : { input: options.stdin }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  });
  const command = messageLine(argv);
  const stderr = Buffer.from(result.stderr ?? []);
  const stdout = Buffer.from(result.stdout ?? []);
  if (result.isCanceled) throw cancelled();
  if (result.code === 'ENOENT' && result.exitCode === undefined)
    throw missing(program, command, result.cause);

  const failed = (what: string): LandfallError =>
    new LandfallError('local.command-failed', {
      what,
      where: { command },
      evidence: tailLines(stderr.toString('utf8'), 8),
      next: ['run the command by hand on this machine and read what it says'],
      cause: result.cause,
    });

  if (result.timedOut) throw failed(`${program} took longer than ${formatDuration(timeoutMs)} and was ended`);
  if (result.isMaxBuffer) throw failed(`${program} printed more than ${maxBytes} bytes`);
  if (result.exitCode === undefined) {
    const how = result.signal === undefined ? (result.originalMessage ?? 'unknown cause') : result.signal;
    throw failed(`${program} ended without an exit code: ${how}`);
  }
  if (!(options.codes ?? [0]).includes(result.exitCode)) {
    throw failed(`${program} ended with exit code ${result.exitCode}`);
  }
  return { code: result.exitCode, stdout, stderr, ms: result.durationMs };
}

function missing(program: string, command: string, cause: unknown): LandfallError {
  const openssh = /^ssh(?:-keygen|-add)?$/.test(program);
  return new LandfallError('local.command-missing', {
    what: `${program} is not installed on this machine`,
    where: { command },
    next: [
      openssh
        ? 'install the OpenSSH client: apt-get install openssh-client, or dnf install openssh-clients'
        : `install ${program} and make sure that it is in PATH`,
    ],
    cause,
  });
}
