import { createHash, type Hash } from 'node:crypto';
import type { Disk } from '../world/world.ts';
import { CLUSTER, type Entry, type Manifest } from './manifest.ts';

/**
 * A disk as bytes, for whoever reads ranges of it. Trees have no clusters, so everything on them has one by its name:
 * a cluster begins with a digest of all that belongs to it and is zero behind that. Source and replica that hold the
 * same look the same, byte for byte, and what changes shows in its own clusters only.
 */

/** Everything lies in the first part of a disk, so that reading all of it stays cheap. */
const AREA_BYTES = 64 * 1024 ** 2;

export type ClusterView = ReadonlyMap<number, Buffer>;

export function clusterView(manifest: Manifest, layout: Disk, capacity: number): ClusterView {
  const clusters = Math.max(2, Math.floor(Math.min(capacity, AREA_BYTES) / CLUSTER));
  const hashes = new Map<number, Hash>();
  const add = (cluster: number, text: string): void => {
    const hash = hashes.get(cluster) ?? createHash('sha512');
    hashes.set(cluster, hash);
    hash.update(`${text}\0`, 'latin1');
  };
  const at = (name: string): number =>
    1 + (createHash('sha1').update(name, 'latin1').digest().readUInt32BE(0) % (clusters - 1));
  // The first cluster is the partition table's.
  add(0, canonical(layout));
  for (const place of Object.keys(manifest.places).sort()) {
    const entries = manifest.places[place] ?? [];
    const firsts = new Map<number, string>();
    for (const entry of entries) {
      const first = entry.links > 1 ? (firsts.get(entry.ino) ?? entry.path) : entry.path;
      firsts.set(entry.ino, first);
      add(at(`${place}\0${entry.path}`), `${place}\0${described(entry, first)}`);
      for (const [number, hash] of (entry.clusters ?? []).entries())
        if (hash !== '') add(at(`${place}\0${first}\0${number}`), `${entry.path}\0${number}\0${hash}`);
    }
  }
  return new Map([...hashes].map(([cluster, hash]) => [cluster, hash.digest()]));
}

const described = (entry: Entry, first: string): string =>
  JSON.stringify([
    ...[entry.path, entry.kind, entry.mode, entry.uid, entry.gid, entry.mtime, entry.bytes, entry.links],
    ...[first, entry.target ?? null, entry.attributes ?? []],
  ]);

/** The same words for the same disk, wherever its trees are. */
function canonical(disk: Disk): string {
  return JSON.stringify(disk, (key, value: unknown) => {
    if (key === 'directory' || key === 'bytes') return undefined;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** Clusters that are not the same at both instants, in order. */
export function differing(before: ClusterView, after: ClusterView): number[] {
  const all = new Set([...before.keys(), ...after.keys()]);
  return [...all]
    .filter(cluster => {
      const [a, b] = [before.get(cluster), after.get(cluster)];
      return a === undefined || b === undefined || !a.equals(b);
    })
    .sort((a, b) => a - b);
}

export interface Extent {
  readonly start: number;
  readonly length: number;
  /** Whether it is one of the clusters that were asked for. */
  readonly marked: boolean;
}

/** The bytes from `from` to `to`, cut where clusters begin or end to be marked. */
export function extentsOf(marked: Iterable<number>, from: number, to: number): Extent[] {
  const extents: Extent[] = [];
  let done = from;
  const push = (until: number, isMarked: boolean): void => {
    if (until <= done) return;
    const last = extents.at(-1);
    if (last?.marked === isMarked) extents[extents.length - 1] = { ...last, length: until - last.start };
    else extents.push({ start: done, length: until - done, marked: isMarked });
    done = until;
  };
  for (const cluster of [...marked].sort((a, b) => a - b)) {
    const start = cluster * CLUSTER;
    if (start + CLUSTER <= from || start >= to) continue;
    push(Math.max(start, from), false);
    push(Math.min(start + CLUSTER, to), true);
  }
  push(to, false);
  return extents;
}
