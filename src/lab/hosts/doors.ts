import { readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { SimHost, World } from '../world/world.ts';
import { mapPath } from './mounts.ts';

/**
 * The services of a host listen in earnest: each socket that others may reach is a server that hands out the files of
 * its service, as the host has them mounted. Nobody but root may listen below port 1024, and several labs share the
 * addresses, so behind the host's address it is some free port, and the lab says which.
 */

export interface Door {
  readonly host: string;
  readonly process: string;
  /** As the host itself sees it: 80. */
  readonly port: number;
  /** Where it can be reached on this machine. */
  readonly address: string;
  readonly realPort: number;
}

export interface Doors {
  /** Opens and closes until what listens is what the host says. */
  match(host: SimHost): Promise<void>;
  close(hostId: string): Promise<void>;
  list(): Door[];
}

/** What each service serves. */
const DOCUMENTS: Readonly<Record<string, string>> = {
  nginx: '/var/www/html',
  mariadbd: '/var/lib/mysql',
  smbd: '/srv',
  master: '/var/vmail',
  dovecot: '/var/vmail',
};

interface Open extends Door {
  readonly server: Server;
}

export function createDoors(world: World): Doors {
  const open = new Map<string, Open[]>();

  const shut = async (doors: readonly Open[]): Promise<void> => {
    await Promise.all(
      doors.map(
        ({ server }) =>
          new Promise<void>(resolve => {
            server.close(() => resolve());
            server.closeAllConnections();
          }),
      ),
    );
  };

  const serve = async (host: SimHost, port: number, process: string): Promise<Open> => {
    const root = DOCUMENTS[process] ?? '/var/empty';
    const server = createServer((request, response) => {
      const wanted = new URL(request.url ?? '/', 'http://host').pathname;
      const file = mapPath(
        world.directory,
        host.mounts,
        path.posix.join(root, path.posix.normalize(decoded(wanted))),
      );
      if (wanted === '/') return response.end(`${host.hostname} ${process}\n`);
      const stat = statSync(file, { throwIfNoEntry: false });
      if (stat?.isFile() !== true) return response.writeHead(404).end();
      return response.end(readFileSync(file));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, host.address, resolve);
    });
    const { port: realPort } = server.address() as AddressInfo;
    return { host: host.id, process, port, address: host.address, realPort, server };
  };

  return {
    async match(host) {
      const isReached = host.role === 'machine' || host.role === 'standby';
      const wanted = isReached
        ? host.system.sockets.filter(([address, , process]) => address === '0.0.0.0' && process !== 'sshd')
        : [];
      const now = open.get(host.id) ?? [];
      const kept = now.filter(door => wanted.some(([, port]) => port === door.port));
      const missing = wanted.filter(([, port]) => !kept.some(door => door.port === port));
      open.set(host.id, kept);
      await shut(now.filter(door => !kept.includes(door)));
      const fresh = await Promise.all(missing.map(([, port, process]) => serve(host, port, process)));
      open.set(host.id, [...kept, ...fresh]);
    },
    async close(hostId) {
      const now = open.get(hostId) ?? [];
      open.delete(hostId);
      await shut(now);
    },
    list: () => [...open.values()].flat().map(({ server, ...door }) => door),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
