import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { removeTreeSync } from '../../foundation/remove-tree.ts';

/** Addresses: Unix socket paths that fit, and a port that is free on every address of the lab. */

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

function bindable(address: string, port: number): Promise<boolean> {
  return new Promise(resolve => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, address, () => probe.close(() => resolve(true)));
  });
}

export async function portIsFree(addresses: readonly string[], port: number): Promise<boolean> {
  for (const address of addresses) if (!(await bindable(address, port))) return false;
  return true;
}

/** A port below the range of outgoing connections, free on all addresses; undefined where none was found. */
export async function findPort(
  addresses: readonly string[],
  random: () => number,
): Promise<number | undefined> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = 20_000 + Math.floor(random() * 12_000);
    if (await portIsFree(addresses, port)) return port;
  }
  return undefined;
}

/** Takes away what `socketPath` made outside the lab. */
export function forgetSocket(lab: string, socket: string): void {
  if (path.dirname(socket) !== lab) removeTreeSync(path.dirname(socket), tmpdir());
}
