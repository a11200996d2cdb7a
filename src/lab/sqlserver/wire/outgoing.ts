import type { Duplex } from 'node:stream';
import { BytesOut } from './bytes-out.ts';
import { DEFAULT_PACKET, HEADER, PACKET, toPackets } from './packets.ts';

/** What a connection sends: the tokens of one message, cut into packets as they fill. */
export interface Outgoing {
  readonly out: BytesOut;
  /** The session's id, in every header. */
  spid: number;
  /** From the next message on. */
  packetSize: number;
  /** Sends the packets that are full. */
  spill(): void;
  /** Sends what there is although the packet is not full: an INFO that is to be seen at once. */
  push(): void;
  /** Sends the rest with EOM. */
  finish(): void;
  /** Forgets what was not sent yet. */
  forget(): void;
  /** Resolves when the peer has taken enough of what was sent; at once where it keeps up, is gone or `signal` aborts. */
  taken(signal: AbortSignal): Promise<void>;
  /** What is sent from now on goes this way: TLS begins or ends. */
  through(stream: Duplex): void;
}

export function createOutgoing(first: Duplex): Outgoing {
  const out = new BytesOut();
  let stream = first;
  let packetId = 1;
  let blocked = false;

  const send = (bytes: number, last: boolean): void => {
    const body = out.written().subarray(0, bytes);
    const packets = toPackets(body, {
      type: PACKET.reply,
      packetSize: outgoing.packetSize,
      spid: outgoing.spid,
      last,
      first: packetId,
    });
    packetId += Math.max(1, Math.ceil(bytes / (outgoing.packetSize - HEADER)));
    out.drop(bytes);
    if (last) packetId = 1;
    if (!stream.destroyed && stream.writable) blocked = !stream.write(packets);
  };

  const outgoing: Outgoing = {
    out,
    spid: 0,
    packetSize: DEFAULT_PACKET,
    spill() {
      const room = outgoing.packetSize - HEADER;
      // One byte at least stays for the packet that ends the message.
      const full = Math.floor((out.length - 1) / room);
      if (full > 0) send(full * room, false);
    },
    push() {
      if (out.length > 0) send(out.length, false);
    },
    finish: () => send(out.length, true),
    forget: () => out.clear(),
    async taken(signal) {
      if (!blocked || stream.destroyed || signal.aborted || !stream.writableNeedDrain) return;
      await new Promise<void>(resolve => {
        const settle = (): void => {
          signal.removeEventListener('abort', settle);
          stream.off('drain', settle);
          stream.off('close', settle);
          stream.off('error', settle);
          resolve();
        };
        signal.addEventListener('abort', settle);
        stream.on('drain', settle);
        stream.on('close', settle);
        stream.on('error', settle);
      });
    },
    through(next) {
      stream = next;
      blocked = false;
    },
  };
  return outgoing;
}
