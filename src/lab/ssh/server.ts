import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect as connectTcp, createServer, type Server as NetServer, type Socket } from 'node:net';
import path from 'node:path';
import ssh2, { type AuthContext, type Connection, type PublicKeyAuthContext } from 'ssh2';
import { homeOf } from '../hosts/mounts.ts';
import type { ToolBox } from '../tools/tool-box.ts';
import type { SimHost, World } from '../world/world.ts';
import { type AuthorizedKey, findKey } from './authorized-keys.ts';
import type { Peer } from './command.ts';
import { atADistance } from './latency.ts';
import { crossesTheLink, type Link } from './link.ts';
import { runOnChannel } from './session.ts';

/** The SSH server of one simulated host: keys only, exec and direct-tcpip only. */

export interface HostServer {
  listen(): Promise<void>;
  close(): Promise<void>;
  /** Open connections. */
  connections(): number;
  /** Cuts connections; `control` leaves the data path alone. */
  cut(which: 'control' | 'all'): number;
  /** Stops reading and writing, and leaves new connections waiting, until thawed. */
  freeze(frozen: boolean): void;
  /** Cuts every connection and takes no new one, as a firewall that answers with a reset. */
  refuse(refusing: boolean): void;
  /** New connections see this key instead of the host's own; null goes back. */
  presentKey(key: string | null): void;
}

// The fast ciphers of node:crypto only, so that the lab's line is not slower than its limit.
const CIPHERS = ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes256-ctr'] as const;

export const fingerprint = (blob: Buffer): string =>
  `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;

function authorizedKeysOf(world: World, host: SimHost): string {
  try {
    return readFileSync(path.join(homeOf(world, host), '.ssh', 'authorized_keys'), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}

/** Checks the signature where there is one; without one the client only asks whether the key would do. */
function signatureHolds(context: PublicKeyAuthContext): boolean {
  if (context.signature === undefined) return true;
  const key = ssh2.utils.parseKey(context.key.data);
  if (key instanceof Error || context.blob === undefined) return false;
  const parsed = Array.isArray(key) ? key[0] : key;
  return parsed?.verify(context.blob, context.signature, context.hashAlgo) === true;
}

export function createHostServer(world: World, host: SimHost, link: Link, tools: ToolBox): HostServer {
  const control = new Set<Socket>();
  const data = new Set<Socket>();
  const waiting = new Set<Socket>();
  let frozen = false;
  let otherKey: string | null = null;
  let refusing = false;

  const authenticate = (context: AuthContext, peer: Peer): AuthorizedKey | undefined => {
    if (context.method !== 'publickey' || context.username !== 'root') return undefined;
    const offered = { type: context.key.algo, blob: context.key.data.toString('base64') };
    const found = findKey(authorizedKeysOf(world, host), offered, peer.remoteAddress, world.clock.now());
    return found !== undefined && signatureHolds(context) ? found : undefined;
  };

  const serve = (client: Connection, peer: Peer): void => {
    let key: AuthorizedKey | undefined;
    client.on('authentication', context => {
      key = authenticate(context, peer);
      if (key === undefined) context.reject(['publickey']);
      else context.accept();
    });
    client.on('error', error =>
      world.log(`${host.id}: connection from ${peer.remoteAddress}: ${error.message}`),
    );
    client.on('session', accept => {
      const session = accept();
      session.on('exec', (acceptExec, _reject, { command }) => {
        runOnChannel({ world, host, peer, tools, client }, acceptExec(), command, key?.command);
      });
    });
    client.on('tcpip', (accept, reject, { destIP, destPort }) => {
      if (key?.forwarding !== true || !/^127\.77\.\d+\.\d+$/.test(destIP)) return reject();
      const onward = connectTcp({ host: destIP, port: destPort, localAddress: host.address });
      onward.once('error', () => reject());
      onward.once('connect', () => {
        onward.removeAllListeners('error');
        const channel = accept();
        onward.on('error', () => channel.end());
        channel.on('error', () => onward.destroy());
        channel.on('close', () => onward.destroy());
        onward.on('close', () => channel.end());
        onward.pipe(channel).pipe(onward);
      });
    });
  };

  const greet = (socket: Socket): void => {
    const server = new ssh2.Server(
      { hostKeys: [otherKey ?? host.hostKey], algorithms: { cipher: [...CIPHERS] }, ident: 'OpenSSH_9.2p1' },
      client =>
        serve(client, { remoteAddress: socket.remoteAddress ?? '', remotePort: socket.remotePort ?? 0 }),
    );
    const isFar = link.roundTripMs > 0 && crossesTheLink(host, socket.remoteAddress);
    server.injectSocket(
      isFar
        ? atADistance(
            socket,
            () => link.roundTripMs,
            () => world.clock.monotonic(),
          )
        : socket,
    );
  };

  const stall = (socket: Socket, stalled: boolean): void => {
    link.hold(socket, stalled);
    if (stalled) {
      socket.pause();
      socket.cork();
    } else {
      socket.uncork();
      socket.resume();
    }
  };

  const accept = (socket: Socket): void => {
    socket.on('error', () => socket.destroy());
    socket.setNoDelay(true);
    const crosses = crossesTheLink(host, socket.remoteAddress);
    if (refusing || (crosses && !link.admit(socket))) {
      socket.destroy();
      return;
    }
    const group = crosses ? data : control;
    group.add(socket);
    socket.on('close', () => {
      group.delete(socket);
      waiting.delete(socket);
    });
    if (frozen) {
      waiting.add(socket);
      stall(socket, true);
    } else {
      greet(socket);
    }
  };

  const listener: NetServer = createServer(accept);
  return {
    listen: () =>
      new Promise((resolve, reject) => {
        listener.once('error', reject);
        listener.listen(world.port, host.address, () => {
          listener.removeListener('error', reject);
          resolve();
        });
      }),
    close: () =>
      new Promise(resolve => {
        for (const socket of [...control, ...data]) socket.destroy();
        if (listener.listening) listener.close(() => resolve());
        else resolve();
      }),
    connections: () => control.size + data.size,
    cut(which) {
      const sockets = which === 'all' ? [...control, ...data] : [...control];
      for (const socket of sockets) socket.destroy();
      return sockets.length;
    },
    freeze(stop) {
      frozen = stop;
      for (const socket of [...control, ...data]) stall(socket, stop);
      if (stop) return;
      for (const socket of waiting) greet(socket);
      waiting.clear();
    },
    refuse(wanted) {
      refusing = wanted;
      if (wanted) for (const socket of [...control, ...data]) socket.destroy();
    },
    presentKey(key) {
      otherKey = key;
    },
  };
}
