import { lstatSync, readdirSync } from 'node:fs';
import path from 'node:path';

export interface DiskUsage {
  readonly bytes: number;
  readonly inodes: number;
}

/** Allocated bytes and inodes below a directory; hard links count once, what vanishes meanwhile not at all. */
export function diskUsage(directory: string): DiskUsage {
  const seen = new Set<number>();
  let bytes = 0;
  const visit = (place: Buffer): void => {
    let entry: ReturnType<typeof lstatSync>;
    try {
      entry = lstatSync(place);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
      throw error;
    }
    if (entry === undefined || seen.has(entry.ino)) return;
    seen.add(entry.ino);
    bytes += entry.blocks * 512;
    if (!entry.isDirectory()) return;
    for (const name of list(place)) visit(Buffer.concat([place, Buffer.from(path.sep), name]));
  };
  visit(Buffer.from(directory));
  return { bytes, inodes: seen.size };
}

function list(directory: Buffer): Buffer[] {
  try {
    return readdirSync(directory, { encoding: 'buffer' });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
