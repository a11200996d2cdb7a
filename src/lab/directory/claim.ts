import { createHash } from 'node:crypto';
import { connect, createServer } from 'node:net';

/**
 * One process serves a lab directory. The claim is an abstract Unix socket named after the directory: binding it is
 * atomic, and the kernel gives it back the moment its holder is gone, however it went. It is a lock only; nobody
 * answers there.
 */

/** How a lab process ends that finds the directory claimed already. */
export const CLAIMED_EXIT = 75;

export interface Claim {
  release(): Promise<void>;
}

const nameOf = (directory: string): string =>
  `\0landfall-lab-${createHash('sha256').update(directory).digest('hex').slice(0, 32)}`;

/** `directory` is a real path. Undefined where another process has the claim. */
export function claimDirectory(directory: string): Promise<Claim | undefined> {
  const holder = createServer(socket => socket.destroy());
  return new Promise((resolve, reject) => {
    holder.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    holder.listen(nameOf(directory), () => {
      holder.unref();
      resolve({ release: () => new Promise(done => holder.close(() => done())) });
    });
  });
}

/** Whether some process has the claim now. */
export function isClaimed(directory: string): Promise<boolean> {
  const probe = connect(nameOf(directory));
  return new Promise(resolve => {
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
}
