import { Socket } from 'node:net';
import { NodeSSH } from 'node-ssh';
import type { Algorithms, AnyAuthMethod } from 'ssh2';
import type { LandfallError } from '../foundation/errors.ts';
import { harmless } from '../foundation/text.ts';
import type { Connection, ConnectionOptions } from './connection.ts';
import { hostKeyAlgorithms } from './host-keys.ts';
import { createHostVerifier } from './host-verifier.ts';
import { gatherIdentities } from './identities.ts';
import { lookUpKnownHost, pinnedHost } from './known-hosts.ts';
import { createLogin } from './login.ts';
import { CLOSED_EARLY, type ConnectFailure, connectError, noIdentity } from './ssh-errors.ts';
import { dial, dialThrough } from './transport.ts';

const READY_TIMEOUT_MS = 20_000;
const KEEPALIVE_MS = 10_000;
const KEEPALIVE_COUNT = 3;

export interface LinkOptions extends ConnectionOptions {
  /** The connection to the jump host in front of this one. */
  readonly via: Connection | undefined;
  readonly viaName: string | undefined;
}

/** One hop: verified, logged in, kept alive. `target.jumps` is the caller's business. */
export async function openLink(options: LinkOptions): Promise<Connection> {
  const { id, target, via } = options;
  const known =
    options.pinned === undefined
      ? await lookUpKnownHost(target, options.env)
      : pinnedHost(target, options.pinned);
  const identities = await gatherIdentities(target, options.agentSocket);
  if (identities.candidates.length === 0) throw noIdentity(id, target, identities);
  const verifier = createHostVerifier(id, target, known, options.env);
  const login = createLogin(target.user, identities);
  const timeoutMs = target.connectTimeoutMs ?? READY_TIMEOUT_MS;

  let stage: ConnectFailure['stage'] = 'socket';
  let firstBytes: Buffer | undefined;
  const failure = (error: Error): LandfallError =>
    connectError({
      id,
      target,
      via: options.viaName,
      error,
      stage: stage === 'greeting' && firstBytes?.includes('SSH-') ? 'handshake' : stage,
      firstBytes,
      timeoutMs,
      login: login.story(),
    });

  const socket =
    via === undefined
      ? dial(target)
      : await dialThrough(via.client, target, timeoutMs).catch((error: Error) =>
          Promise.reject(failure(error)),
        );
  if (via === undefined) socket.once('connect', () => (stage = 'greeting'));
  else stage = 'greeting';

  const outcome = Promise.withResolvers<void>();
  const fail = (error: Error): void => outcome.reject(verifier.refusal() ?? failure(error));
  // The outcome is awaited below; a failure before that must not count as unhandled.
  outcome.promise.catch(() => undefined);
  let cause: string | undefined;
  let alive = false;
  let closing = false;

  // node-ssh rejects at the first error and stops listening once it is ready; the client's own events tell more.
  const shell = new NodeSSH();
  shell
    .connect({
      sock: socket,
      username: target.user,
      readyTimeout: timeoutMs,
      keepaliveInterval: options.keepaliveMs ?? KEEPALIVE_MS,
      keepaliveCountMax: KEEPALIVE_COUNT,
      algorithms: { serverHostKey: asAlgorithms(hostKeyAlgorithms(known, target.hostKeyAlgorithms)) },
      hostVerifier: (key: Buffer, answer: (accepted: boolean) => void) => {
        stage = 'handshake';
        void verifier.verify(key).then(answer);
      },
      authHandler: (methodsLeft, partial, next) => {
        stage = 'login';
        // ssh2 takes `false` for "nothing left" (client.js, doNextAuth); its types leave that out.
        next(login.next(methodsLeft, partial) as AnyAuthMethod);
      },
    })
    .catch((error: Error) => {
      if (!isAgentTrouble(error)) fail(error);
    });
  const client = shell.connection;
  if (client === null) throw failure(new Error('no client was made'));

  socket.once('data', (chunk: Buffer) => (firstBytes = chunk));
  client.on('error', (error: Error) => {
    if (isAgentTrouble(error)) {
      login.note(`the agent would not sign: ${harmless(error.message)}`);
      return;
    }
    cause ??= error.message;
    if (!alive) fail(error);
    alive = false;
    socket.destroy();
  });
  client.on('ready', () => {
    alive = true;
    outcome.resolve();
  });
  client.on('end', () => {
    alive = false;
    socket.destroy();
  });
  client.on('close', () => {
    alive = false;
    if (!closing) cause ??= 'the other side closed the connection';
    fail(new Error(CLOSED_EARLY));
  });

  try {
    await outcome.promise;
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return {
    client,
    isAlive: () => alive,
    lossCause: () => cause,
    hostKey: verifier.accepted,
    close: () => {
      closing = true;
      alive = false;
      client.end();
      // ssh2 only half-closes; a peer that hangs must not keep our process alive.
      if (socket instanceof Socket) socket.destroySoon();
    },
  };
}

/** The list is drawn from what ssh2 supports; its types want a union of literals. */
const asAlgorithms = (names: string[]): NonNullable<Algorithms['serverHostKey']> =>
  names as NonNullable<Algorithms['serverHostKey']>;

const isAgentTrouble = (error: Error): boolean => 'level' in error && error.level === 'agent';
