import { type FileHandle, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncDirectory } from './durable-file.ts';
import type { JournalEnd } from './scan.ts';
import type { Mended } from './store.ts';
import { errno, unwritable } from './troubles.ts';

const CHUNK_BYTES = 256 * 1024;

/** Cuts the torn line off, after its bytes are safe in a file beside the journal: nothing is ever lost. */
export async function mendTornEnd(journal: FileHandle, path: string, end: JournalEnd): Promise<Mended> {
  try {
    const keptAs = await keepTail(journal, dirname(path), end);
    await journal.truncate(end.goodBytes);
    await journal.sync();
    return { cutBytes: end.tornBytes, atByte: end.goodBytes, keptAs };
  } catch (error) {
    throw unwritable(path, error);
  }
}

async function keepTail(journal: FileHandle, directory: string, end: JournalEnd): Promise<string> {
  const { file, handle } = await createNext(directory);
  try {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    for (let position = end.goodBytes; ; ) {
      const { bytesRead } = await journal.read(buffer, 0, CHUNK_BYTES, position);
      if (bytesRead === 0) break;
      await handle.writeFile(buffer.subarray(0, bytesRead));
      position += bytesRead;
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  await syncDirectory(directory);
  return file;
}

/** `journal.torn-1`, `journal.torn-2` …: the first that does not exist. */
async function createNext(directory: string): Promise<{ file: string; handle: FileHandle }> {
  for (let number = 1; ; number += 1) {
    const file = join(directory, `journal.torn-${number}`);
    try {
      return { file, handle: await open(file, 'wx', 0o600) };
    } catch (error) {
      if (errno(error) !== 'EEXIST') throw error;
    }
  }
}
