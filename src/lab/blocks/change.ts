import { CLUSTER, type Entry, type Manifest } from './manifest.ts';

/** What is different between two instants of a disk. */

/** Something that is there at the later instant and was not there so before. */
export interface Change {
  readonly entry: Entry;
  /** Of a file: the first name of the same inode, where this is another one. */
  readonly twin?: string;
  /** Of a file: its clusters that have to travel, by number. Absent where it is another name only. */
  readonly clusters?: readonly number[];
  /** The rest of the file's content is what was there before. */
  readonly grown?: boolean;
  /** It did not change itself: its folder is named so that its times stay true when something in it is written. */
  readonly unchanged?: boolean;
}

export interface PlaceChange {
  readonly changes: readonly Change[];
  /** What has to go first: gone, or of another kind now; what lies in a folder before the folder. */
  readonly removed: readonly string[];
}

export type DiskChange = Readonly<Record<string, PlaceChange>>;

const NOTHING: Manifest = { places: {} };

/** From `before` (everything, where it is absent) to `after`. */
export function changeBetween(before: Manifest | undefined, after: Manifest): DiskChange {
  const from = before ?? NOTHING;
  return Object.fromEntries(
    Object.entries(after.places).map(([place, entries]) => [
      place,
      placeChange(from.places[place] ?? [], entries),
    ]),
  );
}

const SHOWN = ['kind', 'mode', 'uid', 'gid', 'mtime', 'bytes', 'target', 'ino', 'links'] as const;

const isChanged = (was: Entry | undefined, is: Entry): boolean =>
  was === undefined ||
  SHOWN.some(key => was[key] !== is[key]) ||
  JSON.stringify([was.clusters, was.attributes]) !== JSON.stringify([is.clusters, is.attributes]);

function placeChange(before: readonly Entry[], after: readonly Entry[]): PlaceChange {
  const old = new Map(before.map(entry => [entry.path, entry]));
  const now = new Map(after.map(entry => [entry.path, entry]));
  const families = familiesOf(after);
  const changed = new Set<string>();
  for (const entry of after) {
    if (!isChanged(old.get(entry.path), entry)) continue;
    for (const { path } of families.get(entry.ino) ?? [entry]) changed.add(path);
  }
  const folders = new Set([...changed].flatMap(ancestors));
  const changes = after.flatMap((entry): Change[] => {
    if (!changed.has(entry.path)) return folders.has(entry.path) ? [{ entry, unchanged: true }] : [];
    const first = families.get(entry.ino)?.[0];
    if (first !== undefined && first !== entry) return [{ entry, twin: first.path }];
    return [fileChange(old.get(entry.path), entry)];
  });
  const gone = before.filter(({ path, kind }) => path !== '' && now.get(path)?.kind !== kind);
  return { changes, removed: gone.map(({ path }) => path).reverse() };
}

/** Files with several names, by inode. */
function familiesOf(entries: readonly Entry[]): Map<number, Entry[]> {
  const families = new Map<number, Entry[]>();
  for (const entry of entries) {
    if (entry.kind === 'directory' || entry.links < 2) continue;
    families.set(entry.ino, [...(families.get(entry.ino) ?? []), entry]);
  }
  return families;
}

function fileChange(was: Entry | undefined, is: Entry): Change {
  if (is.kind !== 'file') return { entry: is };
  const basis = was?.kind === 'file' ? (was.clusters ?? []) : [];
  const clusters = (is.clusters ?? []).flatMap((hash, at) => (hash === (basis[at] ?? '') ? [] : [at]));
  return { entry: is, clusters, ...(was?.kind === 'file' ? { grown: true } : {}) };
}

/** Every folder above a path, the root of the file system first. */
export function ancestors(path: string): string[] {
  if (path === '') return [];
  const parts = path.split('/');
  return parts.map((_, at) => parts.slice(0, at).join('/'));
}

/** So many inodes lie in one cluster of an inode table. */
const INODES_A_CLUSTER = 64;

/** Bytes that a dirty bitmap of this change counts, in whole clusters. */
export function dirtyBytes(change: DiskChange): number {
  let clusters = 0;
  for (const { changes, removed } of Object.values(change)) {
    const real = changes.filter(({ unchanged }) => unchanged !== true);
    const data = real.reduce((sum, { clusters: dirty = [] }) => sum + dirty.length, 0);
    clusters += data + Math.ceil((real.length + removed.length) / INODES_A_CLUSTER);
  }
  return clusters * CLUSTER;
}
