import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { locate } from '../hosts/real-tools.ts';
import { fileSystemsOn } from '../world/block-devices.ts';
import type { Disk } from '../world/world.ts';

/**
 * What a disk held at one instant. A disk of the lab is the trees of its file systems, so an instant is taken in one
 * synchronous call: nothing of this process writes meanwhile. Names are latin1, because they may be any bytes.
 */

/** As the clusters of a qcow2: what changes in one of them makes all of it dirty. */
export const CLUSTER = 65_536;

export type EntryKind = 'directory' | 'file' | 'link' | 'fifo';

export interface Entry {
  /** Below the root of its file system; empty for the root itself. */
  readonly path: string;
  readonly kind: EntryKind;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Nanoseconds since the epoch, in decimal. */
  readonly mtime: string;
  readonly ctime: string;
  readonly ino: number;
  readonly links: number;
  readonly bytes: number;
  /** Of a symbolic link. */
  readonly target?: string;
  /** Of a file: one hash a cluster; empty where the cluster holds zeros only. */
  readonly clusters?: readonly string[];
  /** Name and value (base64). */
  readonly attributes?: readonly (readonly [name: string, value: string])[];
  /** It may have been written again within the same tick of the kernel's clock. */
  readonly racy?: boolean;
}

export interface Manifest {
  /** By the place of the file system on the disk, as `fileSystemsOn` names it. */
  readonly places: Readonly<Record<string, readonly Entry[]>>;
}

/** The kernel's time of files moves in ticks: a file that was touched so shortly before may change and keep its times. */
const TICK_NS = 50_000_000n;

const isSame = (a: Entry, b: Omit<Entry, 'clusters'>): boolean =>
  a.racy !== true && a.ino === b.ino && a.ctime === b.ctime && a.mtime === b.mtime && a.bytes === b.bytes;

/** Reads the trees of a disk; what `before` knows already and has not changed since is not read again. */
export function takeManifest(disk: Disk, nowMs: number, before?: Manifest): Manifest {
  const now = BigInt(Math.floor(nowMs)) * 1_000_000n;
  const places: Record<string, readonly Entry[]> = {};
  for (const { place, fs } of fileSystemsOn(disk)) {
    if (fs.directory === null) continue;
    const known = new Map((before?.places[place] ?? []).map(entry => [entry.path, entry]));
    places[place] = readTree(fs.directory, now, known);
  }
  return { places };
}

function readTree(root: string, now: bigint, known: ReadonlyMap<string, Entry>): Entry[] {
  const entries: Entry[] = [];
  const attributes = attributesBelow(root);
  const visit = (place: Buffer, path: string): void => {
    const entry = readEntry(place, path, now, known.get(path), attributes.get(path));
    if (entry === undefined) return;
    entries.push(entry);
    if (entry.kind !== 'directory') return;
    for (const name of readdirSync(place, { encoding: 'buffer' }).sort(Buffer.compare)) {
      const inner = name.toString('latin1');
      visit(Buffer.concat([place, Buffer.from('/'), name]), path === '' ? inner : `${path}/${inner}`);
    }
  };
  visit(Buffer.from(root), '');
  return entries;
}

function readEntry(
  place: Buffer,
  path: string,
  now: bigint,
  known: Entry | undefined,
  attributes: Entry['attributes'],
): Entry | undefined {
  const stat = lstatSync(place, { bigint: true });
  const kind: EntryKind | undefined = stat.isDirectory()
    ? 'directory'
    : stat.isFile()
      ? 'file'
      : stat.isSymbolicLink()
        ? 'link'
        : stat.isFIFO()
          ? 'fifo'
          : undefined;
  if (kind === undefined) return undefined;
  const plain = {
    ...{ path, kind, mode: Number(stat.mode & 0o7777n), uid: Number(stat.uid), gid: Number(stat.gid) },
    ...{ mtime: String(stat.mtimeNs), ctime: String(stat.ctimeNs), ino: Number(stat.ino) },
    ...{
      links: kind === 'directory' ? 1 : Number(stat.nlink),
      bytes: kind === 'file' ? Number(stat.size) : 0,
    },
    ...(attributes === undefined ? {} : { attributes }),
    ...(now - stat.ctimeNs < TICK_NS ? { racy: true } : {}),
  };
  if (kind === 'link') return { ...plain, target: readlinkSync(place, { encoding: 'latin1' }) };
  if (kind !== 'file') return plain;
  const clusters =
    known?.clusters !== undefined && isSame(known, plain) ? known.clusters : hashes(readFileSync(place));
  return { ...plain, clusters };
}

const isZero = (bytes: Buffer): boolean => bytes.every(byte => byte === 0);

export const clusterCount = (bytes: number): number => Math.ceil(bytes / CLUSTER);

function hashes(content: Buffer): string[] {
  return Array.from({ length: clusterCount(content.length) }, (_, at) => {
    const piece = content.subarray(at * CLUSTER, (at + 1) * CLUSTER);
    return isZero(piece) ? '' : createHash('sha1').update(piece).digest('base64');
  });
}

/** Extended attributes of a tree; none where getfattr is not installed, because nothing could have set any then. */
function attributesBelow(root: string): Map<string, (readonly [string, string])[]> {
  const found = new Map<string, (readonly [string, string])[]>();
  const getfattr = locate('getfattr');
  if (getfattr === undefined) return found;
  const { stdout } = spawnSync(getfattr, ['-R', '-P', '-h', '-d', '-m', '-', '-e', 'base64', '.'], {
    cwd: root,
    maxBuffer: 1 << 28,
  });
  let path = '';
  for (const line of stdout.toString('latin1').split('\n')) {
    const file = /^# file: (.*)$/.exec(line)?.[1];
    if (file !== undefined) path = unescaped(file).replace(/^\.\/?/, '');
    const [, name, value] = /^([^#=]+)=0s(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined)
      found.set(path, [...(found.get(path) ?? []), [unescaped(name), value]]);
  }
  return found;
}

/** getfattr writes what would break its lines as three octal digits. */
const unescaped = (text: string): string =>
  text.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
