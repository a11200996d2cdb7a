import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Listener, Session } from '../server/requests.ts';
import { converse } from './conversation.ts';
import { createIncoming } from './incoming.ts';
import { logIn } from './login.ts';
import { createOutgoing } from './outgoing.ts';
import { PACKET } from './packets.ts';
import type { Encryption } from './prelogin.ts';
import { ALPN, type TlsContexts, tlsOver } from './tls.ts';

export interface ConnectionRoom {
  readonly listener: Listener;
  readonly encryption: Encryption;
  /** undefined: this server has no certificate and speaks no TLS. */
  readonly contexts: TlsContexts | undefined;
  readonly packetSize: number;
  readonly loginTimeout: number;
  readonly log: (line: string) => void;
}

/** First byte of a TLS handshake: a client that speaks TDS 8. */
const HANDSHAKE = 0x16;
/** A client that does not close its side after ours is closed by force, in milliseconds. */
const LINGER = 2_000;

/** One connection from its first byte to its last; resolves when its session has ended. */
export async function serveConnection(socket: Socket, room: ConnectionRoom): Promise<void> {
  const impatience = setTimeout(() => socket.destroy(), room.loginTimeout);
  impatience.unref();
  let session: Session | undefined;
  let stream: Duplex = socket;
  const incoming = createIncoming();
  try {
    const opened = await openStream(socket, room);
    if (opened === undefined) return;
    stream = opened.stream;
    const outgoing = createOutgoing(stream);
    incoming.from(stream, opened.first);
    const login = await logIn({
      ...room,
      address: (socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
      socket: stream,
      strict: opened.strict,
      incoming,
      outgoing,
    });
    clearTimeout(impatience);
    if (login === undefined) return;
    session = login.session;
    stream = login.stream;
    await converse({ session, stream, incoming, outgoing, server: room.listener.name, log: room.log });
  } catch (error) {
    room.log(error instanceof Error ? error.message : String(error));
  } finally {
    clearTimeout(impatience);
    incoming.end();
    session?.end();
    await partFrom(socket, stream);
  }
}

interface Opened {
  readonly stream: Duplex;
  readonly first: Buffer;
  readonly strict: boolean;
}

/** Told by the first byte: TLS for TDS 8, or a packet. undefined where this server takes the one but not the other. */
async function openStream(socket: Socket, room: ConnectionRoom): Promise<Opened | undefined> {
  const first = await firstBytes(socket);
  if (first === undefined) return undefined;
  const type = first[0];
  if (type === PACKET.prelogin || type === PACKET.login) {
    return room.encryption === 'strict-only' ? undefined : { stream: socket, first, strict: false };
  }
  if (type !== HANDSHAKE) return undefined;
  if (room.contexts === undefined) return undefined;
  const tls = tlsOver(socket, { context: room.contexts.strict, wrapped: false, first });
  socket.resume();
  await tls.secured;
  if (tls.stream.alpnProtocol !== ALPN) return undefined;
  return { stream: tls.stream, first: Buffer.alloc(0), strict: true };
}

function firstBytes(socket: Socket): Promise<Buffer | undefined> {
  return new Promise(resolve => {
    const settle = (bytes: Buffer | undefined): void => {
      socket.off('data', arrived);
      socket.off('close', closed);
      socket.pause();
      resolve(bytes);
    };
    const arrived = (bytes: Buffer): void => settle(bytes);
    const closed = (): void => settle(undefined);
    socket.on('data', arrived);
    socket.on('close', closed);
  });
}

/** Sends what is still to be sent and closes; what the client sends meanwhile is read, or it would lose our last words. */
async function partFrom(socket: Socket, stream: Duplex): Promise<void> {
  if (socket.destroyed) return;
  const force = setTimeout(() => socket.destroy(), LINGER);
  force.unref();
  await new Promise<void>(resolve => {
    socket.once('close', () => resolve());
    stream.on('data', () => undefined);
    stream.resume();
    stream.end();
  });
  clearTimeout(force);
}
