import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Clock } from '../../foundation/clock.ts';
import { tailLines } from '../../foundation/text.ts';
import { CLAIMED_EXIT, isClaimed } from '../directory/claim.ts';
import { type LabFile, readLabFile } from '../directory/lab-file.ts';
import { startTicks } from '../hosts/processes.ts';
import { type Line, openLine, unavailable } from './line.ts';
import { statusSchema } from './protocol.ts';

/** The process that serves a lab directory: found, or started. */

export interface StartOptions {
  readonly seed?: number;
  readonly scale?: number;
  /** Name of the plan that the lab writes. */
  readonly name?: string;
  readonly linkBytesPerSecond?: number | null;
  readonly bootMs?: number;
  readonly machines?: readonly string[];
  readonly mailConverges?: boolean;
  /** About so many rows in the database of a pair of SQL Server doubles; absent: no SQL Server. */
  readonly databaseRows?: number;
  /** The lab ends itself when nobody was connected for so long. */
  readonly idleMs?: number;
  /** The Node binary that runs the lab; default this one. */
  readonly node?: string;
  readonly signal?: AbortSignal;
}

const START_PATIENCE_MS = 120_000;
export const POLL_MS = 40;
/** How long a lab that does not answer may take to be gone. */
const DYING_PATIENCE_MS = 3_000;

export type Served = NonNullable<LabFile['process']>;

/** The process that serves the directory now: recorded, and still the same process. */
export function livingProcess(directory: string): Served | undefined {
  const recorded = readLabFile(directory)?.process ?? undefined;
  return recorded !== undefined && startTicks(recorded.pid) === recorded.startTicks ? recorded : undefined;
}

function startArguments(directory: string, options: StartOptions): string[] {
  const optional = (name: string, value: string | number | null | undefined): string[] =>
    value === undefined || value === null ? [] : [`--${name}`, String(value)];
  return [
    path.join(import.meta.dirname, '..', `main${path.extname(import.meta.filename)}`),
    ...['--directory', directory],
    ...optional('seed', options.seed),
    ...optional('scale', options.scale),
    ...optional('name', options.name),
    ...optional('link-bytes', options.linkBytesPerSecond),
    ...optional('boot-ms', options.bootMs),
    ...optional('machines', options.machines?.join(',')),
    ...optional('idle-ms', options.idleMs),
    ...optional('database-rows', options.databaseRows),
    ...(options.mailConverges === false ? ['--restless-mail'] : []),
  ];
}

/** Starts a lab process; resolves when it serves the directory, or when it has found that another one does. */
async function startProcess(directory: string, options: StartOptions, clock: Clock): Promise<void> {
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
  while (livingProcess(directory) === undefined && child.exitCode !== CLAIMED_EXIT) {
    if (failure !== undefined || clock.monotonic() > deadline) {
      const tail = tailLines(readFileSync(logFile, 'utf8'), 6);
      throw unavailable(`the pocket lab did not start: ${failure ?? 'it takes too long'}`, tail);
    }
    await clock.sleep(POLL_MS, options.signal);
  }
}

export interface Reached {
  readonly served: Served;
  readonly line: Line;
}

/** A lab counts as reached once it has answered. */
export async function reach(served: Served): Promise<Reached> {
  const line = await openLine(served.control);
  await line.ask({ what: 'status' }, statusSchema);
  return { served, line };
}

/**
 * The lab of a directory, started where there is none. One that was killed a moment ago, one that is about to end, and
 * one that another process is just starting are waited for.
 */
export async function findLab(directory: string, options: StartOptions, clock: Clock): Promise<Reached> {
  const begun = clock.monotonic();
  for (;;) {
    const served = livingProcess(directory);
    if (served !== undefined) {
      try {
        return await reach(served);
      } catch (error) {
        if (clock.monotonic() > begun + DYING_PATIENCE_MS) throw error;
      }
    } else if (!(await isClaimed(directory))) {
      await startProcess(directory, options, clock);
      continue;
    } else if (clock.monotonic() > begun + START_PATIENCE_MS) {
      throw unavailable('another process has the pocket lab open, but does not serve it');
    }
    await clock.sleep(POLL_MS, options.signal);
  }
}
