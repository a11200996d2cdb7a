import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  fchmodSync,
  ftruncateSync,
  futimesSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  symlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { locate } from '../hosts/real-tools.ts';
import type { Seeded } from '../world/random.ts';

/**
 * Writes a tree below one directory. Names may be bytes. Everything random comes from the seeded source, so the same
 * seed gives the same tree, with the same contents and times.
 */

export type Name = string | Buffer;

export interface FileOptions {
  readonly mode?: number;
  /** Owner and group; only root can give files away, so others keep theirs. */
  readonly owner?: number;
}

export interface TreeBuilder {
  dir(path: Name, options?: FileOptions): void;
  /** A file with this content, or with so many bytes of seeded noise. */
  file(path: Name, content: string | Buffer | number, options?: FileOptions): void;
  /** Holes with a few written islands; offsets and lengths in bytes. */
  sparse(path: Name, size: number, islands: readonly (readonly [at: number, length: number])[]): void;
  symlink(path: Name, target: Name): void;
  hardlink(path: Name, existing: Name): void;
  fifo(path: string): void;
  /** User attributes, written at the end where the file system and setfattr allow it. */
  xattr(path: string, name: string, value: string): void;
  /** Sets directory times; says how many extended attributes could not be set. */
  finish(): { readonly xattrsSkipped: number };
  readonly random: Seeded;
}

/** Seeded noise to cut contents from: making every byte anew would take longer than writing it. */
const POOL_BYTES = 4 * 1024 * 1024;
const TWO_YEARS = 2 * 365 * 86_400;
/** Times lie in the two years before this instant, so that trees do not depend on the day they are made. */
const EPOCH = Date.UTC(2026, 9, 1) / 1000;

export function createTreeBuilder(root: string, random: Seeded): TreeBuilder {
  const isRoot = process.getuid?.() === 0;
  const pool = random.fill(Buffer.allocUnsafe(POOL_BYTES));
  const directories: { path: Buffer; time: number }[] = [];
  const fifos: { path: string; time: number }[] = [];
  const xattrs: { path: string; name: string; value: string }[] = [];
  const base = Buffer.from(`${root}/`);
  const at = (path: Name): Buffer => Buffer.concat([base, Buffer.isBuffer(path) ? path : Buffer.from(path)]);
  const time = (): number => EPOCH - random.next() * TWO_YEARS;

  const noise = function* (bytes: number): Generator<Buffer> {
    let left = bytes;
    while (left > 0) {
      const from = random.below(POOL_BYTES - 4096);
      const length = Math.min(left, POOL_BYTES - from, 1024 * 1024);
      yield pool.subarray(from, from + length);
      left -= length;
    }
  };

  const write = (path: Name, mode: number, owner: number | undefined, fill: (fd: number) => void): void => {
    const full = at(path);
    const when = time();
    const fd = openSync(full, 'wx', 0o600);
    fill(fd);
    if (isRoot && owner !== undefined) chownSync(full, owner, owner);
    fchmodSync(fd, mode);
    futimesSync(fd, when, when);
    closeSync(fd);
  };

  mkdirSync(root, { recursive: true, mode: 0o755 });
  return {
    random,
    dir(path, { mode = 0o755, owner } = {}) {
      const full = at(path);
      mkdirSync(full, { recursive: true });
      chmodSync(full, mode);
      if (isRoot && owner !== undefined) chownSync(full, owner, owner);
      directories.push({ path: full, time: time() });
    },
    file(path, content, { mode = 0o644, owner } = {}) {
      write(path, mode, owner, fd => {
        if (typeof content === 'number') for (const chunk of noise(content)) writeSync(fd, chunk);
        else writeSync(fd, Buffer.isBuffer(content) ? content : Buffer.from(content));
      });
    },
    sparse(path, size, islands) {
      write(path, 0o600, undefined, fd => {
        ftruncateSync(fd, size);
        for (const [offset, length] of islands) {
          let position = offset;
          for (const chunk of noise(length)) position += writeSync(fd, chunk, 0, chunk.length, position);
        }
      });
    },
    symlink(path, target) {
      const full = at(path);
      symlinkSync(target, full);
      const when = time();
      lutimesSync(full, when, when);
    },
    hardlink(path, existing) {
      linkSync(at(existing), at(path));
    },
    fifo(path) {
      fifos.push({ path: at(path).toString(), time: time() });
    },
    xattr(path, name, value) {
      xattrs.push({ path: at(path).toString(), name, value });
    },
    finish() {
      const mkfifo = locate('mkfifo');
      if (fifos.length > 0 && mkfifo !== undefined) {
        spawnSync(mkfifo, ['-m', '600', '--', ...fifos.map(({ path }) => path)]);
        for (const { path, time: when } of fifos) utimesSync(path, when, when);
      }
      let xattrsSkipped = 0;
      const setfattr = locate('setfattr');
      for (const { path, name, value } of xattrs) {
        const done =
          setfattr !== undefined && spawnSync(setfattr, ['-n', name, '-v', value, '--', path]).status === 0;
        if (!done) xattrsSkipped += 1;
      }
      for (const { path, time: when } of directories.reverse()) utimesSync(path, when, when);
      return { xattrsSkipped };
    },
  };
}
