import { connect, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { onTestFinished } from 'vitest';
import { createPacketReader, toPackets } from '../../../../../src/lab/sqlserver/wire/packets.ts';
import type { WireServer } from '../../../../../src/lab/sqlserver/wire/serve.ts';
import { login7 } from '../../../../unit/lab/sqlserver/wire/login7-bytes.ts';

/** A client that can send what no driver sends. */
export interface RawClient {
  readonly socket: Socket;
  /** One message of one packet, or of as many as it needs. */
  send(type: number, payload: Buffer, status?: number): void;
  /** Whole messages of the server; undefined when the connection has ended. */
  reply(): Promise<Buffer | undefined>;
  /** Resolves when the connection has ended. */
  readonly closed: Promise<void>;
}

export function rawClient(server: WireServer): RawClient {
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => undefined);
  onTestFinished(() => {
    socket.destroy();
  });
  const reader = createPacketReader();
  const messages: Buffer[] = [];
  let parts: Buffer[] = [];
  let ended = false;
  let wake: (() => void) | undefined;
  const closed = new Promise<void>(resolve => socket.once('close', () => resolve()));
  socket.on('data', bytes => {
    for (const packet of reader.push(bytes)) {
      parts.push(packet.payload);
      if ((packet.status & 1) === 0) continue;
      messages.push(Buffer.concat(parts));
      parts = [];
    }
    wake?.();
  });
  socket.on('close', () => {
    ended = true;
    wake?.();
  });
  return {
    socket,
    closed,
    send(type, payload, status = 1) {
      const packets = toPackets(payload, { type, packetSize: 4096, spid: 0, last: true, first: 1 });
      // The status of the last packet says what becomes of the message.
      const at = payload.length === 0 ? 0 : Math.floor((payload.length - 1) / 4088) * 4096;
      packets[at + 1] = status;
      socket.write(packets);
    },
    async reply() {
      while (messages.length === 0 && !ended) {
        await new Promise<void>(resolve => {
          wake = resolve;
        });
      }
      return messages.shift();
    },
  };
}

export const PRELOGIN = (encryption: number): Buffer => Buffer.from([1, 0, 6, 0, 1, 0xff, encryption]);
export const LOGIN = login7({ host: 'raw', user: 'sa', password: 'x', database: 'master' });

/** ALL_HEADERS with this descriptor. */
export function headers(transaction = 0n): Buffer {
  const bytes = Buffer.alloc(22);
  bytes.writeUInt32LE(22, 0);
  bytes.writeUInt32LE(18, 4);
  bytes.writeUInt16LE(2, 8);
  bytes.writeBigUInt64LE(transaction, 10);
  bytes.writeUInt32LE(1, 18);
  return bytes;
}

export const batch = (text: string, transaction = 0n): Buffer =>
  Buffer.concat([headers(transaction), Buffer.from(text, 'utf16le')]);

/** Logged in without encryption. */
export async function loggedIn(server: WireServer): Promise<RawClient> {
  const client = rawClient(server);
  client.send(0x12, PRELOGIN(2));
  await client.reply();
  client.send(0x10, LOGIN);
  await client.reply();
  return client;
}

/** A TLS handshake inside PRELOGIN packets, over a client's connection; what is written to it goes out as bare records. */
export async function secured(client: RawClient): Promise<Duplex> {
  client.socket.removeAllListeners('data');
  let shaking = true;
  const reader = createPacketReader();
  const carrier = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      if (shaking) {
        client.socket.write(
          toPackets(chunk, { type: 0x12, packetSize: 4096, spid: 0, last: true, first: 1 }),
        );
      } else client.socket.write(chunk);
      done();
    },
  });
  client.socket.on('data', bytes => {
    for (const packet of reader.push(bytes)) carrier.push(packet.payload);
  });
  const tls = connectTls({ socket: carrier, rejectUnauthorized: false, maxVersion: 'TLSv1.2' });
  await new Promise(resolve => tls.once('secureConnect', resolve));
  shaking = false;
  client.socket.removeAllListeners('data');
  return tls;
}
