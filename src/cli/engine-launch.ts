import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { dial } from '../evacuation/engine/dial.ts';
import { cancelled, LandfallError } from '../foundation/errors.ts';
import { EXIT } from '../foundation/exit-codes.ts';
import { tailLines } from '../foundation/text.ts';
import { listEvacuations, openEvacuationDirectory } from '../journal/directory.ts';
import { inspectLock } from '../journal/lock.ts';
import { lockHeld } from '../journal/lock-refusal.ts';
import { type EngineLog, openEngineLog } from './engine-log.ts';
import type { Io } from './io.ts';
import { errorAmong } from './told-error.ts';

export interface LaunchOptions {
  readonly root: string;
  /** Name of the evacuation. */
  readonly name: string;
  /** The command line of the engine, with absolute paths. */
  readonly words: readonly string[];
}

/** An engine in a process and a session of its own. */
export interface LaunchedEngine {
  readonly pid: number;
  readonly log: string;
  /** False where it had nothing to do and has ended already. */
  readonly isServing: boolean;
  /** Its exit code, when it ends. Throws what it has told as its fatal error. */
  readonly ended: Promise<number>;
  /** What to throw where it ended without a word: the end of its log is all there is then. */
  speechless(): Promise<LandfallError>;
  /** This process may end before the engine does. */
  leave(): void;
}

const POLL_MS = 40;

/**
 * Starts an engine that outlives this process and its terminal, and waits until it listens. Throws `state.locked`
 * where the evacuation is held already, whatever the engine gave as its error where it did not come up, and
 * `engine.not-started` where it gave none.
 */
export async function launchEngine(io: Io, options: LaunchOptions): Promise<LaunchedEngine> {
  const { root, name, words } = options;
  await refuseSecond(io, root, name);
  const log = await openEngineLog(root, name);
  const child = spawn(io.node, [...io.execArgv, io.entry, ...words], {
    detached: true,
    // Nothing that somebody may want to unmount, and no terminal.
    cwd: '/',
    stdio: ['ignore', log.fd, log.fd],
    env: { ...io.env },
  });
  const exit = once(child, 'exit').then(([code]) => (typeof code === 'number' ? code : EXIT.failed));
  const ended = exit.then(async code => {
    const error = child.pid === undefined ? undefined : errorAmong(await log.read(), child.pid);
    if (error === undefined) return code;
    await log.forget();
    throw error;
  });
  // Whoever follows awaits it; whoever leaves does not.
  ended.catch(() => undefined);
  await log.release();
  const { pid } = child;
  if (pid === undefined) {
    await log.forget();
    throw notStarted(name, log, 'its process could not be started', [io.node]);
  }
  const launched = {
    ...{ pid, log: log.path, ended },
    speechless: async () => endedSilently(name, log, tailLines(await log.read(), 8)),
    leave: () => child.unref(),
  };
  let hasEnded = false;
  exit.then(
    () => {
      hasEnded = true;
    },
    () => undefined,
  );
  while (!(await listens(root, name, pid))) {
    if (hasEnded) return { ...launched, isServing: false };
    await io.clock.sleep(POLL_MS, io.signal).catch(() => {
      child.unref();
      throw leftEarly(name);
    });
  }
  return { ...launched, isServing: true };
}

/** Before a process is started for nothing: says who holds it. */
export async function refuseSecond(io: Io, root: string, name: string): Promise<void> {
  if (!(await listEvacuations(root)).includes(name)) return;
  const { lockPath } = await openEvacuationDirectory(root, name);
  const held = await inspectLock(lockPath);
  if (held?.verdict.holder === 'alive') throw lockHeld(lockPath, held.record, held.verdict, io.clock.now());
}

/** Ours, and not one that was faster: the lock says who. */
async function listens(root: string, name: string, pid: number): Promise<boolean> {
  if (!(await listEvacuations(root)).includes(name)) return false;
  const { path, lockPath } = await openEvacuationDirectory(root, name);
  const held = await inspectLock(lockPath);
  if (held?.record?.pid !== pid) return false;
  try {
    const socket = await dial(path, name);
    socket.destroy();
    return true;
  } catch (error) {
    if (error instanceof LandfallError && error.code === 'engine.absent') return false;
    throw error;
  }
}

function notStarted(name: string, log: EngineLog, how: string, evidence: string[]): LandfallError {
  return new LandfallError('engine.not-started', {
    what: `the engine of ${name} did not come up: ${how}`,
    where: { file: log.path },
    evidence,
    next: [`landfall run PLAN --foreground   shows what it does`, `look into ${dirname(log.path)}`],
  });
}

function endedSilently(name: string, log: EngineLog, evidence: string[]): LandfallError {
  return new LandfallError('engine.not-started', {
    what: `the engine of ${name} ended without a word`,
    why: 'it was killed, or it has a bug; what is in the journal is kept, and copies on hosts go on',
    where: { file: log.path },
    evidence,
    next: ['give the same command again: it goes on where it was', `look into ${log.path}`],
  });
}

function leftEarly(name: string): LandfallError {
  const { facts } = cancelled();
  return new LandfallError('cancelled', {
    ...facts,
    what: `left while the engine of ${name} was starting; it goes on`,
    next: [`landfall attach ${name}`, `landfall stop ${name}`],
  });
}
