import { randomUUID } from 'node:crypto';
import { link, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errno } from './troubles.ts';

/** The mode of what landfall keeps for itself. */
const PRIVATE = 0o600;

/** Makes a new, renamed or removed name in this directory survive a power failure. */
export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Replaces a file whole or not at all, durably. Own lines instead of write-file-atomic 8.0.0, which ignores short
 * writes: on a disk that runs full it renames a truncated file over the good one and reports success. `mode` is exact.
 */
export async function replaceFile(
  path: string,
  bytes: Uint8Array | string,
  mode: number = PRIVATE,
): Promise<void> {
  await withDraft(path, bytes, { mode, exact: true }, draft => rename(draft, path));
}

/** Creates a file whole and durably, its mode less the umask; false where there is one of that name already, however it came there. */
export async function createFile(
  path: string,
  bytes: Uint8Array | string,
  mode: number = PRIVATE,
): Promise<boolean> {
  try {
    await withDraft(path, bytes, { mode, exact: false }, draft => link(draft, path));
    return true;
  } catch (error) {
    if (errno(error) === 'EEXIST') return false;
    throw error;
  }
}

async function withDraft(
  path: string,
  bytes: Uint8Array | string,
  { mode, exact }: { readonly mode: number; readonly exact: boolean },
  publish: (draft: string) => Promise<void>,
): Promise<void> {
  const draft = `${path}.${randomUUID()}.new`;
  try {
    const handle = await open(draft, 'wx', mode);
    try {
      // The umask is for new files; one that takes the place of another keeps its mode.
      if (exact) await handle.chmod(mode);
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await publish(draft);
  } finally {
    await rm(draft, { force: true });
  }
  await syncDirectory(dirname(path));
}
