import { LINE_ATTEMPTS } from '../../retry.ts';

/** What rsync's exit code means and what landfall does about it (facts of the disk, 2.1). */

export type Reaction =
  /** The run did what it should. */
  | 'ok'
  /** Files came and went under it: a success on a live machine. */
  | 'ok-vanished'
  /** Nothing is known to be wrong with the data: run it again. */
  | 'retry'
  /** Some paths were not copied: recorded, and the next pass tries again. */
  | 'next-pass'
  /** A person must look at the source first. */
  | 'ask'
  /** Running it again would end the same. */
  | 'fatal';

export interface ExitMeaning {
  readonly meaning: string;
  readonly reaction: Reaction;
  /** Runs in all before a retry becomes a failure. */
  readonly attempts: number;
}

const once = (meaning: string, reaction: Reaction): ExitMeaning => ({ meaning, reaction, attempts: 1 });
const retry = (meaning: string, attempts: number): ExitMeaning => ({ meaning, reaction: 'retry', attempts });

const TABLE: ReadonlyMap<number, ExitMeaning> = new Map([
  [0, once('done', 'ok')],
  [1, once('rsync did not accept its options', 'fatal')],
  [2, once('the other side speaks another protocol, or its shell prints something at login', 'fatal')],
  [3, once('a directory to copy from or to could not be selected', 'fatal')],
  [4, once('the rsync of the other side lacks an option', 'fatal')],
  [5, once('the connection to the other side could not be started', 'fatal')],
  [6, once('the log file could not be written', 'fatal')],
  [10, retry('the network connection failed', LINE_ATTEMPTS)],
  [11, once('reading or writing a file failed', 'fatal')],
  // Always at the same file it is a fault of a version of rsync: half an hour tells.
  [12, retry('the connection broke', 30)],
  [13, retry('rsync failed in its own diagnostics', 2)],
  [14, retry('the processes of rsync could not talk to each other', 2)],
  [15, retry('a process of rsync crashed', 2)],
  [16, retry('a process of rsync was killed', 2)],
  [19, retry('rsync was told to stop', 2)],
  [20, retry('rsync was interrupted', 8)],
  [21, retry('rsync lost one of its processes', 2)],
  [22, once('rsync ran out of memory', 'fatal')],
  [23, once('some files or attributes were not copied', 'next-pass')],
  [24, once('some files vanished before they could be copied', 'ok-vanished')],
  [25, once('it would have deleted more files at the target than the plan allows', 'ask')],
  [30, retry('no data came through for as long as the time limit', LINE_ATTEMPTS)],
  [35, retry('connecting took too long', LINE_ATTEMPTS)],
  [97, once('the receiver did not allow the command', 'fatal')],
  [98, once('the replica is not mounted on the receiver', 'fatal')],
  [124, retry('the command at the other side failed', 2)],
  [125, retry('the command at the other side was killed', 2)],
  [126, once('rsync cannot be executed at the other side', 'fatal')],
  [127, once('there is no rsync at the other side', 'fatal')],
  [137, retry('rsync was killed', 8)],
  [143, retry('rsync was told to stop', 8)],
  [255, retry('ssh could not connect or lost the connection', LINE_ATTEMPTS)],
]);

/** An unknown code is tried once more: newer versions may add some. */
export function meaningOf(code: number): ExitMeaning {
  return TABLE.get(code) ?? retry(`rsync ended with the unknown code ${code}`, 2);
}
