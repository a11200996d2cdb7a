import { harmlessBytes } from '../foundation/text.ts';
import type { Argv } from '../remote/host.ts';
import type { Item } from './movers/files/items.ts';

/**
 * What a comparison of contents found, and whether a write on the source explains it. The source is alive: a path
 * whose inode changed (ctime) after the pass began may differ. A path whose inode did not change since must not.
 */

export interface Difference {
  /** Relative to the root of the file system, as bytes. */
  readonly name: Buffer;
  /** rsync's item code: `<f.st......`, `*deleting`. */
  readonly change: string;
  /** There only at the target. */
  readonly isDeletion: boolean;
}

/** How many differences are looked into, of one file system. */
export const DIFFERENCES_LIMIT = 20_000;

export interface DifferenceList {
  add(item: Item): void;
  readonly differences: readonly Difference[];
  /** Past the limit: they count as mismatches, because nobody looked at them. */
  readonly uncounted: number;
}

export function createDifferenceList(limit = DIFFERENCES_LIMIT): DifferenceList {
  const differences: Difference[] = [];
  let uncounted = 0;
  return {
    add({ name, change, isDeletion }) {
      if (differences.length < limit) differences.push({ name, change, isDeletion });
      else uncounted += 1;
    },
    differences,
    get uncounted() {
      return uncounted;
    },
  };
}

/**
 * Prints the change time of each name in seconds with as many digits as stat gives, one a line, `-` where there is no
 * such file. A name that exists only at the target (marked `d`) is asked for by the nearest directory that exists on
 * the source: its change time tells when something was last made or deleted in it.
 * Argument: root of the file system. Standard input: records `f./name` and `d./name`, each ended by NUL.
 */
export const CHANGE_TIMES_SCRIPT = `cd -- "$1" || exit 1
exec xargs -0 sh -c '
  format=%.9Z
  case $(stat -c "$format" . 2>/dev/null) in "" | *[!0123456789.]*) format=%Z ;; esac
  for record do
    name=\${record#?}
    case $record in
      d*) name=\${name%/*}; while ! [ -d "$name" ]; do name=\${name%/*}; done ;;
    esac
    stat -c "$format" -- "$name" 2>/dev/null || echo -
  done' sh
`;

export const changeTimesArgv = (mountpoint: string): Argv => [
  'sh',
  '-c',
  CHANGE_TIMES_SCRIPT,
  'sh',
  mountpoint,
];

/** The standard input of the script above. */
export function changeTimesInput(differences: readonly Difference[]): Uint8Array {
  const parts = differences.flatMap(({ name, isDeletion }) => [
    Buffer.from(isDeletion ? 'd./' : 'f./'),
    name,
    Buffer.from([0]),
  ]);
  return Buffer.concat(parts);
}

/**
 * Reads the script's answers into epoch milliseconds; `undefined` for a name that is gone. Undefined as a whole where
 * there are not as many answers as questions.
 */
export function parseChangeTimes(stdout: string, count: number): (number | undefined)[] | undefined {
  const lines = stdout === '' ? [] : stdout.trimEnd().split('\n');
  if (lines.length !== count) return undefined;
  return lines.map(line => (/^\d+(?:\.\d+)?$/.test(line) ? Number(line) * 1000 : undefined));
}

/** One file system's verdict. */
export interface Classified {
  readonly live: number;
  /** The paths of these, harmless text. */
  readonly livePaths: readonly string[];
  /** Harmless text: item code and path. */
  readonly mismatches: readonly string[];
}

/**
 * Live: the inode changed at or after `since` (epoch ms of the source's clock), or the path is gone by now: rsync had
 * seen it, so it was deleted after the pass. Change times in whole seconds count with the whole of their second.
 */
export function classify(
  mountpoint: string,
  differences: readonly Difference[],
  changeTimes: readonly (number | undefined)[],
  since: number,
): Classified {
  const mismatches: string[] = [];
  const livePaths: string[] = [];
  for (const [index, difference] of differences.entries()) {
    const changed = changeTimes[index];
    const isLive = changed === undefined || latest(changed) >= since;
    const path = pathOf(mountpoint, difference.name);
    if (isLive) livePaths.push(path);
    else mismatches.push(`${difference.change.trim()} ${path}`);
  }
  return { live: livePaths.length, livePaths, mismatches };
}

const latest = (changed: number): number => (Number.isInteger(changed / 1000) ? changed + 999 : changed);

function pathOf(mountpoint: string, name: Buffer): string {
  const text = harmlessBytes(name);
  if (text === '.') return mountpoint;
  return `${mountpoint === '/' ? '' : mountpoint}/${text}`;
}
