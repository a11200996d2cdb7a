import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

/** A host that takes every connection and never says a word, as one whose disks have gone. */
export async function silentHost(): Promise<
  { readonly port: number; connections(): number } & AsyncDisposable
> {
  const sockets = new Set<Socket>();
  let taken = 0;
  const server = createServer(socket => {
    taken += 1;
    sockets.add(socket);
    // Who gives up on it may do so rudely.
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the silent host has no port');
  return {
    port: address.port,
    connections: () => taken,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}
