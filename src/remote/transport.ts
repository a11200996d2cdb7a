import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';

interface Endpoint {
  readonly hostname: string;
  readonly port: number;
}

/** A TCP socket on its way; the outcome comes as its events. Made here so that it can be ended here. */
export function dial(endpoint: Endpoint): Socket {
  const socket = new Socket();
  // Commands are small packets and answers are waited for: no Nagle.
  socket.setNoDelay(true);
  socket.connect({ host: endpoint.hostname, port: endpoint.port });
  return socket;
}

/** A stream to the endpoint through a jump host, whose own patience with a silent address would be minutes. */
export async function dialThrough(jump: Client, endpoint: Endpoint, timeoutMs: number): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      reject(Object.assign(new Error('the jump host got no answer in time'), { code: 'ETIMEDOUT' }));
    }, timeoutMs);
    try {
      jump.forwardOut('127.0.0.1', 0, endpoint.hostname, endpoint.port, (error, stream) => {
        clearTimeout(timer);
        if (error) reject(error);
        else if (late) stream.destroy();
        else resolve(stream);
      });
    } catch (error) {
      clearTimeout(timer);
      reject(error);
    }
  });
}
