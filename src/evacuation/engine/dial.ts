import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { LandfallError } from '../../foundation/errors.ts';
import { glanceAt } from '../../journal/glance.ts';
import { takeUp } from './take-up.ts';

export const SOCKET_NAME = 'engine.sock';

/** sun_path holds 108 bytes on Linux, the closing zero included (unix(7)). */
const LONGEST_PATH = 107;

/** There is no socket, or nobody listens on it: codes of connect(2). */
const NOBODY: readonly string[] = ['ENOENT', 'ECONNREFUSED'];

/**
 * Connects to the engine of an evacuation's directory. Throws `engine.absent` where none listens and
 * `engine.unreachable` where the socket cannot be used.
 */
export async function dial(directory: string, name: string): Promise<Socket> {
  const path = join(directory, SOCKET_NAME);
  try {
    return Buffer.byteLength(path) <= LONGEST_PATH ? await connected(path) : await throughProc(directory);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (NOBODY.includes(code)) throw engineAbsent(name, await isLab(directory));
    throw new LandfallError('engine.unreachable', {
      what: `the engine of ${name} cannot be reached`,
      where: { file: path },
      evidence: [error instanceof Error ? error.message : String(error)],
      next: [
        'use the account that started it: the socket is open to that account alone',
        `see what the journal says: landfall status ${name}`,
      ],
      cause: error,
    });
  }
}

/** Only for words: a journal that cannot be read is somebody else's error. */
const isLab = (directory: string): Promise<boolean> =>
  glanceAt(join(directory, 'journal.jsonl')).then(
    glance => glance?.created.lab === true,
    () => false,
  );

export function engineAbsent(name: string, lab = false): LandfallError {
  return new LandfallError('engine.absent', {
    what: `no engine runs for ${name}`,
    why: 'orders go to a running engine; without one nothing would carry them out',
    next: [`start it: ${takeUp({ name, lab })}`, `see what the journal says: landfall status ${name}`],
  });
}

/** A path that is too long for a socket is shortened through the opened directory. */
async function throughProc(directory: string): Promise<Socket> {
  const opened = await open(directory, 'r');
  try {
    return await connected(`/proc/self/fd/${opened.fd}/${SOCKET_NAME}`);
  } finally {
    await opened.close();
  }
}

async function connected(path: string): Promise<Socket> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}
