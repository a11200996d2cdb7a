import { LandfallError } from '../../../foundation/errors.ts';
import { harmless } from '../../../foundation/text.ts';
import { formatBytes } from '../../../foundation/units.ts';
import { meaningOf, type Reaction } from './exit-codes.ts';
import type { Complaints } from './stderr.ts';

/** What is free in a file system of the replica. */
export interface Room {
  readonly bytes: number;
  /** Undefined where the file system makes inodes as they are needed. */
  readonly inodes: number | undefined;
}

/** A run of rsync as far as its failure is concerned. */
export interface RunEnd {
  readonly code: number;
  readonly complaints: Complaints;
  /** Which attempt at the step this is, from 1. */
  readonly attempt: number;
  readonly machine: string;
  /** Host on which rsync ran: the source. */
  readonly host: string;
  readonly mountpoint: string;
  readonly command: string;
  /** Bytes of this file system that had not arrived yet, where that is known. */
  readonly bytesMissing?: number | undefined;
  /** What the replica has room for, where the receiver was asked. */
  readonly room?: Room | undefined;
}

/**
 * How to go on. Standard error is asked before the code: rsync often reports a refused login, a full disk or a
 * missing mount as a broken connection, because it sees the other side end before it learns why.
 */
export function reactionTo(end: RunEnd): Reaction {
  const known = causeOf(end);
  if (known !== undefined) return 'fatal';
  const { reaction, attempts } = meaningOf(end.code);
  return reaction === 'retry' && end.attempt >= attempts ? 'fatal' : reaction;
}

/** The paths that a run could not copy or compare; never empty where rsync says that there are some. */
export function troublesOf({ code, complaints }: Pick<RunEnd, 'code' | 'complaints'>): string[] {
  if (code !== 23) return [];
  const named = complaints.troubles();
  return named.length > 0 ? [...named] : ['rsync left something out (code 23) and did not say what'];
}

/** The error for a run that did not end well (`retry`, `ask`, `fatal`). */
export function failureOf(end: RunEnd): LandfallError {
  const known = causeOf(end);
  if (known !== undefined) return known(end);
  const { reaction, meaning, attempts } = meaningOf(end.code);
  if (reaction === 'ask') return suspicious(end);
  if (reaction === 'retry' && end.attempt < attempts)
    return error('sync.link-lost', end, `the pass over ${end.mountpoint} broke off: ${meaning}`, [
      'nothing: landfall tries again, and files that have arrived are not sent again',
    ]);
  if (end.code === 11) return fileError(end);
  return error('sync.rsync-failed', end, `rsync failed on ${end.mountpoint}: ${meaning} (code ${end.code})`, [
    ...(reaction === 'retry'
      ? [`look for the cause on both hosts (journalctl -k, memory): it ended like this ${end.attempt} times`]
      : (HELP.get(end.code) ?? [])),
    'run the same command again: files that have arrived are not sent again',
  ]);
}

const HELP: ReadonlyMap<number, readonly string[]> = new Map([
  [1, ['report this with the journal of the evacuation: landfall made a command that rsync does not know']],
  [2, ['make the login shell of the receiver silent: no output from .bashrc, BASH_ENV or a forced motd']],
  [3, ['check that the mount point is still there on the source']],
  [4, ['install a newer rsync at the target image, or report this with both versions']],
  [22, ['give the source more memory for a while, or exclude trees with millions of files in the plan']],
  [126, ['make rsync executable on the receiver']],
]);

type Cause = (end: RunEnd) => LandfallError;

/** A cause that standard error names beyond doubt and that running again would not cure. */
function causeOf({ code, complaints }: RunEnd): Cause | undefined {
  const has = (kind: Parameters<Complaints['count']>[0]): boolean => complaints.count(kind) > 0;
  // A target that takes no new files refuses each one by itself: rsync goes on to the end and calls it a partial copy.
  if (code === 23) {
    if (has('space')) return targetFull;
    if (has('read-only')) return readOnly;
    return has('target-io') ? diskFailed : undefined;
  }
  // These codes are answers; lines about single paths do not change them.
  if (code === 0 || code === 24 || code === 25) return undefined;
  if (has('path-gone')) return pathGone;
  if (has('recv-gone')) return receiverRestarted;
  if (has('not-allowed') || code === 97) return notAllowed;
  if (has('not-mounted') || code === 98) return notMounted;
  if (has('ssh-host-key')) return hostKey;
  if (has('ssh-auth')) return keyRefused;
  if (has('command-missing') || code === 127) return rsyncMissing;
  if (has('space')) return targetFull;
  if (has('read-only')) return readOnly;
  return undefined;
}

const notAllowed: Cause = end =>
  error('sync.rsync-failed', end, 'the receiver did not allow the rsync command', [
    'report this with the journal of the evacuation: landfall made both the command and the check',
  ]);

const notMounted: Cause = end =>
  error('build.not-mounted', end, `the replica of ${end.mountpoint} is not mounted on the receiver`, [
    'run the same command again: the build step mounts it',
  ]);

/** How often a way that was made anew may be gone again before it is no restart. */
const RESTARTS = 5;

const pathGone: Cause = end =>
  end.attempt < RESTARTS
    ? error('sync.link-lost', end, `${end.host} has forgotten the way to its receiver: it was restarted`, [
        'nothing: landfall opens the data path again, and files that have arrived are not sent again',
      ])
    : error('sync.rsync-failed', end, `/run/landfall of ${end.host} is taken away again and again`, [
        `look on ${end.host} what empties /run/landfall: it has to stay while landfall works there`,
        'run the same command again: files that have arrived are not sent again',
      ]);

const receiverRestarted: Cause = end =>
  error('build.not-mounted', end, `the receiver of ${end.machine} was restarted`, [
    'run the same command again: its replica is mounted and the data path opened again',
  ]);

const hostKey: Cause = end =>
  error(
    'ssh.host-key-changed',
    end,
    'the receiver showed another host key than the one read through its hypervisor',
    [
      `check that the address of ${end.machine}.receiver in the plan belongs to the receiver`,
      'if the receiver was made anew, run the same command again: the new key is read through the hypervisor',
    ],
  );

const keyRefused: Cause = end =>
  error('ssh.auth-refused', end, "the receiver refused the source's key", [
    `check from which address the receiver sees ${end.machine}: the key is bound to the source's own addresses`,
    'check the clocks of both hosts: the key expires',
    'run the same command again: the key is installed anew',
  ]);

const rsyncMissing: Cause = end =>
  error('remote.command-missing', end, 'there is no rsync on the receiver', [
    'install rsync in the golden image, or on the receiver, and run the same command again',
  ]);

/** ext file systems keep a few inodes for themselves. */
const NO_INODES = 16;

const targetFull: Cause = end => (isOutOfInodes(end) ? noInodes(end) : noBytes(end));

const isOutOfInodes = ({ room }: RunEnd): boolean =>
  room?.inodes !== undefined && room.inodes < NO_INODES && room.bytes > 0;

const noInodes: Cause = end =>
  error(
    'sync.target-full',
    end,
    `the replica of ${end.mountpoint} has no inodes left, with ${formatBytes(end.room?.bytes ?? 0)} free`,
    [
      `look what has so many files on ${end.machine}: du --inodes -x ${end.mountpoint} | sort -n | tail; exclude in the plan what need not travel`,
      'or let the replica be made anew: its file systems get inodes for what the newest inventory has counted',
      'then run the same command again: files that have arrived are not sent again',
    ],
    'each file takes an inode, however small it is: more bytes would not help',
  );

const noBytes: Cause = end =>
  error('sync.target-full', end, `the replica of ${end.mountpoint} is full`, [
    ...(end.bytesMissing === undefined
      ? []
      : [`make room for at least ${formatBytes(end.bytesMissing)}: that much had not arrived`]),
    'free space in the pool of the target hypervisor, or exclude what need not travel in the plan',
    'run the same command again: files that have arrived are not sent again',
  ]);

const readOnly: Cause = end =>
  error('sync.rsync-failed', end, `the replica of ${end.mountpoint} can only be read`, [
    'look at the kernel log of the receiver: a file system turns read-only after an error of its disk',
    'mount it again with write access and run the same command again',
  ]);

const diskFailed: Cause = end =>
  error('sync.rsync-failed', end, `the disk failed under the replica of ${end.mountpoint}`, [
    `look whether ${end.machine}.receiver still has the disk (lsblk, journalctl -k), and its hypervisor the volume`,
    'run the same command again when the disk is well: what has arrived is compared, not believed',
  ]);

/** The error for a run that says it is done and proves nothing. */
export function unreadable(end: RunEnd, lines: readonly string[]): LandfallError {
  return new LandfallError('sync.unreadable-output', {
    what: `rsync ended with code ${end.code} on ${end.mountpoint} and gave no statistics`,
    why: 'what it did cannot be said, so it does not count',
    where: { host: end.host, machine: end.machine, command: end.command },
    evidence: [...lines.slice(-5).map(harmless), ...end.complaints.tail.slice(-5)],
    next: [
      `check the free space of /run on ${end.machine}: rsync's output is kept there`,
      'run the same command again',
    ],
  });
}

function fileError(end: RunEnd): LandfallError {
  const isDisk = end.complaints.count('io') > 0;
  return error(
    'sync.rsync-failed',
    end,
    isDisk ? `a disk failed under ${end.mountpoint}` : `a file of ${end.mountpoint} could not be written`,
    [
      'look at the kernel logs of the receiver and of the source for disk errors',
      'run the same command again when the disk is well',
    ],
  );
}

function suspicious(end: RunEnd): LandfallError {
  return error(
    'sync.source-suspicious',
    end,
    `the source lacks more files of ${end.mountpoint} than the plan lets a pass delete at the target`,
    [
      `look at ${end.mountpoint} on ${end.machine}: is everything mounted, is it the right machine`,
      'if the files are really gone, raise passes.max_delete in the plan and run the same command again',
    ],
    'deleting stopped at the limit; the files still at the target may be the only copy',
  );
}

function error(
  code: ConstructorParameters<typeof LandfallError>[0],
  end: RunEnd,
  what: string,
  next: readonly string[],
  why?: string,
): LandfallError {
  return new LandfallError(code, {
    what,
    why,
    where: { host: end.host, machine: end.machine, command: end.command },
    next,
    evidence: end.complaints.tail.slice(-8),
  });
}
