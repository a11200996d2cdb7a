import { isWithin, trimPath } from '../../file-systems.ts';

/**
 * What one pass leaves out (facts of the disk, 1.4 A). An excluded path is protected at the target too, because
 * landfall never says --delete-excluded.
 *
 * List B of the facts (fstab, boot loader, initramfs and everything else that names a disk) needs no protection:
 * the replica carries the source's own partition table and file system identifiers, so these files are right as
 * they are copied.
 */

/** Directories that stay as empty nodes: their contents are made at run time or belong to nobody. */
const EMPTY_AT_TARGET = [
  '/proc',
  '/sys',
  '/dev',
  '/run',
  '/tmp',
  '/mnt',
  '/media',
  '/sys/fs/selinux',
  '/var/lib/nfs/rpc_pipefs',
  '/var/lib/lxcfs',
] as const;

/**
 * Mount points of running containers: `-x` skips what is mounted there, this keeps a stopped one's leftovers out.
 * One level only: deeper directories called "merged" belong to the images.
 */
const CONTAINER_MOUNTS = [
  { under: '/var/lib/docker', pattern: '/overlay2/*/merged/*' },
  { under: '/var/lib/containers', pattern: '/storage/overlay/*/merged/*' },
] as const;

/** rsync's own leftovers, wherever they lie. */
const EVERYWHERE = ['.rsync-partial/'] as const;

export interface ExcludeFacts {
  /** The file system of this pass. */
  readonly mountpoint: string;
  readonly type: string;
  /** Mount points of the whole machine, of any type. */
  readonly mountpoints: readonly string[];
  /** Paths from /proc/swaps; devices among them are ignored. */
  readonly swap: readonly string[];
  /** The plan's `exclude`. */
  readonly planned: readonly string[];
  /** Of a file system that several streams copy: what this one takes. */
  readonly share?: Share | undefined;
}

/** `only` these paths, or all `but` those that the other streams take (as in shards.ts: directories end with a slash). */
export interface Share {
  readonly kind: 'only' | 'but';
  readonly paths: readonly string[];
}

/**
 * A literal path as an rsync pattern. A backslash escapes only in patterns that hold a wildcard; elsewhere it stands
 * for itself (rsync's manual, "PATTERN MATCHING RULES").
 */
export function literalPattern(path: string, suffix: '' | '/*' | '/**' = ''): string {
  const hasWildcard = suffix !== '' || /[*?[]/.test(path);
  return (hasWildcard ? path.replace(/[\\*?[]/g, '\\$&') : path) + suffix;
}

/** The patterns of one pass, each anchored at the transfer root unless it says otherwise. */
export function excludePatterns(facts: ExcludeFacts): string[] {
  const { mountpoint, mountpoints } = facts;
  const patterns: string[] = ['/lost+found/', ...EVERYWHERE];
  const owns = (path: string): boolean => ownerOf(path, [mountpoint, ...mountpoints]) === mountpoint;

  for (const directory of EMPTY_AT_TARGET) {
    if (owns(directory)) patterns.push(literalPattern(relative(directory, mountpoint), '/*'));
  }
  for (const { under, pattern } of CONTAINER_MOUNTS) {
    if (owns(under)) patterns.push(literalPattern(relative(under, mountpoint)) + pattern);
  }
  // Snapshots cannot be recreated from their files.
  if (facts.type === 'btrfs') patterns.push('/.snapshots/*');
  for (const inner of mountpoints) {
    if (inner !== mountpoint && isWithin(inner, mountpoint))
      patterns.push(literalPattern(relative(inner, mountpoint), '/*'));
  }
  for (const path of facts.swap) {
    if (path.startsWith('/') && !path.startsWith('/dev/') && owns(path))
      patterns.push(literalPattern(relative(path, mountpoint)));
  }
  for (const path of facts.planned.map(trimPath)) {
    if (path !== mountpoint && isWithin(path, mountpoint))
      patterns.push(literalPattern(relative(path, mountpoint)));
  }
  return [...new Set([...patterns, ...shareRules(facts.share)])];
}

/**
 * The rules by which one stream takes its share. They come after the patterns that hold for all: the first match decides,
 * so what the pass leaves out stays out. Every path is in one list only, so no file belongs to two streams or to none.
 */
function shareRules(share: Share | undefined): string[] {
  if (share === undefined) return [];
  const named = share.paths.map(path => path.replace(/\/$/, ''));
  if (share.kind === 'but') return named.map(path => literalPattern(path));
  const parents = new Set<string>();
  for (const path of named)
    for (let up = parentOf(path); up !== ''; up = parentOf(up)) parents.add(`+ ${literalPattern(up)}/`);
  return [
    ...parents,
    ...named.flatMap(path => [`+ ${literalPattern(path)}`, `+ ${literalPattern(path, '/**')}`]),
    '- *',
  ];
}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));

/** Directories and files that no stream takes, seen from the mount point, as far as they can be named. */
export function leftOut(facts: ExcludeFacts): string[] {
  const { mountpoint, mountpoints } = facts;
  const paths = [...EMPTY_AT_TARGET, ...mountpoints, ...facts.swap, ...facts.planned.map(trimPath)];
  return paths
    .filter(path => path !== mountpoint && isWithin(path, mountpoint) && !path.startsWith('/dev/'))
    .map(path => relative(path, mountpoint));
}

/**
 * The same for a name from the root of the file system, in bytes, without a slash in front: for those who list the replica
 * themselves. What a clone has left in such a place is nobody's copy.
 */
export function leavesOut(facts: ExcludeFacts): (name: Buffer) => boolean {
  const bytes = (path: string): string => Buffer.from(path.slice(1), 'utf8').toString('latin1');
  const places = [...leftOut(facts), '/lost+found', ...(facts.type === 'btrfs' ? ['/.snapshots'] : [])].map(
    bytes,
  );
  const containers = CONTAINER_MOUNTS.filter(({ under }) => isWithin(under, facts.mountpoint)).map(
    ({ under, pattern }) =>
      new RegExp(`^${bytes(relative(under, facts.mountpoint) + pattern).replaceAll('*', '[^/]+')}`),
  );
  return name => {
    const text = name.toString('latin1');
    return (
      places.some(place => text === place || text.startsWith(`${place}/`)) ||
      containers.some(pattern => pattern.test(text))
    );
  };
}

/**
 * The file for --exclude-from together with --from0: NUL ends a pattern, so newlines, carriage returns, and spaces at
 * the end of a name are parts of it.
 */
export function excludeContent(facts: ExcludeFacts): string {
  return excludePatterns(facts)
    .map(pattern => `${pattern}\0`)
    .join('');
}

/** The deepest mount point that holds the path. */
function ownerOf(path: string, mountpoints: readonly string[]): string | undefined {
  return mountpoints
    .filter(mountpoint => isWithin(path, mountpoint))
    .toSorted((a, b) => b.length - a.length)[0];
}

/** The path seen from the transfer root, with its leading slash; the root itself is empty. */
function relative(path: string, mountpoint: string): string {
  if (mountpoint === '/') return path === '/' ? '' : path;
  return path.slice(mountpoint.length);
}
