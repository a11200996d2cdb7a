import { chmod, type FileHandle, lstat, open, rename, rm } from 'node:fs/promises';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { LandfallError } from '../../foundation/errors.ts';
import { SOCKET_NAME } from './dial.ts';

/** Where the socket is born: nobody looks for it there while it is not yet closed to others. */
const UNBORN = 'engine.new.sock';

/** sun_path holds 108 bytes on Linux, the closing zero included (unix(7)). */
const LONGEST_PATH = 107;

export interface SocketPlace {
  /** Stops listening and takes the socket file away, where it is still ours. */
  leave(): Promise<void>;
}

/**
 * Lets the server listen on `engine.sock` in the directory, open to this account alone. Only the holder of the
 * evacuation's lock may call it: what a dead engine has left there is replaced. Throws `engine.not-started`.
 */
export async function listenIn(server: Server, directory: string): Promise<SocketPlace> {
  const place = join(directory, SOCKET_NAME);
  let opened: FileHandle | undefined;
  try {
    let base = directory;
    if (Buffer.byteLength(join(directory, UNBORN)) > LONGEST_PATH) {
      // Too long for a socket: the same directory through its open descriptor.
      opened = await open(directory, 'r');
      base = `/proc/self/fd/${opened.fd}`;
    }
    await rm(join(directory, UNBORN), { force: true });
    await listening(server, join(base, UNBORN));
    await chmod(join(directory, UNBORN), 0o600);
    await rename(join(directory, UNBORN), place);
    const { ino } = await lstat(place);
    return {
      async leave() {
        await closed(server);
        await opened?.close();
        const there = await lstat(place).catch(() => undefined);
        // An engine that took over has put its own there.
        if (there?.ino === ino) await rm(place, { force: true });
      },
    };
  } catch (error) {
    server.close();
    await opened?.close();
    throw new LandfallError('engine.not-started', {
      what: 'the socket of the engine cannot be made',
      why: 'without it no client could follow the evacuation or order anything',
      where: { file: place },
      evidence: [error instanceof Error ? error.message : String(error)],
      next: ['keep the evacuations on a local file system: landfall run PLAN --state DIRECTORY'],
      cause: error,
    });
  }
}

function listening(server: Server, path: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ path }, () => {
    server.off('error', reject);
    resolve();
  });
  return promise;
}

function closed(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  // An error here means that it does not listen any more, which is what is wanted.
  server.close(() => resolve());
  return promise;
}
