import type { Duplex } from 'node:stream';
import type { AcceptConnection, ClientChannel, RejectConnection, TcpConnectionDetails } from 'ssh2';
import { LandfallError } from '../foundation/errors.ts';
import { harmless } from '../foundation/text.ts';
import type { Tunnels } from './host.ts';
import type { Session } from './session.ts';
import { dialThrough } from './transport.ts';

const LOOPBACK = '127.0.0.1';
const DIAL_TIMEOUT_MS = 15_000;

export function createTunnels(host: string, session: Pick<Session, 'connection'>): Tunnels {
  const refused = (what: string, error: Error): LandfallError =>
    new LandfallError('ssh.forwarding-refused', {
      what: `${what}: ${harmless(error.message)}`,
      where: { host },
      next: [
        `allow it for the user of landfall in the sshd_config of ${host}: AllowTcpForwarding yes`,
        'then run the same command again',
      ],
      cause: error,
    });

  return {
    async listen(port, onConnection) {
      const { client, isAlive } = await session.connection();
      const onTcp = (
        { destPort }: TcpConnectionDetails,
        accept: AcceptConnection<ClientChannel>,
        _reject: RejectConnection,
      ): void => {
        if (destPort === port) onConnection(accept());
      };
      await new Promise<void>((resolve, reject) => {
        client.forwardIn(LOOPBACK, port, error => {
          if (error === undefined || error === null) resolve();
          else reject(refused(`${host} does not listen on its port ${port} for us`, error));
        });
      });
      client.on('tcp connection', onTcp);
      return {
        async close() {
          client.off('tcp connection', onTcp);
          if (!isAlive()) return;
          await new Promise<void>(resolve => {
            try {
              client.unforwardIn(LOOPBACK, port, () => resolve());
            } catch {
              // The connection has gone meanwhile, and the port with it.
              resolve();
            }
            client.once('close', () => resolve());
          });
        },
      };
    },
    async dial(address, port): Promise<Duplex> {
      const { client } = await session.connection();
      try {
        return await dialThrough(client, { hostname: address, port }, DIAL_TIMEOUT_MS);
      } catch (error) {
        const cause = error instanceof Error ? error : new Error(String(error));
        throw refused(`${host} does not connect to its own port ${port} for us`, cause);
      }
    },
  };
}
