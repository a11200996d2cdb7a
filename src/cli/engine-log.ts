import { mkdir, open, rename, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Where a detached engine writes what it would have shown: `logs/engine.log` in the evacuation's directory. */
export interface EngineLog {
  readonly path: string;
  /** For the child; closed by `release`. */
  readonly fd: number;
  /** What was written since this was opened, bounded to its last part. */
  read(): Promise<string>;
  release(): Promise<void>;
  /** Takes away the file and the empty folders around it, where no evacuation came into being. */
  forget(): Promise<void>;
}

const MOST_BYTES = 64 * 1024;
/** A longer log is set aside when an engine begins; what it says in full is in the journal. */
const TURN_BYTES = 8 * 1024 * 1024;

/** Only the one before it is kept: engines that begin every few minutes for weeks must not fill the disk. */
async function setAside(path: string): Promise<void> {
  const size = await stat(path).then(
    found => found.size,
    () => 0,
  );
  if (size > TURN_BYTES) await rename(path, `${path}.1`);
}

/**
 * The folders are made here where the evacuation does not exist yet: whoever creates it completes what it finds.
 */
export async function openEngineLog(root: string, name: string): Promise<EngineLog> {
  const home = join(root, name);
  const folder = join(home, 'logs');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'engine.log');
  await setAside(path);
  const handle = await open(path, 'a+', 0o600);
  const { size: begin } = await handle.stat();
  return {
    path,
    fd: handle.fd,
    async read() {
      const reader = await open(path, 'r');
      try {
        const { size } = await reader.stat();
        const start = Math.max(begin, size - MOST_BYTES);
        const { buffer, bytesRead } = await reader.read(
          Buffer.alloc(Math.max(0, size - start)),
          0,
          null,
          start,
        );
        return buffer.toString('utf8', 0, bytesRead);
      } finally {
        await reader.close();
      }
    },
    release: () => handle.close(),
    async forget() {
      const isEvacuation = await stat(join(home, 'plan.yaml')).then(
        () => true,
        () => false,
      );
      if (isEvacuation) return;
      await rm(path, { force: true });
      // A folder that holds something is somebody's: it stays.
      for (const each of [folder, home]) await rmdir(each).catch(() => undefined);
    },
  };
}
