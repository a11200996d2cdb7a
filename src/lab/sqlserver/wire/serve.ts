import { createServer, type Socket } from 'node:net';
import type { Listener } from '../server/requests.ts';
import { type Certificate, makeCertificate } from './certificate.ts';
import { serveConnection } from './connection.ts';
import { DEFAULT_PACKET } from './packets.ts';
import type { Encryption } from './prelogin.ts';
import { createContexts } from './tls.ts';

export type { Certificate } from './certificate.ts';
export type { Encryption } from './prelogin.ts';

export interface WireOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly encryption: Encryption;
  /** For `encryption` other than `off`; made for `host` and localhost where none is given. */
  readonly certificate?: Certificate;
  /** Bytes of a packet where the client names none; 4096. */
  readonly packetSize?: number;
  /** Milliseconds a connection may take to log in; 60 000. */
  readonly loginTimeout?: number;
  /** What went wrong on a connection, one line at a time. */
  readonly log?: (line: string) => void;
}

export interface WireServer {
  readonly port: number;
  readonly host: string;
  /** Open connections. */
  connections(): number;
  /** Cuts every connection and frees the port; resolves when every session has ended. */
  close(): Promise<void>;
}

/** Listens as a SQL Server does: every connection drives one session of the listener. */
export async function serve(listener: Listener, options: WireOptions): Promise<WireServer> {
  const certificate =
    options.encryption === 'off'
      ? undefined
      : (options.certificate ?? (await makeCertificate([options.host, 'localhost', '127.0.0.1'])));
  const room = {
    listener,
    encryption: options.encryption,
    contexts: certificate === undefined ? undefined : createContexts(certificate),
    packetSize: options.packetSize ?? DEFAULT_PACKET,
    loginTimeout: options.loginTimeout ?? 60_000,
    log: options.log ?? (() => undefined),
  };
  const sockets = new Map<Socket, Promise<void>>();
  const server = createServer({ noDelay: true }, socket => {
    // What a broken connection means is seen by its end.
    socket.on('error', () => socket.destroy());
    const served = serveConnection(socket, room).finally(() => sockets.delete(socket));
    sockets.set(socket, served);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: options.host, port: options.port, backlog: 1024 }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    port: address.port,
    host: options.host,
    connections: () => sockets.size,
    async close() {
      const closed = new Promise<void>(resolve => server.close(() => resolve()));
      for (const socket of sockets.keys()) socket.destroy();
      await Promise.allSettled([...sockets.values()]);
      await closed;
    },
  };
}
