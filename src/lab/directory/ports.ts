import { createServer } from 'node:net';
import { LandfallError } from '../../foundation/errors.ts';

/** One port for all SSH servers of a lab: they have addresses of their own, as hosts do. */

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
async function findPort(addresses: readonly string[], random: () => number): Promise<number | undefined> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = 20_000 + Math.floor(random() * 12_000);
    if (await portIsFree(addresses, port)) return port;
  }
  return undefined;
}

/**
 * The port that the lab had before, because plans and known hosts name it; 0 finds one. A port that is taken is a
 * `lab.unavailable`.
 */
export async function choosePort(
  before: number,
  addresses: readonly string[],
  random: () => number,
): Promise<number> {
  if (before !== 0 && (await portIsFree(addresses, before))) return before;
  const found = before === 0 ? await findPort(addresses, random) : undefined;
  if (found !== undefined) return found;
  throw new LandfallError('lab.unavailable', {
    what:
      before === 0
        ? 'no free port was found on the loopback addresses 127.77.x.y'
        : `port ${before} of the lab is taken by another program`,
    next: ['end the other lab, or use another directory', 'look with: ss -ltnp'],
  });
}
