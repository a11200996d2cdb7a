import { basename, dirname } from 'node:path';
import { LandfallError } from '../foundation/errors.ts';
import { formatDuration } from '../foundation/units.ts';
import type { LockRecord } from './lock-record.ts';
import type { Verdict } from './lock-verdict.ts';
import { errno, unwritable } from './troubles.ts';

/** The refusal that names who holds the evacuation, since when, and what to do about it. */
export function lockHeld(
  path: string,
  record: LockRecord | undefined,
  verdict: Exclude<Verdict, { holder: 'ended' }>,
  now: number,
): LandfallError {
  const takeOver = 'only if you are certain that it has ended: repeat the command with --take-over';
  if (record === undefined) {
    return new LandfallError('state.locked', {
      what: 'this evacuation is locked, but the lock file cannot be read',
      where: { file: path },
      next: [`see whether landfall runs anywhere with ${dirname(path)}`, takeOver],
    });
  }
  const { pid, user, host, command, since } = record;
  const name = basename(dirname(path));
  const age = formatDuration(Math.max(0, now - Date.parse(record.heartbeat)));
  const facts = {
    what: `this evacuation is held by ${user} on ${host} (pid ${pid}) since ${since}`,
    where: { file: path },
    evidence: [`command: ${command}`, `last heartbeat: ${age} ago`],
  };
  if (verdict.holder === 'unseen') {
    return new LandfallError('state.locked', {
      ...facts,
      why: `nobody can tell from here whether it still runs: ${verdict.why}`,
      next: [`on ${host}: ps -fp ${pid}`, takeOver],
    });
  }
  return new LandfallError('state.locked', {
    ...facts,
    why: 'two processes that steer one evacuation would undo each other',
    next: [
      `watch it, and give it orders: landfall attach ${name}`,
      `to stop it: landfall stop ${name}, or kill ${pid} (it ends in order, and the evacuation can be resumed)`,
    ],
  });
}

/** The lock file could not be handled at all. */
export function lockFailure(path: string, error: unknown): LandfallError {
  const code = errno(error);
  if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') return unwritable(path, error);
  return new LandfallError('state.unwritable', {
    what: `cannot lock ${dirname(path)}: its file system may have no hard links (${code})`,
    where: { file: path },
    next: ['keep evacuations on a local file system such as ext4, xfs or btrfs'],
    cause: error,
  });
}
