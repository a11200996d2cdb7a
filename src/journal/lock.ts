import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import type { Clock } from '../foundation/clock.ts';
import { LandfallError } from '../foundation/errors.ts';
import { formatRecord, type LockFile, type LockRecord, renewHeartbeat } from './lock-record.ts';
import { lockFailure, lockHeld } from './lock-refusal.ts';
import { canSee, judgeHolder, type Verdict } from './lock-verdict.ts';
import { type ProcessProbe, systemProbe } from './process-probe.ts';
import { follow, leave, readLine, takeFree } from './succession.ts';
import { unreadable } from './troubles.ts';

export interface LockOwner {
  readonly pid: number;
  readonly user: string;
  /** What was typed, for the one who is refused. */
  readonly command?: string;
}

export interface LockOptions {
  readonly path: string;
  readonly owner: LockOwner;
  readonly clock: Clock;
  readonly probe?: ProcessProbe;
  /** Take the lock from a holder that cannot be seen from here. A holder that is seen to run keeps it. */
  readonly force?: boolean;
  /** Milliseconds between heartbeats; 0 for none but those asked for by `beat`. */
  readonly heartbeatMs?: number;
  /** Called once, when the lock turns out to be somebody else's. */
  readonly onLost?: (error: LandfallError) => void;
}

export interface TakenOver {
  /** Who held it: `anna@jump1 (pid 4711)`. */
  readonly from: string;
  /** Why taking it was safe, or by whose word. */
  readonly reason: string;
}

export interface Lock {
  readonly record: LockRecord;
  readonly takenOver?: TakenOver;
  /** Renews the heartbeat; false, and `onLost`, where the lock is no longer ours. */
  beat(): Promise<boolean>;
  /** Gives the lock back, if it is still ours. */
  release(): Promise<void>;
}

/** Everyone who gets in the way has moved on by then: losing a race means that another process made progress. */
const MOST_TURNS = 1000;
const HEARTBEAT_MS = 5_000;

/**
 * Takes the lock, or throws `state.locked` that names the holder. A holder that is provably gone is followed, and
 * `takenOver` says why that was safe. The directory must be on a file system with hard links.
 */
export async function acquireLock(options: LockOptions): Promise<Lock> {
  const record = await newRecord(options);
  const draft = `${options.path}.new-${record.token}`;
  let handle: FileHandle | undefined;
  try {
    handle = await writeDraft(draft, record);
    const takenOver = await take(options, draft, record);
    return new HeldLock(options, record, handle, takenOver);
  } catch (error) {
    await handle?.close();
    throw error instanceof LandfallError ? error : lockFailure(options.path, error);
  } finally {
    await rm(draft, { force: true });
  }
}

/** Who holds the lock, for those who only want to know; undefined where nobody does. */
export async function inspectLock(
  path: string,
  probe: ProcessProbe = systemProbe,
): Promise<{ readonly record: LockRecord | undefined; readonly verdict: Verdict } | undefined> {
  try {
    const line = await readLine(path);
    if (line === undefined) return undefined;
    return { record: line.holder.record, verdict: await judge(line.holder, probe) };
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function take(options: LockOptions, draft: string, record: LockRecord): Promise<TakenOver | undefined> {
  const { path, probe = systemProbe, clock, force = false } = options;
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    if (await takeFree(draft, path)) return undefined;
    const line = await readLine(path);
    if (line === undefined) continue;
    const { holder } = line;
    const verdict = await judge(holder, probe);
    if (verdict.holder === 'alive' || (verdict.holder === 'unseen' && !force)) {
      throw lockHeld(path, holder.record, verdict, clock.now());
    }
    if (!(await follow(draft, record.token, path, line))) continue;
    const reason =
      verdict.holder === 'ended'
        ? verdict.reason
        : `${record.user} ordered it with --take-over; the holder could not be checked: ${verdict.why}`;
    return { from: nameOf(holder.record), reason };
  }
  throw new LandfallError('bug', {
    what: 'the lock of the evacuation changed hands all the time while landfall tried to take it',
    where: { file: path },
    next: ['see which processes use this evacuation: landfall status', 'run the same command again'],
  });
}

async function judge({ record }: LockFile, probe: ProcessProbe): Promise<Verdict> {
  if (record === undefined) return { holder: 'unseen', why: 'the lock file cannot be read' };
  const here = await probe.whereabouts();
  return judgeHolder(record, here, canSee(record, here) ? await probe.look(record.pid) : undefined);
}

async function newRecord({ owner, clock, probe = systemProbe }: LockOptions): Promise<LockRecord> {
  const [here, sighting] = await Promise.all([probe.whereabouts(), probe.look(owner.pid)]);
  const now = new Date(clock.now()).toISOString();
  return {
    v: 1,
    // Not from the seeded source: two rehearsals with one seed are still two holders.
    token: randomUUID(),
    pid: owner.pid,
    ...(sighting.exists && sighting.startTicks !== undefined ? { startTicks: sighting.startTicks } : {}),
    host: here.host,
    ...(here.machineId === undefined ? {} : { machineId: here.machineId }),
    ...(here.bootId === undefined ? {} : { bootId: here.bootId }),
    ...(here.pidNamespace === undefined ? {} : { pidNamespace: here.pidNamespace }),
    user: owner.user,
    command: owner.command ?? 'landfall',
    since: now,
    heartbeat: now,
  };
}

/** The record must be whole on the disk before it gets the name that others read. */
async function writeDraft(draft: string, record: LockRecord): Promise<FileHandle> {
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.write(formatRecord(record), 0, 'utf8');
    await handle.sync();
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

const nameOf = (record: LockRecord | undefined): string =>
  record === undefined ? 'an unreadable lock' : `${record.user}@${record.host} (pid ${record.pid})`;

class HeldLock implements Lock {
  readonly record: LockRecord;
  readonly takenOver?: TakenOver;
  readonly #options: LockOptions;
  readonly #handle: FileHandle;
  readonly #timer: NodeJS.Timeout | undefined;
  #beating: Promise<boolean> | undefined;
  #over = false;

  constructor(options: LockOptions, record: LockRecord, handle: FileHandle, takenOver?: TakenOver) {
    this.record = record;
    if (takenOver !== undefined) this.takenOver = takenOver;
    this.#options = options;
    this.#handle = handle;
    const every = options.heartbeatMs ?? HEARTBEAT_MS;
    if (every > 0) this.#timer = setInterval(() => void this.beat(), every).unref();
  }

  /** Never rejects: a lock that cannot be checked is not relied on. */
  beat(): Promise<boolean> {
    this.#beating ??= this.#beat().finally(() => {
      this.#beating = undefined;
    });
    return this.#beating;
  }

  async release(): Promise<void> {
    clearInterval(this.#timer);
    await this.#beating;
    if (this.#over) return;
    this.#over = true;
    await this.#handle.close();
    const { path } = this.#options;
    const record = { ...this.record, token: randomUUID() };
    const draft = `${path}.new-${record.token}`;
    try {
      await (await writeDraft(draft, record)).close();
      await leave(draft, this.record.token, path);
    } catch (error) {
      throw lockFailure(path, error);
    } finally {
      await rm(draft, { force: true });
    }
  }

  async #beat(): Promise<boolean> {
    if (this.#over) return false;
    const { path, clock } = this.#options;
    try {
      const holder = (await readLine(path))?.holder;
      if (holder?.token !== this.record.token) {
        const by = holder === undefined ? 'somebody deleted it' : `${nameOf(holder.record)} took it over`;
        return await this.#lose(`the lock of this evacuation was lost: ${by}`);
      }
      await renewHeartbeat(this.#handle, this.record, clock.now());
      return true;
    } catch (error) {
      return this.#lose('the lock of this evacuation can no longer be checked', error);
    }
  }

  async #lose(what: string, cause?: unknown): Promise<boolean> {
    this.#over = true;
    clearInterval(this.#timer);
    await this.#handle.close();
    this.#options.onLost?.(
      new LandfallError('state.locked', {
        what,
        where: { file: this.#options.path },
        why: 'two processes that steer one evacuation would undo each other: this one stops',
        next: ['talk to whoever took it over', 'see who holds it: landfall status'],
        ...(cause === undefined ? {} : { cause, evidence: [String(cause)] }),
      }),
    );
    return false;
  }
}
