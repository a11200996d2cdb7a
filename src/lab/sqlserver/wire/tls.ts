import { constants } from 'node:crypto';
import { Duplex } from 'node:stream';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import type { Certificate } from './certificate.ts';
import { DEFAULT_PACKET, HEADER, PACKET, toPackets } from './packets.ts';

/** TLS on a connection, wrapped in PRELOGIN packets while its handshake lasts, or bare as TDS 8 wants it. */
export interface TlsLink {
  readonly stream: TLSSocket;
  /** Rejects when the handshake fails. */
  readonly secured: Promise<void>;
  /** Ends TLS and leaves the connection: a login that alone is encrypted. */
  release(): void;
}

export interface TlsOptions {
  readonly context: SecureContext;
  readonly wrapped: boolean;
  /** Bytes that were read from the connection already. */
  readonly first: Buffer;
}

/** TDS 8 is told from other TLS by this protocol name. */
export const ALPN = 'tds/8.0';

/** For both forms of TLS. */
export interface TlsContexts {
  readonly wrapped: SecureContext;
  readonly strict: SecureContext;
}

export function createContexts(certificate: Certificate): TlsContexts {
  // A ticket used again, or TLS 1.3, would end the handshake with a message of the client's that then has no reply.
  const secureOptions = constants.SSL_OP_NO_TICKET;
  return {
    wrapped: createSecureContext({ ...certificate, secureOptions, maxVersion: 'TLSv1.2' }),
    strict: createSecureContext({ ...certificate }),
  };
}

const isTlsRecord = (byte: number): boolean => byte >= 0x14 && byte <= 0x17;

export function tlsOver(socket: Duplex, options: TlsOptions): TlsLink {
  const carrier = createCarrier(socket, options.wrapped);
  const stream = new TLSSocket(carrier.duplex, {
    isServer: true,
    secureContext: options.context,
    ...(options.wrapped ? {} : { ALPNProtocols: [ALPN] }),
  });
  // Whoever reads the stream learns of its end; an error alone must not end the process.
  stream.on('error', () => undefined);
  const secured = new Promise<void>((resolve, reject) => {
    stream.once('secure', () => {
      // The last flight of the handshake is written within this turn.
      setImmediate(() => {
        carrier.unwrap();
        resolve();
      });
    });
    stream.once('error', reject);
    stream.once('close', () => reject(new Error('the connection ended during the TLS handshake')));
  });
  carrier.take(options.first);
  return { stream, secured, release: carrier.release };
}

interface Carrier {
  readonly duplex: Duplex;
  take(bytes: Buffer): void;
  /** From now on TLS records go out bare. */
  unwrap(): void;
  release(): void;
}

function createCarrier(socket: Duplex, wrapped: boolean): Carrier {
  let wrapsOut = wrapped;
  let wrapsIn = wrapped;
  let released = false;
  let scheduled = false;
  let flight: Buffer[] = [];
  let held: Buffer = Buffer.alloc(0);

  // Each flight of the client is one message, and is answered by exactly one.
  const flush = (): void => {
    scheduled = false;
    if (flight.length === 0) return;
    const body = Buffer.concat(flight);
    flight = [];
    if (!socket.writable) return;
    socket.write(
      toPackets(body, { type: PACKET.prelogin, packetSize: DEFAULT_PACKET, spid: 0, last: true, first: 1 }),
    );
  };

  const duplex = new Duplex({
    read: () => {
      socket.resume();
    },
    write: (chunk: Buffer, _encoding, done) => {
      if (!wrapsOut) {
        socket.write(chunk, () => done());
        return;
      }
      flight.push(chunk);
      if (!scheduled) {
        scheduled = true;
        setImmediate(flush);
      }
      done();
    },
    final: done => {
      if (!released) socket.end();
      done();
    },
    destroy: (error, done) => {
      if (!released) socket.destroy();
      done(error);
    },
  });

  const pushUp = (bytes: Buffer): void => {
    if (bytes.length > 0 && !duplex.push(bytes)) socket.pause();
  };

  const take = (bytes: Buffer): void => {
    if (!wrapsIn) {
      pushUp(bytes);
      return;
    }
    held = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
    while (held.length > 0) {
      const type = held.readUInt8(0);
      if (isTlsRecord(type)) {
        wrapsIn = false;
        pushUp(held);
        held = Buffer.alloc(0);
        return;
      }
      if (type !== PACKET.prelogin) {
        duplex.destroy(new Error(`a packet of type ${type} within the TLS handshake`));
        return;
      }
      if (held.length < HEADER) return;
      const length = held.readUInt16BE(2);
      if (length < HEADER) {
        duplex.destroy(new Error(`a packet of ${length} bytes within the TLS handshake`));
        return;
      }
      if (held.length < length) return;
      pushUp(held.subarray(HEADER, length));
      held = held.subarray(length);
    }
  };

  const ended = (): void => {
    duplex.push(null);
  };
  const closed = (): void => {
    duplex.destroy();
  };
  socket.on('data', take);
  socket.on('end', ended);
  socket.on('close', closed);

  return {
    duplex,
    take,
    unwrap() {
      flush();
      wrapsOut = false;
    },
    release() {
      released = true;
      socket.off('data', take);
      socket.off('end', ended);
      socket.off('close', closed);
    },
  };
}
