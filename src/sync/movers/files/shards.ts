/**
 * How the first copy of a large file system is cut into streams (facts of the disk, 3.5): one SSH stream is held down
 * by its window over a long line, several are not. A part is a few directories and large files; whatever is in no part
 * goes with the first stream, so that the streams together are the whole tree however little was known of it.
 */

/** What lies where, seen from the mount point (`/var/lib`), in bytes on disk; a directory counts all that is below it. */
export interface Weights {
  readonly total: number;
  readonly directories: ReadonlyMap<string, number>;
  /** Only large ones: they are worth a stream of their own. */
  readonly files: ReadonlyMap<string, number>;
  /** Bytes of all names that share their file with another, each name counted: what several streams may copy anew. */
  readonly linked?: number;
}

export interface Part {
  readonly bytes: number;
  /** Directories with a slash at their end, files without. None lies within another, in this part or in a further one. */
  readonly paths: readonly string[];
}

/**
 * Names that the journal has to carry, and against which rsync holds every file of the first stream; what is smaller than
 * all of them goes with that stream.
 */
const MOST_PATHS = 300;

interface Unit {
  readonly path: string;
  readonly bytes: number;
  readonly isDirectory: boolean;
}

/** Above this share of the whole, hard links forbid several streams: copied name by name, they might not fit. */
const LINKED = 0.1;

export const isLinked = ({ total, linked = 0 }: Weights): boolean => linked > LINKED * total;

/**
 * The parts of the further streams, at most `streams - 1` of them. Directories are taken apart until none is larger than
 * half a stream's share, then the largest goes to the stream that has least (LPT). What remains of a directory that was
 * taken apart stays with the first stream.
 */
export function splitTree(weights: Weights, streams: number): Part[] {
  if (streams < 2 || weights.total <= 0 || isLinked(weights)) return [];
  const below = childrenOf(weights);
  const coarse = weights.total / streams / 2;
  const units: Unit[] = [];
  const open = [...(below.get('') ?? [])];
  for (let unit = open.pop(); unit !== undefined; unit = open.pop()) {
    const inner = below.get(unit.path) ?? [];
    if (unit.isDirectory && unit.bytes > coarse && inner.length > 0)
      for (const each of inner) open.push(each);
    else units.push(unit);
  }
  const listed = units
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1))
    .slice(0, MOST_PATHS);
  const rest = Math.max(0, weights.total - listed.reduce((sum, { bytes }) => sum + bytes, 0));

  const bins: { bytes: number; readonly paths: string[] }[] = [{ bytes: rest, paths: [] }];
  while (bins.length < streams) bins.push({ bytes: 0, paths: [] });
  for (const { path, bytes, isDirectory } of listed) {
    const least = bins.reduce((best, bin) => (bin.bytes < best.bytes ? bin : best));
    least.bytes += bytes;
    least.paths.push(isDirectory ? `${path}/` : path);
  }
  return bins.slice(1).filter(({ paths }) => paths.length > 0);
}

/** Each directory and large file under the nearest directory that is known; the root is the empty path. */
function childrenOf({ directories, files }: Weights): Map<string, Unit[]> {
  const children = new Map<string, Unit[]>();
  const add = (unit: Unit): void => {
    const parent = nearest(unit.path, directories);
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [unit]);
    else siblings.push(unit);
  };
  for (const [path, bytes] of directories) add({ path, bytes, isDirectory: true });
  for (const [path, bytes] of files) if (!directories.has(path)) add({ path, bytes, isDirectory: false });
  return children;
}

function nearest(path: string, directories: ReadonlyMap<string, number>): string {
  let parent = path;
  do parent = parent.slice(0, parent.lastIndexOf('/'));
  while (parent !== '' && !directories.has(parent));
  return parent;
}

/** Takes out what no pass copies: its bytes are nobody's work. Paths as in `Weights`. */
export function without(weights: Weights, leftOut: readonly string[]): Weights {
  const directories = new Map(weights.directories);
  let { total } = weights;
  for (const path of leftOut) {
    const bytes = directories.get(path) ?? 0;
    if (bytes === 0) continue;
    total -= bytes;
    for (let up = path; up !== ''; up = up.slice(0, up.lastIndexOf('/'))) {
      const had = directories.get(up);
      if (had !== undefined) directories.set(up, Math.max(0, had - bytes));
    }
  }
  const isIn = (path: string): boolean => leftOut.some(out => path === out || path.startsWith(`${out}/`));
  return {
    total: Math.max(0, total),
    ...(weights.linked === undefined ? {} : { linked: weights.linked }),
    directories: new Map([...directories].filter(([path]) => !isIn(path))),
    files: new Map([...weights.files].filter(([path]) => !isIn(path))),
  };
}

/**
 * What is in the tree of a mount point, for `sh -c`: directories three deep by their size on disk, files above the given
 * size, and the blocks of all names that share a file. Names end with NUL. It reads nothing but directories and inodes, at the lowest priority.
 * Arguments: mount point, bytes.
 */
export const LOOK_SCRIPT = `renice -n 10 -p $$ >/dev/null 2>&1
ionice -c3 -p $$ 2>/dev/null
LC_ALL=C
export LC_ALL
du -x -B1 -0 --max-depth=3 -- "$1" 2>/dev/null
printf '\\0'
find "$1" -xdev -type f -size "+$(($2 / 1024))k" -printf '%b %p\\0' 2>/dev/null
printf '\\0'
find "$1" -xdev -type f -links +1 -printf '%b\\n' 2>/dev/null | awk '{ s += $1 } END { printf "%.0f", s }'
printf '\\0'
exit 0
`;

/** Reads what the script found; undefined where this guest's du does not know its options. */
export function parseLook(output: Uint8Array, mountpoint: string): Weights | undefined {
  const root = mountpoint === '/' ? '' : mountpoint;
  const directories = new Map<string, number>();
  const files = new Map<string, number>();
  let total: number | undefined;
  let section = 0;
  let linked = 0;
  for (const record of records(output)) {
    if (record.length === 0) {
      section += 1;
      continue;
    }
    const text = decoded(record);
    if (section === 2) {
      linked = Number(text) * 512;
      continue;
    }
    const match = text === undefined ? null : /^(\d+)[\t ](\/.*)$/s.exec(text);
    if (match === null) continue;
    const [, number, full = ''] = match;
    const path = full === mountpoint ? '' : full.startsWith(`${root}/`) ? full.slice(root.length) : undefined;
    if (path === undefined) continue;
    if (section === 1) files.set(path, Number(number) * 512);
    else if (path === '') total = Number(number);
    else directories.set(path, Number(number));
  }
  return total === undefined ? undefined : { total, directories, files, ...(linked > 0 ? { linked } : {}) };
}

function* records(output: Uint8Array): Generator<Uint8Array> {
  let from = 0;
  for (let at = output.indexOf(0, from); at >= 0; at = output.indexOf(0, from)) {
    yield output.subarray(from, at);
    from = at + 1;
  }
}

/** A name that is not UTF-8 cannot be written into the journal: what it holds goes with the first stream. */
function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
