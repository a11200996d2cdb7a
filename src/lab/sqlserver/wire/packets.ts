import { protocolFault } from './faults.ts';

/** Types of messages (facts: tds-double 1). */
export const PACKET = {
  batch: 0x01,
  rpc: 0x03,
  reply: 0x04,
  attention: 0x06,
  bulk: 0x07,
  federated: 0x08,
  transaction: 0x0e,
  login: 0x10,
  sspi: 0x11,
  prelogin: 0x12,
} as const;

export const STATUS = { last: 0x01, ignore: 0x02, reset: 0x08, resetKeepingTransaction: 0x10 } as const;

export const HEADER = 8;
export const DEFAULT_PACKET = 4096;
export const SMALLEST_PACKET = 512;
export const LARGEST_PACKET = 32_767;

export interface Packet {
  readonly type: number;
  readonly status: number;
  readonly payload: Buffer;
}

export interface PacketReader {
  /**
   * The packets that are whole by now.
   * @throws SqlError 4014 for a length that no packet has
   */
  push(bytes: Buffer): readonly Packet[];
  /** Bytes of a packet that is not whole yet. */
  rest(): Buffer;
  /** The longest packet from now on. */
  limit: number;
}

/** Cuts a stream into packets wherever its chunks were cut. */
export function createPacketReader(limit: number = LARGEST_PACKET): PacketReader {
  let held: Buffer[] = [];
  let size = 0;

  const reader: PacketReader = {
    limit,
    push(bytes) {
      held.push(bytes);
      size += bytes.length;
      if (size < HEADER) return [];
      const all = whole();
      // A packet that is far from whole is not put together again for each of its chunks.
      if (all === undefined) return [];
      const packets: Packet[] = [];
      let at = 0;
      while (all.length - at >= HEADER) {
        const length = all.readUInt16BE(at + 2);
        if (length < HEADER || length > reader.limit) {
          throw protocolFault(`a packet says it has ${length} bytes`);
        }
        if (at + length > all.length) break;
        packets.push({
          type: all.readUInt8(at),
          status: all.readUInt8(at + 1),
          payload: all.subarray(at + HEADER, at + length),
        });
        at += length;
      }
      held = at < all.length ? [all.subarray(at)] : [];
      size = all.length - at;
      return packets;
    },
    rest: () => Buffer.concat(held, size),
  };

  const whole = (): Buffer | undefined => {
    const first = held[0];
    if (first !== undefined && held.length === 1) return first;
    if (
      first !== undefined &&
      first.length >= 4 &&
      size < first.readUInt16BE(2) &&
      first.readUInt16BE(2) >= HEADER
    ) {
      return undefined;
    }
    const all = Buffer.concat(held, size);
    held = [all];
    return all;
  };

  return reader;
}

/**
 * `body` cut into packets of a type, the last one with EOM when `last` says so.
 * @param packetSize bytes with the header
 */
export function toPackets(
  body: Buffer,
  options: {
    readonly type: number;
    readonly packetSize: number;
    readonly spid: number;
    readonly last: boolean;
    readonly first: number;
  },
): Buffer {
  const room = options.packetSize - HEADER;
  const count = Math.max(1, Math.ceil(body.length / room));
  const packets = Buffer.allocUnsafe(body.length + count * HEADER);
  let from = 0;
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    const length = Math.min(room, body.length - from);
    packets[at] = options.type;
    packets[at + 1] = options.last && index === count - 1 ? STATUS.last : 0;
    packets.writeUInt16BE(length + HEADER, at + 2);
    packets.writeUInt16BE(options.spid & 0xffff, at + 4);
    packets[at + 6] = (options.first + index) & 0xff;
    packets[at + 7] = 0;
    body.copy(packets, at + HEADER, from, from + length);
    from += length;
    at += HEADER + length;
  }
  return packets;
}
