import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, realpathSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { type Clock, systemClock } from '../foundation/clock.ts';
import { LandfallError } from '../foundation/errors.ts';
import { tailLines } from '../foundation/text.ts';
import {
  type Ask,
  type FaultKind,
  type LabStatus,
  type LabTree,
  replySchema,
  statusSchema,
  treesSchema,
  violationsSchema,
} from './control/protocol.ts';
import { type LabFile, readLabFile } from './directory/lab-file.ts';
import { type LabPaths, labPaths } from './directory/user-files.ts';
import { startTicks } from './hosts/processes.ts';

/** A lab from outside: finds the process that serves a directory, or starts one, and talks to it. */

export interface OpenLabOptions {
  readonly seed?: number;
  readonly scale?: number;
  /** Name of the plan that the lab writes. */
  readonly name?: string;
  readonly linkBytesPerSecond?: number | null;
  readonly bootMs?: number;
  readonly machines?: readonly string[];
  readonly mailConverges?: boolean;
  /** The lab ends itself when nobody was connected for so long. */
  readonly idleMs?: number;
  /** The Node binary that runs the lab; default this one. */
  readonly node?: string;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

export interface LabClient {
  readonly directory: string;
  readonly paths: LabPaths;
  readonly pid: number;
  status(): Promise<LabStatus>;
  readonly writer: { resume(): Promise<void>; pause(): Promise<void>; stop(): Promise<void> };
  setLinkRate(bytesPerSecond: number | null): Promise<void>;
  /** `at` is a machine of the plan, or a host id where the fault strikes a host. */
  fault(kind: FaultKind, at: string, on: boolean): Promise<void>;
  trees(): Promise<LabTree[]>;
  violations(): Promise<string[]>;
  /** Ends the lab with everything it started; its files stay. */
  shutdown(): Promise<void>;
  /** Leaves the lab running. */
  close(): void;
}

const START_PATIENCE_MS = 120_000;
const POLL_MS = 40;
/** How long a lab that does not answer may take to be gone. */
const DYING_PATIENCE_MS = 3_000;

const unavailable = (what: string, evidence: readonly string[] = [], cause?: unknown): LandfallError =>
  new LandfallError('lab.unavailable', {
    what,
    evidence,
    next: ['look into lab.log in the directory of the lab', 'remove the directory to start afresh'],
    cause,
  });

type Served = NonNullable<LabFile['process']>;

/** The process that serves the directory now: recorded, and still the same process. */
function livingProcess(directory: string): Served | undefined {
  const recorded = readLabFile(directory)?.process ?? undefined;
  return recorded !== undefined && startTicks(recorded.pid) === recorded.startTicks ? recorded : undefined;
}

function startArguments(directory: string, options: OpenLabOptions): string[] {
  const optional = (name: string, value: string | number | null | undefined): string[] =>
    value === undefined || value === null ? [] : [`--${name}`, String(value)];
  return [
    path.join(import.meta.dirname, `main${path.extname(import.meta.filename)}`),
    ...['--directory', directory],
    ...optional('seed', options.seed),
    ...optional('scale', options.scale),
    ...optional('name', options.name),
    ...optional('link-bytes', options.linkBytesPerSecond),
    ...optional('boot-ms', options.bootMs),
    ...optional('machines', options.machines?.join(',')),
    ...optional('idle-ms', options.idleMs),
    ...(options.mailConverges === false ? ['--restless-mail'] : []),
  ];
}

async function startProcess(directory: string, options: OpenLabOptions, clock: Clock): Promise<Served> {
  const logFile = path.join(directory, 'lab.log');
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(options.node ?? process.execPath, startArguments(directory, options), {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: directory,
  });
  closeSync(log);
  let failure: string | undefined;
  child.on('error', error => {
    failure = error.message;
  });
  child.on('exit', (code, signal) => {
    failure = `it ended with ${signal ?? code}`;
  });
  child.unref();
  const deadline = clock.monotonic() + START_PATIENCE_MS;
  for (;;) {
    const serving = livingProcess(directory);
    if (serving !== undefined && serving.pid === child.pid) return serving;
    if (failure !== undefined || clock.monotonic() > deadline) {
      const tail = tailLines(readFileSync(logFile, 'utf8'), 6);
      throw unavailable(`the pocket lab did not start: ${failure ?? 'it takes too long'}`, tail);
    }
    await clock.sleep(POLL_MS, options.signal);
  }
}

interface Line {
  ask<T>(request: Ask, schema: z.ZodType<T>): Promise<T>;
  readonly socket: Socket;
}

/** Requests over one connection; it keeps this process alive only while an answer is awaited. */
async function openLine(served: Served): Promise<Line> {
  const socket = connect(served.control);
  await once(socket, 'connect').catch((cause: unknown) => {
    throw unavailable('the pocket lab does not answer on its control socket', [served.control], cause);
  });
  socket.unref();
  const waiting = new Map<number, (reply: z.output<typeof replySchema> | undefined) => void>();
  let next = 1;
  const lines = createInterface({ input: socket });
  // readline tells the errors of its input again; the end of the connection settles what waits.
  lines.on('error', () => socket.destroy());
  lines.on('line', line => {
    const reply = replySchema.parse(JSON.parse(line));
    waiting.get(reply.id)?.(reply);
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    for (const settle of waiting.values()) settle(undefined);
  });
  return {
    socket,
    async ask(request, schema) {
      const id = next;
      next += 1;
      const answered = new Promise<z.output<typeof replySchema> | undefined>(resolve =>
        waiting.set(id, resolve),
      );
      socket.ref();
      if (socket.destroyed) throw unavailable('the pocket lab has ended');
      socket.write(`${JSON.stringify({ id, ask: request })}\n`);
      const reply = await answered;
      waiting.delete(id);
      if (waiting.size === 0) socket.unref();
      if (reply === undefined) throw unavailable('the pocket lab ended before it answered');
      if (!reply.ok) throw unavailable(`the pocket lab refused ${request.what}: ${reply.why}`);
      return schema.parse(reply.value);
    },
  };
}

interface Reached {
  readonly served: Served;
  readonly line: Line;
}

/** A lab counts as reached once it has answered. */
async function reach(served: Served): Promise<Reached> {
  const line = await openLine(served);
  await line.ask({ what: 'status' }, statusSchema);
  return { served, line };
}

/** The living lab of a directory; one that was killed a moment ago is waited for until it is gone. */
async function findLab(directory: string, clock: Clock): Promise<Reached | undefined> {
  const deadline = clock.monotonic() + DYING_PATIENCE_MS;
  for (;;) {
    const served = livingProcess(directory);
    if (served === undefined) return undefined;
    try {
      return await reach(served);
    } catch (error) {
      if (clock.monotonic() > deadline) throw error;
      await clock.sleep(POLL_MS);
    }
  }
}

/** Finds the living lab of a directory, or starts one that outlives this process, and waits until it is ready. */
export async function openLab(wanted: string, options: OpenLabOptions = {}): Promise<LabClient> {
  const { clock = systemClock } = options;
  mkdirSync(wanted, { recursive: true, mode: 0o700 });
  const directory = realpathSync(wanted);
  const { served, line } =
    (await findLab(directory, clock)) ?? (await reach(await startProcess(directory, options, clock)));
  const { ask, socket } = line;
  const nothing = z.null().transform(() => undefined);
  const writer = (to: 'pause' | 'resume' | 'stop') => () => ask({ what: 'writer', to }, nothing);
  return {
    directory,
    paths: labPaths(directory),
    pid: served.pid,
    status: () => ask({ what: 'status' }, statusSchema),
    writer: { resume: writer('resume'), pause: writer('pause'), stop: writer('stop') },
    setLinkRate: bytesPerSecond => ask({ what: 'link', bytesPerSecond }, nothing),
    fault: (kind, at, on) => ask({ what: 'fault', kind, at, on }, nothing),
    trees: () => ask({ what: 'trees' }, treesSchema),
    violations: () => ask({ what: 'violations' }, violationsSchema),
    async shutdown() {
      await ask({ what: 'shutdown' }, nothing);
      while (startTicks(served.pid) === served.startTicks) await clock.sleep(POLL_MS);
      socket.destroy();
    },
    close: () => socket.destroy(),
  };
}
