import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, lstatSync, mkdirSync, readFileSync, rmdirSync, unlinkSync } from 'node:fs';
import path from 'node:path';
import { removeTreeSync } from '../../foundation/remove-tree.ts';
import { locate } from '../hosts/real-tools.ts';
import { fileSystemsOn, type Placed } from '../world/block-devices.ts';
import type { Disk, FileSystem } from '../world/world.ts';
import { clusterLength, type Image, imageReader, type StoredChange } from './image-file.ts';
import { CLUSTER } from './manifest.ts';
import { TAR_END, tarMember } from './tar.ts';

/** Writes what an image holds into the trees of a disk. */

/**
 * The disk as it is afterwards. New trees lie below `home`; what a full image brings replaces what is there, all of it
 * below `within`. It can be repeated, and goes on where another call was cut off.
 */
export async function applyImage(image: Image, disk: Disk, home: string, within = home): Promise<Disk> {
  const { layout, base, range, places } = image.body;
  const isFresh = base === null && (range === undefined || range[0] === 0);
  const before = new Map(fileSystemsOn(disk).map(({ place, fs }) => [place, fs]));
  const directoryOf = ({ place, fs }: Placed): string => {
    const there = before.get(place);
    if (there?.uuid === fs.uuid && there.directory !== null) return there.directory;
    return path.join(home, place === '' ? 'disk' : encodeURIComponent(place));
  };
  const targets = new Map(
    fileSystemsOn(layout)
      .filter(({ place }) => places[place] !== undefined)
      .map(placed => [placed.place, directoryOf(placed)]),
  );
  const reader = imageReader(image);
  try {
    for (const [place, directory] of targets) {
      const { changes, removed } = places[place] ?? { changes: [], removed: [] };
      if (isFresh) removeTreeSync(directory, within);
      mkdirSync(directory, { recursive: true });
      const root = Buffer.from(`${directory}/`);
      for (const name of removed) remove(Buffer.concat([root, Buffer.from(name, 'latin1')]));
      await extract(directory, members(directory, changes, reader.cluster));
    }
  } finally {
    reader.close();
  }
  return { ...withDirectories(layout, place => targets.get(place)), bytes: image.head.bytes };
}

function remove(place: Buffer): void {
  const stat = lstatSync(place, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (stat.isDirectory()) rmdirSync(place);
  else unlinkSync(place);
}

function* members(
  directory: string,
  changes: readonly StoredChange[],
  cluster: (change: StoredChange, cluster: number) => Buffer,
): Generator<Buffer> {
  for (const change of changes) {
    const { entry, twin, data } = change;
    const content =
      data === undefined || entry.kind !== 'file' ? Buffer.alloc(0) : contentOf(directory, change, cluster);
    yield tarMember(entry, content, twin);
  }
  yield TAR_END;
}

function contentOf(
  directory: string,
  change: StoredChange,
  cluster: (change: StoredChange, cluster: number) => Buffer,
): Buffer {
  const { entry, data = [], grown } = change;
  const content = Buffer.alloc(entry.bytes);
  const place = Buffer.concat([Buffer.from(`${directory}/`), Buffer.from(entry.path, 'latin1')]);
  if (grown === true && existsSync(place) && lstatSync(place).isFile())
    readFileSync(place).copy(content, 0, 0, entry.bytes);
  for (const [number] of data)
    cluster(change, number).copy(content, number * CLUSTER, 0, clusterLength(entry.bytes, number));
  return content;
}

async function extract(directory: string, blocks: Iterable<Buffer>): Promise<void> {
  const tar = locate('tar');
  if (tar === undefined) throw new Error('the lab needs GNU tar to apply an image');
  const child = spawn(
    tar,
    [
      ...['-x', '-f', '-', '-p', '--numeric-owner', '--delay-directory-restore'],
      ...['--xattrs', '--xattrs-include=*', '--warning=no-timestamp', '-C', directory],
    ],
    { stdio: ['pipe', 'ignore', 'pipe'], env: { LC_ALL: 'C', PATH: '' } },
  );
  let stderr = '';
  child.stderr.on('data', chunk => {
    stderr += String(chunk);
  });
  // What tar has to say comes with its exit code, a broken pipe says nothing more.
  child.stdin.on('error', () => undefined);
  const ended = once(child, 'close');
  for (const block of blocks) {
    if (!child.stdin.write(block)) await Promise.race([once(child.stdin, 'drain'), ended]);
  }
  child.stdin.end();
  const [code] = await ended;
  if (code !== 0) throw new Error(`tar ended with ${String(code)}: ${stderr.slice(-400)}`);
}

/** The same disk with trees where `place` says; without one where it says nothing. */
export function withDirectories(disk: Disk, directory: (place: string) => string | undefined): Disk {
  const fsAt = (place: string, fs: FileSystem | null): FileSystem | null => {
    if (fs === null) return null;
    const group = fs.group && {
      ...fs.group,
      volumes: fs.group.volumes.map(volume => ({
        ...volume,
        fs: fsAt(`${fs.group?.name ?? ''}/${volume.name}`, volume.fs),
      })),
    };
    return { ...fs, directory: directory(place) ?? null, ...(group === undefined ? {} : { group }) };
  };
  return {
    ...disk,
    fs: fsAt('', disk.fs),
    partitions: disk.partitions.map(partition => ({
      ...partition,
      fs: fsAt(String(partition.number), partition.fs),
    })),
  };
}
