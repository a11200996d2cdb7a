import type { Duplex } from 'node:stream';
import type { ShellWord } from './quote.ts';

/**
 * One interface for a machine that landfall can reach. argv is always an array: the one audited quoter
 * (quote.ts) turns it into what the remote shell sees. Nothing here decides anything; it only does, and tells
 * exactly how it went.
 */

export type Argv = readonly [program: string, ...args: string[]];

/** An argv whose arguments may be names that are not UTF-8. */
export type HostArgv = readonly [program: string, ...args: ShellWord[]];

export interface ExecOptions {
  /** Bytes for the command's standard input; without it standard input is empty. */
  readonly stdin?: Uint8Array | string;
  /** Exit codes that are answers rather than failures; default `[0]`. */
  readonly codes?: readonly number[];
  /** Refused with `remote.timeout` when it takes longer; default 60 000 ms. */
  readonly timeoutMs?: number;
  /** Refused with `remote.output-too-large` past this; default 16 MiB for each of stdout and stderr. */
  readonly maxBytes?: number;
  /** What messages call it instead of its command line: `remote job web1-p2-0`. */
  readonly called?: string;
  readonly signal?: AbortSignal;
}

export interface ExecResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** Wall time in milliseconds. */
  readonly ms: number;
}

export interface StreamSinks {
  readonly onStdout?: (chunk: Buffer) => void;
  readonly onStderr?: (chunk: Buffer) => void;
  /** As for `exec`. */
  readonly called?: string;
  readonly signal?: AbortSignal;
}

/** How a streamed command ended: `code: null` means that no exit status came (signal, or a lost channel). */
export interface StreamEnd {
  readonly code: number | null;
  readonly signal?: string;
}

export interface Host {
  /** The name landfall uses for this host: `mia-kvm1`, `web1`, `web1.receiver`. */
  readonly id: string;
  /**
   * Runs a command to its end. Rejects with `remote.command-failed` on a code outside `codes`,
   * `remote.command-missing` on 127, `remote.no-exit-status` where no status came, `ssh.*` where the connection failed.
   */
  exec(argv: HostArgv, options?: ExecOptions): Promise<ExecResult>;
  /** Runs a command and hands its output over as it comes; never buffers. A non-zero end is not an error here. */
  stream(argv: HostArgv, sinks: StreamSinks): Promise<StreamEnd>;
  /** Writes a file atomically (temporary file, rename) with the given mode; parents are made with 0700. */
  write(path: string, content: Uint8Array | string, mode: number): Promise<void>;
  /** Reads a file of at most `maxBytes` (default 16 MiB); `remote.file-absent` where there is none. */
  read(path: string, maxBytes?: number): Promise<Buffer>;
  /** A long command that survives the loss of the control connection. Asking for it starts nothing. */
  job(id: string): RemoteJob;
  /** Connections through this host's own; absent where it is not reached over SSH. */
  readonly tunnels?: Tunnels;
  /** The public key with which it proved itself to landfall, `ssh-ed25519 AAAA…`; absent where it is not reached over SSH. */
  readonly hostKey?: () => string | undefined;
  /** Closes the connection; jobs go on. Safe to call twice. */
  close(): Promise<void>;
}

/** TCP through an SSH connection. What travels is nobody's business here: bytes go in and out as they come. */
export interface Tunnels {
  /**
   * Connections to a port of that host's own loopback are handed over as streams, until it is closed or the SSH connection
   * is lost. Rejects with `ssh.*` errors, and with `ssh.forwarding-refused` where its sshd does not allow it.
   */
  listen(port: number, onConnection: (stream: Duplex) => void): Promise<{ close(): Promise<void> }>;
  /** A connection that begins at that host. Rejects as above. */
  dial(address: string, port: number): Promise<Duplex>;
}

export type JobStatus =
  | { readonly state: 'absent' }
  | { readonly state: 'running'; readonly pid: number; readonly startedAtMs: number }
  | {
      readonly state: 'ended';
      readonly code: number;
      readonly startedAtMs: number;
      readonly endedAtMs: number;
    }
  /** Its process is gone and left no exit code: killed, or the host restarted. */
  | { readonly state: 'lost'; readonly startedAtMs: number };

export interface JobEnd {
  readonly code: number;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
}

/**
 * A job lives in `<runtime>/<evacuation>/<id>/` on its host: `argv`, `pid`, `out` (stdout), `err` (stderr), `code`.
 * `<runtime>` is /run/landfall.
 */
export interface RemoteJob {
  readonly id: string;
  /** Absolute path of the job's directory on the host. */
  readonly directory: string;
  /** Starts it detached, niced; does nothing where a job of this id with the same argv is running or has ended. */
  start(argv: Argv): Promise<void>;
  status(): Promise<JobStatus>;
  /**
   * Hands over output from the given offsets until the job ends, reconnecting as often as needed within `patienceMs`.
   * Rejects with `job.lost` where the process vanished without an exit code.
   */
  follow(sinks: JobSinks): Promise<JobEnd>;
  /** The whole of stdout or stderr, bounded to the last `maxBytes`. */
  output(stream: 'out' | 'err', maxBytes: number): Promise<Buffer>;
  /** TERM to its process group, KILL after a grace; resolves when it is gone. */
  stop(): Promise<void>;
  /** Removes its directory; refused while it runs. */
  remove(): Promise<void>;
}

export interface JobSinks {
  readonly onOut?: (chunk: Buffer) => void;
  readonly onErr?: (chunk: Buffer) => void;
  /** How long a lost connection is retried before `ssh.connection-lost` is thrown; default 120 000 ms. */
  readonly patienceMs?: number;
  /** Told when the connection is lost and when it is back, so that the screen can say so. */
  readonly onLink?: (state: 'lost' | 'back', detail: string) => void;
  readonly signal?: AbortSignal;
}

/** Every command that was run somewhere, for the command log; already redacted by the sink that stores it. */
export interface CommandRecord {
  readonly at: number;
  readonly host: string;
  readonly command: string;
  readonly code: number | null;
  readonly ms: number;
}
