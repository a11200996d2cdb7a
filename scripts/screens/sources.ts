import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What the pictures show is decided here: the screens, and how they are filmed. */
export const SOURCES = ['src/tui', 'scripts/screens'] as const;

/**
 * One line a folder, `HASH  FOLDER`, over the names and the bytes of its files. Two trees with one digest draw the same
 * screens, whenever and wherever they were checked out.
 */
export async function sourcesDigest(root: string, folders: readonly string[] = SOURCES): Promise<string> {
  const lines = await Promise.all(
    folders.map(async folder => `${await digest(join(root, folder))}  ${folder}\n`),
  );
  return lines.join('');
}

async function digest(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
  const hash = createHash('sha256');
  for (const name of names) {
    const bytes = await readFile(join(folder, name));
    hash.update(`${name}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}
