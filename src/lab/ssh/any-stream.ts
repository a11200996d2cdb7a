import type { Duplex } from 'node:stream';

/** ssh2 documents that a server takes any bidirectional stream; its types know sockets only. */
declare module 'ssh2' {
  interface Server {
    injectSocket(socket: Duplex): void;
  }
}
