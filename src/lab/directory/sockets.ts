import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { removeTreeSync } from '../../foundation/remove-tree.ts';

/** Unix sockets of a lab. */

/** sun_path holds 108 bytes on Linux, with its end. */
const LONGEST_SOCKET_PATH = 100;

/** A place for a socket: in the lab where the path fits, else in a short temporary directory. Old ones are removed. */
export function socketPath(lab: string, name: string): string {
  const wanted = path.join(lab, name);
  if (Buffer.byteLength(wanted) > LONGEST_SOCKET_PATH) {
    return path.join(mkdtempSync(path.join(tmpdir(), 'landfall-')), name);
  }
  rmSync(wanted, { force: true });
  return wanted;
}

/** Takes away what `socketPath` made outside the lab. */
export function forgetSocket(lab: string, socket: string): void {
  if (path.dirname(socket) !== lab) removeTreeSync(path.dirname(socket), tmpdir());
}
