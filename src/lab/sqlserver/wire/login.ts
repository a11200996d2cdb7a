import type { Duplex } from 'node:stream';
import type { SecureContext } from 'node:tls';
import { SqlError, unsupported } from '../errors.ts';
import type { Listener, Session } from '../server/requests.ts';
import type { Incoming, Message } from './incoming.ts';
import { writeRefusal, writeWelcome } from './login-reply.ts';
import { type Login7, readLogin7 } from './login7.ts';
import type { Outgoing } from './outgoing.ts';
import { DEFAULT_PACKET, LARGEST_PACKET, PACKET, SMALLEST_PACKET } from './packets.ts';
import { type Encryption, negotiate, preloginReply, readPrelogin } from './prelogin.ts';
import { type TlsContexts, type TlsLink, tlsOver } from './tls.ts';

/** One connection on its way to a session. */
export interface LoginRoom {
  readonly listener: Listener;
  readonly encryption: Encryption;
  readonly contexts: TlsContexts | undefined;
  /** Where the client names none. */
  readonly packetSize: number;
  readonly address: string;
  readonly socket: Duplex;
  /** TDS 8: TLS is there already. */
  readonly strict: boolean;
  readonly incoming: Incoming;
  readonly outgoing: Outgoing;
}

export interface LoggedIn {
  readonly session: Session;
  /** What the session's bytes go through. */
  readonly stream: Duplex;
}

/** TLS records hold no more. */
const LARGEST_ENCRYPTED = 16_383;

/** PRELOGIN, TLS and LOGIN7; undefined where the connection is to end, with what there was to say said. */
export async function logIn(room: LoginRoom): Promise<LoggedIn | undefined> {
  const { incoming, outgoing } = room;
  let tls: TlsLink | undefined;
  let encrypted: 'nothing' | 'login' | 'all' = room.strict ? 'all' : 'nothing';
  let greeted = false;
  for (;;) {
    const arrival = await incoming.next();
    if (arrival?.kind !== 'message' || arrival.ignored) return undefined;
    if (arrival.type === PACKET.prelogin && !greeted) {
      greeted = true;
      const { encryption } = readPrelogin(arrival.payload);
      const agreed = negotiate(room.encryption, encryption, room.strict);
      outgoing.out.raw(preloginReply(room.listener.version, agreed.answer));
      outgoing.finish();
      if (agreed.refused) return undefined;
      if (agreed.encrypted === 'nothing') continue;
      if (room.contexts === undefined) return undefined;
      encrypted = agreed.encrypted;
      tls = await secure(room, room.contexts.wrapped);
    } else if (arrival.type === PACKET.login && (encrypted !== 'nothing' || room.encryption !== 'required')) {
      const stream = plainAgain(room, encrypted, tls);
      return answerLogin(room, arrival, stream, encrypted === 'all');
    } else {
      return undefined;
    }
  }
}

async function secure(room: LoginRoom, context: SecureContext): Promise<TlsLink> {
  const first = room.incoming.release();
  const tls = tlsOver(room.socket, { context, wrapped: true, first });
  room.socket.resume();
  await tls.secured;
  room.incoming.from(tls.stream);
  room.outgoing.through(tls.stream);
  return tls;
}

/** Where the login alone was encrypted, TLS ends before it is answered. */
function plainAgain(room: LoginRoom, encrypted: string, tls: TlsLink | undefined): Duplex {
  if (tls === undefined) return room.socket;
  if (encrypted === 'all') return tls.stream;
  room.incoming.release();
  tls.release();
  room.incoming.from(room.socket);
  room.outgoing.through(room.socket);
  return room.socket;
}

function answerLogin(
  room: LoginRoom,
  message: Message,
  stream: Duplex,
  encrypted: boolean,
): LoggedIn | undefined {
  const { listener, outgoing, incoming } = room;
  try {
    const login = readLogin7(message.payload);
    const session = admit(room, login, encrypted);
    const packetSize = packetSizeFor(login.packetSize || room.packetSize, encrypted);
    outgoing.spid = session.id;
    writeWelcome(outgoing.out, listener, session, login, { now: packetSize, before: DEFAULT_PACKET });
    outgoing.finish();
    // From the message after the login's on (MS-TDS 2.2.7.9).
    outgoing.packetSize = packetSize;
    incoming.limit = packetSize;
    return { session, stream };
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    outgoing.forget();
    writeRefusal(outgoing.out, error, listener.name);
    outgoing.finish();
    return undefined;
  }
}

function admit(room: LoginRoom, login: Login7, encrypted: boolean): Session {
  if (login.integrated) {
    throw new SqlError(
      18452,
      'Login failed. The login is from an untrusted domain and cannot be used with Integrated authentication.',
      { severity: 14 },
    );
  }
  if (!['', 'us_english', 'english'].includes(login.language.toLowerCase())) {
    throw unsupported(`the language ${login.language}`);
  }
  return room.listener.login({
    user: login.user,
    password: login.password,
    database: login.database,
    application: login.application,
    host: login.host,
    address: room.address,
    encrypted,
  });
}

const packetSizeFor = (asked: number, encrypted: boolean): number =>
  Math.min(Math.max(asked, SMALLEST_PACKET), encrypted ? LARGEST_ENCRYPTED : LARGEST_PACKET);
