import type { RsyncFacts } from '../../../journal/facts.ts';
import type { Unknown, Word } from '../../../step/action.ts';
import { isFat } from '../../file-systems.ts';
import { destinationOf, STANDBY } from '../../names.ts';

/** The rsync command of a pass, from facts alone (facts of the disk, 1.2 and 1.3). */

/** What both sides can do. */
export interface Terms {
  /** --info, --outbuf: both sides from 3.1.0. */
  readonly modern: boolean;
  readonly nanoseconds: boolean;
  readonly acls: boolean;
  readonly xattrs: boolean;
  readonly zstd: boolean;
  readonly lz4: boolean;
  /** --open-noatime: both sides from 3.2.0, because the option is passed on to the receiver. */
  readonly noatime: boolean;
  readonly xxh128: boolean;
  /** What is lost against two current versions, one sentence each: said aloud, never dropped in silence. */
  readonly losses: readonly string[];
}

export function commonTerms(source: RsyncFacts, target: RsyncFacts): Terms {
  const both = (test: (side: RsyncFacts) => boolean): boolean => test(source) && test(target);
  const terms = {
    modern: both(side => isAtLeast(side.version, [3, 1, 0])),
    nanoseconds: both(side => side.nanoseconds),
    acls: both(side => side.acls),
    xattrs: both(side => side.xattrs),
    zstd: both(side => side.compress.includes('zstd')),
    lz4: both(side => side.compress.includes('lz4')),
    noatime: both(side => isAtLeast(side.version, [3, 2, 0])),
    xxh128: both(side => isAtLeast(side.version, [3, 2, 0]) && side.checksums.includes('xxh128')),
  };
  const older = `rsync ${source.version} at the source, ${target.version} at the target`;
  const losses = [
    terms.modern ? '' : `no live progress: ${older}, 3.1.0 is needed`,
    terms.nanoseconds
      ? ''
      : `times are compared in whole seconds: ${older}, 3.1.3 is needed; one pass compares contents instead`,
    terms.acls ? '' : `access control lists stay behind: ${older}, not both built with ACLs`,
    terms.xattrs
      ? ''
      : `extended attributes stay behind, with file capabilities and SELinux labels: ${older}, not both built with xattrs`,
  ];
  return { ...terms, losses: losses.filter(loss => loss !== '') };
}

/** Terms that are never executed: with them a command has only what needs no agreement of the two sides. */
export const NOTHING_AGREED: Terms = {
  modern: false,
  nanoseconds: false,
  acls: false,
  xattrs: false,
  zstd: false,
  lz4: false,
  noatime: false,
  xxh128: false,
  losses: [],
};

/**
 * The words of a command made with NOTHING_AGREED, to be read before both versions are known: what is certain for its
 * kind stands there, and `open` stands for the rest. Only "--stats" has another name in newer versions.
 */
export function certainWords(argv: readonly string[], open: readonly Unknown[]): Word[] {
  const after = argv.indexOf(LAST_OF_HEAD) + 1;
  return [...argv.slice(0, after), ...open, ...argv.slice(after).filter(word => word !== '--stats')];
}

/** Every finished file is a progress line in the job's output, which lies in memory: past this many files, none. */
export const PROGRESS_FILES_LIMIT = 1_000_000;

export interface RunFacts {
  readonly mountpoint: string;
  readonly type: string;
  readonly inodesUsed: number;
  /** Where its files are read, where that is not the mount point: a snapshot of it. */
  readonly from?: string | undefined;
  /** The script that reaches the receiver, on the source. */
  readonly rsh: string;
  readonly excludeFile: string;
}

export interface PassTerms extends RunFacts {
  readonly kind: 'full' | 'delta';
  readonly checksum: boolean;
  /** True where the target already holds the files of a clone. */
  readonly seeded: boolean;
  readonly maxDelete: number;
  /** What a sample or the plan says; without it, zstd where both have it. */
  readonly compress?: Compression | undefined;
  /** Bytes per second for this stream. */
  readonly limit?: number | undefined;
  /** Where a delta pass writes what it did. */
  readonly itemLog: string;
}

/** One line a changed file: what changed, its size, the bytes that travelled, its name. */
export const ITEM_FORMAT = '%i|%l|%b|%n';

/**
 * The argv of one pass over one file system. No `-W`: where the target has no such file it changes nothing, and after
 * a broken pass it would throw away the partial file.
 */
export function passArgv(terms: Terms, pass: PassTerms): string[] {
  return [
    ...head(terms, pass),
    ...deletion(pass),
    ...(pass.checksum ? ['--checksum'] : []),
    '--partial-dir=.rsync-partial',
    ...(terms.noatime ? ['--open-noatime'] : []),
    '--timeout=600',
    ...report(terms, terms.modern && pass.inodesUsed <= PROGRESS_FILES_LIMIT ? 'progress2,stats2' : 'stats2'),
    // Only delta passes: a full one would write a line for every file into memory.
    ...(pass.kind === 'delta' ? [`--log-file=${pass.itemLog}`, `--log-file-format=${ITEM_FORMAT}`] : []),
    ...compression(terms, pass.compress ?? 'zstd'),
    ...(pass.limit === undefined ? [] : [`--bwlimit=${Math.max(1, Math.floor(pass.limit / 1024))}`]),
    ...tail(pass),
  ];
}

export type Compression = 'none' | 'zstd' | 'lz4' | 'zlib';

/** What both sides can compress with, best first; every rsync knows zlib. */
export const compressions = (terms: Pick<Terms, 'zstd' | 'lz4'>): Exclude<Compression, 'none'>[] => [
  ...(terms.zstd ? (['zstd'] as const) : []),
  ...(terms.lz4 ? (['lz4'] as const) : []),
  'zlib',
];

/** Level 1: over a line the speed counts, and production has other uses for its processors. */
function compression(terms: Terms, choice: Compression): string[] {
  if (choice === 'zlib') return ['--compress', '--compress-level=1'];
  if (choice === 'none' || !terms[choice]) return [];
  return ['--compress', `--compress-choice=${choice}`, ...(choice === 'zstd' ? ['--compress-level=1'] : [])];
}

/**
 * The same comparison without a hand laid on anything: every byte is read on both sides, differences are listed. Without
 * `contents`, names, sizes and times only.
 */
export function verifyArgv(terms: Terms, run: RunFacts, contents = true): string[] {
  return [
    ...head(terms, run),
    '--dry-run',
    ...(contents ? ['--checksum'] : []),
    '--itemize-changes',
    '--delete',
    ...(contents && terms.xxh128 ? ['--checksum-choice=xxh128'] : []),
    ...(terms.noatime ? ['--open-noatime'] : []),
    // Reading a large file says nothing on the wire for as long as it takes.
    '--timeout=3600',
    ...report(terms, 'stats2'),
    `--out-format=${ITEM_FORMAT}`,
    ...tail(run),
  ];
}

/** What a delta pass would bring, counted and not copied: by size and time, as a pass compares. */
export function measureArgv(terms: Terms, run: RunFacts): string[] {
  return [
    ...head(terms, run),
    '--dry-run',
    '--delete',
    ...(terms.noatime ? ['--open-noatime'] : []),
    '--timeout=600',
    ...report(terms, 'stats2'),
    ...tail(run),
  ];
}

const LAST_OF_HEAD = '--no-inc-recursive';

function head(terms: Terms, run: RunFacts): string[] {
  // A changed locale changes how rsync writes numbers and names.
  const program = ['env', 'LC_ALL=C', 'rsync'];
  // FAT keeps two-second times and neither owners nor links.
  if (isFat(run.type)) return [...program, '-rtx', '--modify-window=1', LAST_OF_HEAD];
  return [
    ...program,
    `-aH${terms.acls ? 'A' : ''}${terms.xattrs ? 'X' : ''}x`,
    '--numeric-ids',
    '-S',
    ...(terms.nanoseconds ? ['--modify-window=-1'] : []),
    LAST_OF_HEAD,
  ];
}

/**
 * A first pass into an empty disk has nothing to delete; over a clone, everything that the source does not have goes,
 * without a limit, because nothing at the target is the source's yet. Later passes stop at the limit: so many
 * deletions mean that the source is not what it was.
 */
function deletion(pass: PassTerms): string[] {
  if (pass.kind === 'delta') return ['--delete-delay', `--max-delete=${pass.maxDelete}`];
  return pass.seeded ? ['--delete-delay'] : [];
}

function report(terms: Terms, info: string): string[] {
  return terms.modern ? ['--no-h', '--outbuf=L', `--info=${info}`] : ['--stats'];
}

function tail(run: RunFacts): string[] {
  const from = run.from ?? run.mountpoint;
  const root = from === '/' ? '/' : `${from}/`;
  return [
    '--from0',
    `--exclude-from=${run.excludeFile}`,
    '-e',
    `sh ${run.rsh}`,
    root,
    `${STANDBY}:${destinationOf(run.mountpoint)}`,
  ];
}

type Version = readonly [number, number, number];

/** `3.2.7`, `3.4.1pre1`, `v3.1.2`: compares the three numbers; an unreadable version counts as old. */
export function isAtLeast(version: string, wanted: Version): boolean {
  const found = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(version);
  if (found === null) return false;
  for (const [index, want] of wanted.entries()) {
    const have = Number(found[index + 1] ?? 0);
    if (have !== want) return have > want;
  }
  return true;
}
